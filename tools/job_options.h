/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of commands that tell about one job: --json, --cluster, --spool, --help. */
#ifndef RAYPSS_JOB_OPTIONS_H
#define RAYPSS_JOB_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/spools.h"

struct job_options {
	struct spools spools;
	bool as_json;
	const char *job; /* the only argument */
};

/*
 * Reads them. program: such as "raypss explain", for messages; it is written to argv[0]. usage prints
 * the help. -1: go on; else the command's exit status.
 */
int job_options_read(
	int argc, char **argv, char *program, void (*usage)(FILE *), struct job_options *out);

#endif
