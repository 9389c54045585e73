/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/check/check_step.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "results/job.h"
#include "tools/check/check.h"
#include "tools/child.h"
#include "tools/spools.h"

/* With the time that the step waits for its resources. */
#define STEP_NS (180 * NS_PER_S)

/* srun may end before the record is written. */
#define RECORD_NS (20 * NS_PER_S)

/* What programs and libraries add to the private memory of the two processes. */
#define MORE_PRIVATE (16 * MIB)
#define MORE_SHARED (4 * MIB)

enum { SRUN_ARGUMENTS = 64 };

struct step_name {
	uint32_t job;
	char step[STEP_SIZE];
	char node[NODE_SIZE];
};

/* Runs the step. 0, or -1 after a line: it did not run, or was not accounted. */
static int step_run(struct check *c, char *const *more, struct step_name *name)
{
	static char accounting[] = "--ray-pss-accounting=on,quiet", self[PATH_MAX];
	char *argv[SRUN_ARGUMENTS + 8] = { "srun", "-n1", "-N1", accounting };
	const struct child child = { .argv = argv, .timeout_ns = STEP_NS };
	char text[4096], *line, *said = NULL, *rest;
	int n = 4, status = 0, rc;
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[length > 0 ? length : 0] = '\0';
	for (; *more && n < SRUN_ARGUMENTS; more++)
		argv[n++] = *more;
	argv[n++] = self;
	argv[n++] = (char[]){ "check" };
	argv[n] = (char[]){ "--hold" };
	rc = child_run(&child, text, sizeof(text), &status);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%u %31s %255s", &name->job, name->step, name->node) == 3)
			return 0;
		/* The step's own line tells more than srun's about it. */
		if (!said || !strncmp(line, "raypss", strlen("raypss")))
			said = line;
	}
	check_say(c, CHECK_BROKEN, "step", "srun %s: %s", accounting,
		rc             ? strerror(-rc)
			: said ? said
			       : "the step said nothing");
	return -1;
}

static const struct job_node *node_find(const struct job *job, const struct step_name *name)
{
	for (size_t i = 0; i < job->n; i++)
		if (!strcmp(job->nodes[i].step, name->step) &&
			!strcmp(job->nodes[i].node, name->node) &&
			job_node_has_ended(&job->nodes[i]))
			return &job->nodes[i];
	return NULL;
}

static void record_compare(struct check *c, const struct job_node *n, const struct step_name *name)
{
	const uint64_t private = HOLD_PROCESSES * HOLD_PRIVATE;
	char shared[SIZE_TEXT], own[SIZE_TEXT], sum[SIZE_TEXT];
	bool is_right = n->shared >= HOLD_SHARED && n->shared <= HOLD_SHARED + MORE_SHARED &&
		n->private >= private && n->private <= private + MORE_PRIVATE;

	check_say(c, is_right ? CHECK_OK : CHECK_BROKEN, "step",
		"record of step %u.%s on %s: shared %s (true: 64 MiB), private %s (true: 32 MiB "
		"and the programs' own); sum of RSS %s",
		name->job, name->step, name->node, size_format(n->shared, shared),
		size_format(n->private, own), size_format(n->rss_max, sum));
}

/* Whether the record was there, and was compared. */
static bool record_check(struct check *c, const struct step_name *name)
{
	struct spools spools = { .n = 1, .paths = { c->site.spool } };
	struct job job = { .number = name->job };
	char cluster[CLUSTER_SIZE];
	const struct job_node *node = NULL;

	if (spools_find(&spools, "check", name->job, cluster) == 0 &&
		spools_read(&spools, cluster, &job) == 0)
		node = node_find(&job, name);
	if (node)
		record_compare(c, node, name);
	job_clear(&job);
	return node;
}

void check_step(struct check *c, char *const *srun_arguments)
{
	uint64_t until_ns;
	struct step_name name = { 0 };

	if (step_run(c, srun_arguments, &name))
		return;
	until_ns = monotonic_ns() + RECORD_NS;
	while (!record_check(c, &name)) {
		if (monotonic_ns() >= until_ns) {
			check_say(c, CHECK_BROKEN, "step",
				"no record of step %u.%s in \"%s\": node %s wrote none, or into a "
				"spool of its own (then run this there)",
				name.job, name.step, c->site.spool, name.node);
			return;
		}
		poll(NULL, 0, 100);
	}
}
