/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_OPTION = 256, MAX_OPTIONS = 64 };

_Noreturn void usage_error(const char *format, ...)
{
	va_list arguments;
	char line[512];

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (char *c = line; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, line);
	exit(EXIT_USAGE);
}

static size_t unit_of(const struct option_spec *spec)
{
	return spec->unit ? spec->unit : 1;
}

static const char *allowed(const struct option_spec *spec, char *buffer, size_t size)
{
	size_t used;

	if (spec->count) {
		snprintf(buffer, size, "a whole number from %zu to %zu", spec->min, spec->max);
	} else if (spec->seconds) {
		snprintf(buffer, size, "seconds from 0 to %zu, such as 2.5", spec->max);
	} else if (spec->choice) {
		used = (size_t)snprintf(buffer, size, "one of");
		for (size_t i = 0; spec->choices[i] && used < size; i++)
			used += (size_t)snprintf(buffer + used, size - used, "%s %s", i ? "," : "",
				spec->choices[i]);
	} else {
		snprintf(buffer, size, "a text that is not empty");
	}
	return buffer;
}

static int take(const struct option_spec *spec, const char *value)
{
	char *end = NULL;

	errno = 0;
	if (spec->count) {
		unsigned long long number = strtoull(value, &end, 10);

		if (!isdigit((unsigned char)*value) || *end || errno || number < spec->min ||
			number > spec->max)
			return -1;
		*spec->count = (size_t)number * unit_of(spec);
	} else if (spec->seconds) {
		double number = strtod(value, &end);

		if (!*value || value[strspn(value, "0123456789.")] || *end ||
			number > (double)spec->max)
			return -1;
		*spec->seconds = number;
	} else if (spec->choice) {
		for (int i = 0; spec->choices[i]; i++)
			if (!strcmp(value, spec->choices[i]))
				return *spec->choice = i;
		return -1;
	} else {
		if (!*value)
			return -1;
		*spec->text = value;
	}
	return 0;
}

static void help(const char *purpose, const struct option_spec *specs)
{
	char left[64];

	printf("Usage: %s [OPTION]...\n%s\n\n", program_invocation_short_name, purpose);
	for (const struct option_spec *spec = specs; spec->name; spec++) {
		snprintf(left, sizeof(left), "--%s %s", spec->name, spec->value ? spec->value : "");
		printf("  %-22s %s", left, spec->help);
		if (spec->count && *spec->count)
			printf(" (default %zu)", *spec->count / unit_of(spec));
		if (spec->seconds && *spec->seconds > 0)
			printf(" (default %g)", *spec->seconds);
		if (spec->choice)
			printf(" (default %s)", spec->choices[*spec->choice]);
		if (spec->text && *spec->text)
			printf(" (default %s)", *spec->text);
		putchar('\n');
	}
	printf("  %-22s %s\n", "--help", "this text");
}

void options_parse(int argc, char **argv, const char *purpose, const struct option_spec *specs)
{
	const struct option_spec *spec;
	struct option longs[MAX_OPTIONS + 2] = { 0 };
	char buffer[256];
	size_t n = 0;
	int c;

	for (; specs[n].name && n < MAX_OPTIONS; n++)
		longs[n] = (struct option){ specs[n].name,
			specs[n].flag ? no_argument : required_argument, NULL,
			FIRST_OPTION + (int)n };
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (c == 'h') {
			help(purpose, specs);
			exit(EXIT_SUCCESS);
		}
		if (c == ':')
			usage_error("--%s wants a value: %s", specs[optopt - FIRST_OPTION].name,
				allowed(&specs[optopt - FIRST_OPTION], buffer, sizeof(buffer)));
		if (c == '?' && optopt >= FIRST_OPTION)
			usage_error("%s: --%s takes no value", argv[optind - 1],
				specs[optopt - FIRST_OPTION].name);
		if (c == '?' && optopt)
			usage_error("-%c: no such option; --help lists them", optopt);
		if (c == '?')
			usage_error("%s: no such option; --help lists them", argv[optind - 1]);
		spec = &specs[c - FIRST_OPTION];
		if (spec->flag)
			*spec->flag = (int)spec->max;
		else if (take(spec, optarg) < 0)
			usage_error("--%s: '%s' is not %s", spec->name, optarg,
				allowed(spec, buffer, sizeof(buffer)));
	}
	if (optind < argc)
		usage_error("%s: only options are taken; --help lists them", argv[optind]);
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void nap(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		;
}

void *anonymous(size_t bytes)
{
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(EXIT_FAILED, "mapping %zu bytes", bytes);
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

void fill(void *memory, size_t bytes)
{
	if (bytes)
		memset(memory, 0xa5, bytes);
}

void read_through(const void *memory, size_t bytes)
{
	const volatile char *byte = memory;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at < bytes; at += page)
		(void)byte[at];
}
