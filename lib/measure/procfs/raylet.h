/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of Ray on this node beyond its processes and the store's memory. */
#ifndef RAYPSS_RAYLET_H
#define RAYPSS_RAYLET_H

#include <stdint.h>

#include "measure/look.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/process_table.h"
#include "measure/procfs/raylet_log.h"
#include "measure/procfs/raylet_parse.h"

struct raylet {
	int proc_fd;
	struct process_id id; /* pid 0 = none was seen */
	struct raylet_options options;
	uint64_t read_ns; /* when the session's files were read */
	struct raylet_log log;
	struct look_ray known;
};

void raylet_init(struct raylet *r, int proc_fd);

void raylet_close(struct raylet *r);

/*
 * Reads the command line of the raylet among the processes, once, and every two seconds what Ray
 * tells in its session's directory. Of several raylets in one step the first is read, and all are
 * counted. Tells objects
 * how large the store is, so that a store on disk is known from what did not fit into it.
 */
void raylet_refresh(
	struct raylet *r, struct process_table *table, struct objects *objects, uint64_t now_ns);

#endif
