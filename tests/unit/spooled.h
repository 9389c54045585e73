/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixture of tests that write records to a spool: one for each program that includes it. */
#ifndef RAYPSS_SPOOLED_H
#define RAYPSS_SPOOLED_H

#include <stdio.h>
#include <unistd.h>

#include "results/spool.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static char path[128];
static int spool;

static inline void setup(void)
{
	tree_create(&tree);
	snprintf(path, sizeof(path), "%s/var/spool", tree.path);
	spool = spool_open(path);
	ck_assert_int_ge(spool, 0);
}

static inline void teardown(void)
{
	close(spool);
	tree_destroy(&tree);
}

static inline struct step_info step_of(
	uint32_t job, uint32_t restart, const char *step, const char *node)
{
	struct step_info f = { .in_slurm = true,
		.cluster = "c",
		.job = job,
		.restart = restart,
		.nodes = 1,
		.uid = getuid() };

	snprintf(f.step, sizeof(f.step), "%s", step);
	snprintf(f.node, sizeof(f.node), "%s", node);
	return f;
}

/* A record whose peak tells which one it is. */
static inline int write_info(const struct step_info *f, int peak)
{
	json_t *record = json_pack("{s:I,s:i,s:s,s:s,s:I,s:{s:i},s:{s:s}}", "job",
		(json_int_t)f->job, "restart", (int)f->restart, "step", f->step, "node", f->node,
		"nodes", (json_int_t)f->nodes, "peak", "footprint", peak, "end", "how",
		f->ended ? "completed" : "running");
	int rc = spool_write(spool, f, record);

	json_decref(record);
	return rc;
}

static inline void write_value(
	uint32_t job, uint32_t restart, const char *step, const char *node, int value)
{
	struct step_info f = step_of(job, restart, step, node);

	ck_assert_int_eq(write_info(&f, value), 0);
}

#endif
