/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared memory of a step that no process maps or has open: files on tmpfs and SysV segments. No
 * file of a process leads there, so it is looked for where it can be, and counts as the step's where
 * that is beyond doubt:
 *
 *   segments   made, or last attached, by a process of the step after the step's start
 *   mounts     all of a tmpfs that was mounted after the start and only in mount namespaces of the
 *              step's processes
 *   files      of the user, made after the start, where no other process of the user lives on the
 *              node: nobody else can have made them
 *
 * Other files of the user, and segments, that were made after the start may be the step's. What
 * waits in a socket (SCM_RIGHTS) shows nowhere.
 *
 * Users decide how much there is. An unchanged place costs a stat and a statfs in a look; a changed
 * one is walked, within the bounds of tmpfs_walk.h.
 */
#ifndef RAYPSS_UNHELD_H
#define RAYPSS_UNHELD_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "measure/look.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/process_table.h"

struct unheld;

/*
 * For the step of a user that begins now. paths: see places_init; NULL: files are not looked for.
 * proc_fd stays the caller's. NULL when out of memory.
 */
struct unheld *unheld_create(int proc_fd, uid_t uid, const char *const *paths);
void unheld_destroy(struct unheld *u);

/* Looks if that is due, after the objects were measured. */
void unheld_refresh(
	struct unheld *u, struct objects *o, struct process_table *table, uint64_t now_ns);

struct unheld_totals {
	uint64_t shared; /* the step's, and in no object */
	uint64_t
		mapped; /* all objects, and files that processes map whose mappings may not be measured */
	uint64_t unheld; /* perhaps the step's */
	uint64_t left_out; /* places that could not be seen whole */
};

struct unheld_totals unheld_totals(const struct unheld *u);

/*
 * What is there now that the step made, and no process holds: at the step's end, what it leaves.
 * Files count where they were the step's at a look, or are now.
 */
void unheld_left(struct unheld *u, struct objects *o, struct process_table *table, uint64_t now_ns,
	struct look_left *out);

#endif
