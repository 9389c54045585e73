/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "plugin/common/step_options.h"
#include "tools/commands.h"

static const char *name_of(const struct option *options, int letter)
{
	for (; options->name; options++)
		if (options->val == letter)
			return options->name;
	return "";
}

/*
 * Whether word is --NAME=VALUE of an option without a value. getopt_long() takes a part of the name,
 * too.
 */
static bool has_value_too_much(const char *word, const struct option *options)
{
	size_t n = strcspn(word, "=");

	if (strncmp(word, "--", 2) || !word[n])
		return false;
	for (; options->name; options++)
		if (options->val == optopt && !strncmp(options->name, word + 2, n - 2))
			return options->has_arg == no_argument;
	return false;
}

static void unknown_tell(const char *command, const char *word, const struct option *options)
{
	fprintf(stderr, "raypss %s: \"%s\" is not known; allowed: ", command, word);
	for (; strcmp(options->name, "help"); options++)
		fprintf(stderr, "--%s, ", options->name);
	fputs("--help\n", stderr);
}

/* getopt_long() leaves an unknown letter in optopt, and 0 for an unknown word. */
static void wrong_tell(char *const *argv, const struct option *options)
{
	const char *word = argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	if (!optopt)
		unknown_tell(argv[0], word, options);
	else if (has_value_too_much(word, options))
		fprintf(stderr, "raypss %s: \"%s\": --%s takes no value\n", argv[0], word,
			name_of(options, optopt));
	else
		unknown_tell(argv[0], letter, options);
}

int options_next(int argc, char **argv, const char *shorts, const struct option *options)
{
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, shorts, options, NULL);
	if (c == ':')
		fprintf(stderr, "raypss %s: --%s wants a value; raypss %s --help says which\n",
			argv[0], name_of(options, optopt), argv[0]);
	else if (c == '?')
		wrong_tell(argv, options);
	else if (c != -1 && optarg && !*optarg)
		fprintf(stderr,
			"raypss %s: --%s: \"\" is not a value; raypss %s --help says which are\n",
			argv[0], name_of(options, c), argv[0]);
	else
		return c;
	return '?';
}

int option_wrong(const char *command, const char *option, const char *value, const char *allowed)
{
	fprintf(stderr, "raypss %s: %s: \"%s\" is not %s\n", command, option, value, allowed);
	return EXIT_USAGE;
}

int option_interval(
	const char *command, const char *value, uint64_t least_ns, const char *least, uint64_t *out)
{
	int rc = duration_parse_within(value, least_ns, INTERVAL_MOST_NS, out);

	if (rc)
		fprintf(stderr,
			"raypss %s: --interval: \"%s\" is %s; allowed: a number with ms, s, m or h "
			"from %s to 24h, such as 500ms\n",
			command, value, rc == -ERANGE ? "out of range" : "not a time", least);
	return rc ? EXIT_USAGE : 0;
}
