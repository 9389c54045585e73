/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples of the step, and everything that gets their figures. */
#ifndef RAYPSS_DAEMON_LOOK_H
#define RAYPSS_DAEMON_LOOK_H

#include "plugin/raypssd/daemon.h"

/* Takes over the tasks that slurmstepd has put into the block. */
void daemon_look_tasks(struct daemon *d);

/* Takes a sample, and passes it on. how: accountant_look or accountant_tick. */
void daemon_look_take(struct daemon *d, int (*how)(struct accountant *, const struct look **));

/* Writes the record as of the last sample into the spool. */
int daemon_look_record(struct daemon *d);

#endif
