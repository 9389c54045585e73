/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What slurmstepd and raypssd have to say to each other at a step's end. */
#ifndef RAYPSS_STEP_FINISH_H
#define RAYPSS_STEP_FINISH_H

#include "plugin/spank/raypssd_client.h"
#include "plugin/spank/wait_budget.h"

/*
 * The last task of this node has ended: has the figures published, logs what went wrong, and prints
 * the line for people if raypssd sends one.
 */
void step_finish_publish(struct raypssd_client *c, struct wait_budget *budget);

/* The step ends, and raypss-dormant found no Ray in it: ends raypss-dormant. */
void step_finish_watch(struct raypssd_client *c);

/* All processes are dead: has the record written, by another raypssd if this one does not answer. */
void step_finish_record(struct raypssd_client *c, struct wait_budget *budget);

#endif
