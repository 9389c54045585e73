/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tools/commands.h"
#include "config.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "run", cmd_run, "run a command and account its memory" },
	{ "top", cmd_top, "show the memory of running steps, or of any processes" },
	{ "report", cmd_report, "tell what a job used, by step and node" },
	{ "plot", cmd_plot, "draw the memory of a step over time" },
	{ "metrics", cmd_metrics, "print figures of this node's steps for Prometheus" },
	{ "check", cmd_check, "tell whether the accounting works on this node" },
	{ "explain", cmd_explain, "say in sentences how a job ended and who held the memory" },
	{ "advise", cmd_advise, "say what to ask for next time" },
	{ "publish", cmd_publish, "bring jobs' figures into sacct, also after their end" },
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static void usage(FILE *f)
{
	fputs("usage: raypss COMMAND [ARG...]\n\ncommands:\n", f);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-9s %s\n", commands[i].name, commands[i].what);
	fputs("\n'raypss COMMAND --help' tells more; see also raypss(1).\n", f);
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc > 1 && is_one_of(argv[1], (const char *[]){ "--help", "-h", "help", NULL })) {
		usage(stdout);
		return 0;
	}
	if (argc > 1 &&
		is_one_of(argv[1], (const char *[]){ "--version", "-V", "version", NULL })) {
		puts(PACKAGE_STRING);
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (argc > 1)
		fprintf(stderr, "raypss: unknown command \"%s\"\n", argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}
