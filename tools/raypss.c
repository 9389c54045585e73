/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/streams.h"
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

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	fprintf(stderr, "raypss: \"%s\" is not known; commands: ", name);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stderr, "%s%s", commands[i].name, i + 1 < COMMANDS ? ", " : "\n");
	return NULL;
}

static int command_help(const char *name)
{
	const struct command *c = command_find(name);
	char option[] = "--help", *argv[] = { (char *)name, option, NULL };

	return c ? c->run(2, argv) : EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return usage(stderr), EXIT_USAGE;
	if (is_one_of(argv[1], (const char *[]){ "--help", "-h", "help", NULL })) {
		if (argc > 2)
			return command_help(argv[2]);
		return usage(stdout), 0;
	}
	if (is_one_of(argv[1], (const char *[]){ "--version", "-V", "version", NULL }))
		return puts(PACKAGE_STRING), 0;
	c = command_find(argv[1]);
	return c ? c->run(argc - 1, argv + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int status;

	streams_open();
	status = run(argc, argv);
	return streams_end() ? EXIT_FAILURE : status;
}
