/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts the memory of a set of processes, or of a control group: finds them, looks at them at
 * the right times and gathers what it saw in an account. Knows nothing of Slurm.
 */
#ifndef RAYPSS_ACCOUNTANT_H
#define RAYPSS_ACCOUNTANT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "account/account.h"
#include "measure/cgroup/memcg.h"
#include "measure/procfs/members.h"

/* Defaults of the options of the same names. */
#define INTERVAL_DEFAULT_NS (1000 * NS_PER_MS)
#define MIN_INTERVAL_DEFAULT_NS (50 * NS_PER_MS)
#define BUDGET_DEFAULT 0.01

struct accountant_options {
	const char *proc_root; /* "/proc" */
	uint64_t interval_ns;
	uint64_t min_interval_ns;
	double budget; /* of one core, for reading PSS */
	uint64_t limit; /* bytes, UNKNOWN = none */
	struct members_options members;
};

struct accountant;

/*
 * The account is the caller's, is initialised here and must outlive the accountant. Strings in the
 * options too. 0 or -errno.
 */
int accountant_create(
	const struct accountant_options *options, struct account *account, struct accountant **out);
void accountant_destroy(struct accountant *a);

/* Adds a task, the root of a tree of processes. 0, -ESRCH where it is gone, or -errno. */
int accountant_add_task(struct accountant *a, pid_t pid);

/*
 * From now on the step is what lives in a control group and below it, whoever the parents are. Of
 * a v2 group with memory accounting the totals are the kernel's; else only the members come from
 * it. top: memcg_open. except: a process there that is none of the step's, 0 = none. 0 or -errno,
 * then all is as before.
 */
int accountant_use_cgroup(struct accountant *a, const char *dir, const char *top, pid_t except);

/* Looks now, at the processes too. 0 or -errno. */
int accountant_look(struct accountant *a);

/* The same when a look was due: with a control group the processes are read at a lower rate. */
int accountant_tick(struct accountant *a);

/*
 * What to poll for beside the due time, and what to do when poll returned: true where the kernel
 * killed a process of the step for memory, which is worth a look. Else the next look may have come
 * nearer.
 */
enum { ACCOUNTANT_WATCHED = MEMCG_WATCHED };
void accountant_watch(const struct accountant *a, struct pollfd fds[ACCOUNTANT_WATCHED]);
bool accountant_woken(struct accountant *a, const struct pollfd fds[ACCOUNTANT_WATCHED]);

/* When the next look is due, CLOCK_MONOTONIC. */
uint64_t accountant_due_ns(const struct accountant *a);

/* Whether pid was a member at the last look. */
bool accountant_has(const struct accountant *a, pid_t pid);

/* Processes alive at the last look. */
unsigned accountant_processes(const struct accountant *a);

#endif
