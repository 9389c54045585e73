/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes looks at the memory of a set of processes, or of a control group, and says when the next
 * look is due. Each look is a value (look.h) that the caller hands on. Knows nothing of Slurm.
 */
#ifndef RAYPSS_ACCOUNTANT_H
#define RAYPSS_ACCOUNTANT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/duty.h"
#include "measure/look.h"
#include "measure/procfs/members.h"
#include "measure/procfs/reading.h"
#include "measure/source.h"

/* The places of a Linux node. */
extern const char *const accountant_places[];

/* Defaults of the options of the same names; DUTY_DEFAULT is in duty.h. */
#define INTERVAL_DEFAULT_NS (1000 * NS_PER_MS)
#define MIN_INTERVAL_DEFAULT_NS (50 * NS_PER_MS)
#define BUDGET_DEFAULT 0.01

struct accountant_options {
	const char *proc_root; /* "/proc" */
	const char *sys_root; /* "/sys"; NULL: whether KSM merges pages is not read */
	const char *kmsg; /* "/dev/kmsg"; NULL: the kernel log is not read */
	bool kmsg_is_foreign; /* the log has process numbers of another PID namespace than proc_root */
	uint64_t interval_ns;
	uint64_t min_interval_ns;
	double budget; /* of one core, for reading PSS */
	double duty; /* of one core, for everything else that a look does; 0 = no bound */
	uint64_t limit; /* bytes, UNKNOWN = none */
	const char *const *places; /* tmpfs mounts of the node, see places.h; NULL: none */
	struct members_options members;
	/* The process that forks the tasks: until they execute a program they show its memory. 0 = none. */
	pid_t launcher;
	/* As process_table_watch; NULL: nobody watches, and no process is shunned. */
	struct reading *reading;
	const struct shunned *shunned;
};

struct accountant;

/* Strings in the options must outlive the accountant. 0 or -errno. */
int accountant_create(const struct accountant_options *options, struct accountant **out);
void accountant_destroy(struct accountant *a);

/*
 * Adds a task, the root of a tree of processes, and its number, from 0: the rows of a look tell by it
 * whose a process is. 0, -ESRCH where it is gone, or -errno.
 */
int accountant_add_task(struct accountant *a, pid_t pid, int32_t task);

/*
 * From now on every process in the control group and below it belongs to the step, and no other. A
 * v2 group with memory accounting also gives the totals. top: see memcg_open. except: a process
 * there that does not belong to the step, 0 = none. 0 or -errno, then all is as before.
 */
int accountant_use_cgroup(struct accountant *a, const char *dir, const char *top, pid_t except);

/*
 * The step's and its job's control groups as /proc/PID/cgroup names them: victims of the kernel's
 * OOM killer are recognised by them. 0 or -ENAMETOOLONG.
 */
int accountant_name_cgroup(struct accountant *a, const char *group, const char *job);

/*
 * Looks now, at the processes too. Sets *look in any case: on an error to what could be seen.
 * The look is valid until the next call that changes the accountant. 0 or -errno.
 */
int accountant_look(struct accountant *a, const struct look **look);

/* As accountant_look, when the step is over: also sets what the step leaves in memory. */
int accountant_end(struct accountant *a, const struct look **look);

/* The look that was due: with a control group the processes are read at a lower rate. */
int accountant_tick(struct accountant *a, const struct look **look);

/*
 * What to poll for beside the due time, and what to do when poll returned: true where the kernel
 * killed a process of the step for memory, which is worth accountant_look at once. Otherwise the
 * next look may have come nearer.
 */
enum { ACCOUNTANT_WATCHED = SOURCE_WATCHED };
void accountant_watch(const struct accountant *a, struct pollfd fds[ACCOUNTANT_WATCHED]);
bool accountant_woken(struct accountant *a, const struct pollfd fds[ACCOUNTANT_WATCHED]);

/* When the next look is due, CLOCK_MONOTONIC. */
uint64_t accountant_due_ns(const struct accountant *a);

/* Whether pid was a member at the last look. */
bool accountant_has(const struct accountant *a, pid_t pid);

/* Processes alive at the last look. */
unsigned accountant_processes(const struct accountant *a);

#endif
