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
 * Reads them. argv[0] is the command's name; usage prints its help. -1: go on; else the exit status.
 */
int job_options_read(int argc, char **argv, void (*usage)(FILE *), struct job_options *out);

#endif
