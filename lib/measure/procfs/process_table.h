/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a step, found by pid; the table grows in powers of two and never shrinks. */
#ifndef RAYPSS_PROCESS_TABLE_H
#define RAYPSS_PROCESS_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "measure/procfs/pid_parse.h"
#include "measure/procfs/scan_state.h"

struct process {
	pid_t pid;
	pid_t ppid;
	uint64_t start; /* pid_stat.start */
	uint64_t seen_ns; /* when we first looked at it */
	uint64_t listed; /* the last round in which its control group listed it */
	int statm_fd; /* kept open: follows execve, says ESRCH once the process is gone; -1 = none */
	bool gone; /* the pid is another process's by now */
	bool unreadable; /* counted by its RSS */
	bool refused; /* maps shared objects that we have no right to stat through the mapping */
	bool unmeasured; /* of those, some that nobody's descriptor leads to either */
	struct scan_state scan;

	/* What the last look saw, bytes. */
	uint64_t size;
	uint64_t rss;
	uint64_t file_shmem; /* RssFile + RssShmem */
	uint64_t private; /* anonymous memory; of a fork-only group each page once */

	/* Read at a lower rate: status, and the RSS that it belongs to. */
	uint64_t status_ns;
	uint64_t status_rss;
	struct pid_status status;

	/* Read at a lower rate still: stat, the figures that it belongs to, and cmdline. */
	uint64_t stat_ns;
	uint64_t identity_ns;
	uint64_t identity_size;
	uint64_t identity_rss;
	uint64_t start_stack;
	uint64_t start_brk;
	char title[TITLE_SIZE]; /* cleaned */
	uint64_t title_ns; /* when that was read, 0 = it is the command's name */
	int32_t profile; /* slot of its name in the account's profiles, -1 = none */
	uint64_t profile_ns; /* the title_ns at which that was looked up */

	/* The maps scan: when, and the figures that tell that another one is due. */
	uint64_t whole_ns; /* of all that it maps and holds open */
	uint64_t maps_ns; /* of what it maps shared */
	uint64_t maps_size;
	uint64_t maps_file_shmem;

	/* The last walk of its page tables (smaps_rollup). */
	uint64_t walk_ns; /* last tried */
	uint64_t pss_ns; /* last read, 0 = never */
	uint64_t pss_sharing; /* pagewalk_sharing at that time */
	struct smaps smaps;
	/* Forked without exec from another member, or the other way: pages in common count once. */
	bool forked;
	bool fork_leader; /* the largest of its group */
	uint32_t fork_group;
	uint64_t fork_base; /* anonymous memory when its group last changed */
};

struct process_table;

/* limit: the most processes kept. NULL when out of memory. */
struct process_table *process_table_create(unsigned limit);
void process_table_destroy(struct process_table *t);

unsigned process_count(const struct process_table *t);

/* The i-th of process_count(); stays valid until the next add or remove. */
struct process *process_at(const struct process_table *t, unsigned i);

/* NULL where pid is not in the table. */
struct process *process_find(const struct process_table *t, pid_t pid);

/* A zeroed entry for a pid that is not in the table. NULL: full, or out of memory. */
struct process *process_add(struct process_table *t, pid_t pid);

/* Takes over what its stat says that it is; its title becomes its name. */
void process_identify(struct process *p, const struct pid_stat *stat, uint64_t now_ns);

/* Closes what the entry holds; the last entry takes its place. */
void process_remove(struct process_table *t, struct process *p);

#endif
