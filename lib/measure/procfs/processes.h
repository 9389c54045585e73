/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of a step as all sources measure them: the table of members with their figures,
 * the shared objects, and the walks of page tables.
 */
#ifndef RAYPSS_PROCESSES_H
#define RAYPSS_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/look.h"
#include "measure/procfs/process_table.h"
#include "measure/source.h"

struct processes;

/*
 * proc_fd stays the caller's. sys_root: of ksm_open. budget: part of a core for page walks. uid, places: of unheld_create.
 * NULL when out of memory.
 */
struct processes *processes_create(
	int proc_fd, const char *sys_root, double budget, uid_t uid, const char *const *places);
void processes_destroy(struct processes *p);

/* As process_table_watch. */
void processes_watch(struct processes *p, struct reading *reading, const struct shunned *shunned);

/* As procfs_launcher. */
void processes_launcher(struct processes *p, pid_t pid);

/* Lives as long as the processes. */
struct process_table *processes_table(const struct processes *p);

/*
 * The process is the first of a task with that number, from 0. It need not be in the table yet. 0,
 * -ESRCH where it is gone, or -errno.
 */
int processes_add_task(struct processes *p, pid_t pid, int32_t task);

/*
 * Looks at every process: reads who is still there, has the source bring the members up to date,
 * and fills the sample. 0 or the error of source->functions->members; the sample then holds what
 * could be read.
 */
int processes_look(
	struct processes *p, struct source *source, uint64_t now_ns, struct sample *sample);

/* As procfs_bound; UNKNOWN before the first look that saw a process. */
uint64_t processes_bound(const struct processes *p);

/* Whether a process has not executed its program yet; see processes_launcher. */
bool processes_wait_for_programs(const struct processes *p);

/* Whether the last look read all that it wanted to; otherwise the next one goes on. */
bool processes_seen_whole(const struct processes *p);

/* Hands the rows, with their shares of look->sample, and the shared objects to the look. */
void processes_show(struct processes *p, struct look *look);

/* What the step leaves in memory, if it ends now. Not set where all processes are shunned. */
void processes_left(struct processes *p, uint64_t now_ns, struct look_left *out);

/* Page walks so far, and their CPU time. */
uint64_t processes_walks(const struct processes *p);
uint64_t processes_walk_ns(const struct processes *p);

#endif
