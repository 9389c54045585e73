/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss check: whether the accounting works on this node, line by line. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "tools/check/check.h"
#include "tools/check/check_step.h"
#include "tools/child.h"
#include "tools/commands.h"
#include "tools/options.h"
#include "tools/slurm_ask.h"

/* The publisher ends itself sooner. */
#define PUBLISHER_NS (60 * NS_PER_S)

static void usage(FILE *f)
{
	fputs("usage: raypss check [--json] [--plugstack FILE] [--step [-- SRUN-OPTION...]]\n"
	      "\n"
	      "Says whether the accounting works on this node, line by line. As root, on each kind "
	      "of\n"
	      "node. Exit status: 0 all is well, 1 warnings, 2 broken.\n"
	      "\n"
	      "  --json            the same as JSON\n"
	      "  --plugstack FILE  instead of the plugstack.conf that Slurm reads\n"
	      "  --step            also run a step of two processes, and compare its record with\n"
	      "                    what the processes have; options for srun follow --\n",
		f);
}

static void facts_ask(struct slurm_facts *facts)
{
	char *const argv[] = { PUBLISHER_PATH, "--check", NULL };
	const struct child child = { .argv = argv, .timeout_ns = PUBLISHER_NS };
	static char text[64 * 1024];
	int status, rc = child_run(&child, text, sizeof(text), &status);

	slurm_facts_parse(text, facts);
	if (rc)
		snprintf(facts->said, sizeof(facts->said), "%s", strerror(-rc));
	else if (!*facts->said && WIFEXITED(status) && WEXITSTATUS(status))
		snprintf(facts->said, sizeof(facts->said), "%s", SLURM_LIBRARY_ENDED);
}

static int check_run(struct check *c, bool with_step, bool as_json, char *const *srun_arguments)
{
	c->as_root = geteuid() == 0;
	facts_ask(&c->slurm);
	check_plugstack(c);
	check_programs(c);
	check_slurm(c);
	check_places(c);
	check_kernel(c);
	if (with_step)
		check_step(c, srun_arguments);
	check_print(c, as_json);
	return (int)check_worst(c);
}

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "plugstack", required_argument, NULL, 'p' },
		{ "step", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "hold", no_argument, NULL, 'H' },
		{ NULL, 0, NULL, 0 },
	};
	bool with_step = false, as_json = false;
	static struct check c;
	int o;

	while ((o = options_next(argc, argv, "+:h", options)) != -1) {
		if (o == 'j')
			as_json = true;
		else if (o == 'p')
			c.plugstack = optarg;
		else if (o == 's')
			with_step = true;
		else if (o == 'H')
			return check_step_hold();
		else if (o == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return EXIT_USAGE;
	}
	if (optind < argc && !with_step) {
		fprintf(stderr, "raypss check: \"%s\" is not known; options for srun need --step\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	return check_run(&c, with_step, as_json, argv + optind);
}
