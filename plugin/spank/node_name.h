/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This node's name in Slurm. */
#ifndef RAYPSS_NODE_NAME_H
#define RAYPSS_NODE_NAME_H

#include <slurm/spank.h>

#include "results/step_info.h"

/* list_env: the variable of the job's environment with the list of its nodes. */
void node_name(spank_t sp, const char *list_env, char name[NODE_SIZE]);

/* The host's name up to the first dot. */
void node_host_name(char name[NODE_SIZE]);

#endif
