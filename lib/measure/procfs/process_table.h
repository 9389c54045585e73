/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of a step, found by pid: two parallel arrays, the rows that readers of a look see
 * and the state of the measuring code. The table grows in powers of two and never shrinks.
 */
#ifndef RAYPSS_PROCESS_TABLE_H
#define RAYPSS_PROCESS_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/look.h"
#include "measure/procfs/pid_parse.h"
#include "measure/procfs/ray_identity.h"
#include "measure/procfs/reading.h"
#include "measure/procfs/scan_state.h"

/* A process for good: pids are used again. */
struct process_id {
	pid_t pid;
	uint64_t start;
};

enum { MM_SEPARATE = 2 };

/*
 * What the measuring code remembers of a process. The figures that readers of a look see are in
 * *row, an entry of a dense array beside.
 */
struct process {
	pid_t pid;
	pid_t via; /* whose files in /proc are read: pid, or a living thread; see statm.h */
	struct look_process *row; /* valid as long as the entry itself */
	uint64_t seen_ns; /* the first look at the process */
	uint64_t listed; /* the last round in which its control group listed the process */
	int title_fd; /* of cmdline, kept open of Ray's workers, which change their title; -1 = none */
	int statm_fd; /* kept open: follows execve, reads ESRCH once the process is gone; -1 = none */
	bool ended; /* a zombie without living threads */
	bool gone; /* the pid belongs to another process by now */
	bool shunned; /* in this look: a read of its files hung some time ago, see reading.h */
	bool task_known; /* row->task is final */
	bool unreadable; /* counted by its RSS */
	bool refused; /* maps shared objects that we have no right to stat through the mapping */
	bool unmeasured; /* of the refused, some that nobody's descriptor leads to either */
	bool sealed; /* its mappings may not even be read; statm and status may */
	struct scan_state scan;
	uint64_t size; /* address space at the last look, bytes; 0 = a zombie */
	uint64_t mapped_most; /* greatest row->file_shmem since the last execve */
	/* Between fork and exec: a copy of the program that starts the step's tasks, not the step's. */
	bool copy;

	/* Read at a lower rate: status, and the RSS at that time. */
	uint64_t status_ns;
	uint64_t status_rss;
	uint64_t status_size;
	struct pid_status status;

	uint64_t locked_ns; /* when smaps told which files are locked, 0 = never */
	uint64_t locked_known; /* VmLck at that time */
	uint64_t locked_shared; /* row->file_shmem at that time */
	uint32_t in_flight; /* descriptors that wait in its sockets, as of the last whole scan */
	uint64_t huge_mapped; /* huge pages that belong to objects, as of the last scan */

	/* Read at a lower rate still: stat, the figures at that time, and cmdline. */
	uint64_t stat_ns;
	uint64_t identity_ns;
	uint64_t identity_size;
	uint64_t identity_rss;
	uint64_t start_stack;
	uint64_t start_brk;
	uint64_t title_ns; /* when cmdline was read, 0 = the title is the command's name */
	uint64_t title_sum; /* of the bytes that cmdline had then */

	/* What tells the part in a Ray cluster: see ray_identity.h. */
	enum ray_role role; /* the process's own, also where row->role is a worker's */
	enum core_log core_log; /* as the last scan of the descriptors saw it */
	enum core_log core_log_used; /* the one that role was told from */
	enum worker_log log;
	uint64_t log_ns; /* when the worker's log was read */
	bool adopted; /* row has the role and name of a worker that started the process */
	char log_name[TASK_NAME_SIZE];
	char actor[TASK_NAME_SIZE]; /* as titles have told without a log, "" = not */

	/* The maps scan: when, and the figures that tell that another scan is due. */
	uint64_t whole_ns; /* of everything that the process maps and holds open */
	uint64_t place_ns; /* the whole_ns after which its mount namespace was asked for */
	uint64_t maps_ns; /* of its shared mappings */
	uint64_t maps_size;
	uint64_t maps_hugetlb;
	uint64_t maps_file_shmem;

	/* The last walk of the page tables (smaps_rollup). */
	uint64_t walk_ns; /* last tried */
	uint64_t pss_ns; /* last read, 0 = never */
	uint64_t pss_sharing; /* pagewalk_sharing at that time */
	struct smaps smaps;
	uint64_t merged; /* what KSM saves of it, bytes; see ksm.h */
	/* At the last update of the groups another process had the same addresses of stack and heap. */
	bool related;
	/* The process that counts the address space that both share, 0 = the process itself. */
	pid_t mm_owner;
	bool mm_shared; /* had an owner at the last update */
	struct process_id mm_separate[MM_SEPARATE]; /* known to have another address space */
	unsigned mm_separate_n;
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

/*
 * From now on reads that a process can hold are noted in *reading, and left out for the processes in
 * *shunned. Both must outlive the table.
 */
void process_table_watch(
	struct process_table *t, struct reading *reading, const struct shunned *shunned);

/* Begins a look. */
void process_table_begin(struct process_table *t, uint64_t now_ns);

/* Before reads that the process can hold, see reading.h. False: shunned at this look, do not read. */
bool process_reading(const struct process_table *t, pid_t pid);

/* What is read from here on no process can hold. */
void process_reading_end(const struct process_table *t);

/* How many processes were shunned at this look. */
unsigned process_table_shunned(const struct process_table *t);

/* Whether all processes are shunned at this look. */
bool process_table_shuns_all(const struct process_table *t);

/* How often a process had no room so far. */
uint64_t process_table_left_out(const struct process_table *t);

unsigned process_count(const struct process_table *t);

/* The i-th of process_count(). The entry and its row move with the next add or remove. */
struct process *process_at(const struct process_table *t, unsigned i);

/* The rows of all, process_count() of them in the same order. */
struct look_process *process_rows(const struct process_table *t);

/* NULL where pid is not in the table. */
struct process *process_find(const struct process_table *t, pid_t pid);

/* A zeroed entry for a pid that is not in the table. NULL: full, or out of memory. */
struct process *process_add(struct process_table *t, pid_t pid);

/* Takes over the identity that /proc/PID/stat shows; the title becomes the command's name. */
void process_identify(const struct process_table *t, struct process *p, const struct pid_stat *stat,
	uint64_t now_ns);

/* Sets the title to at most len bytes of text, cleaned, and its hash. */
void process_title(const struct process_table *t, struct process *p, const char *text, size_t len);

/* Sets the process's own role, and role and name of its row unless it is adopted. */
void process_name(
	const struct process_table *t, struct process *p, const struct ray_identity *identity);

/* Closes what the entry holds; the last entry takes its place. */
void process_remove(struct process_table *t, struct process *p);

#endif
