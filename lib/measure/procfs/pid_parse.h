/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers of /proc/PID/{stat,statm,status,smaps_rollup,smaps}: pure functions over a buffer.
 * Formats: proc(5), and Documentation/filesystems/proc.rst of the kernel.
 */
#ifndef RAYPSS_PID_PARSE_H
#define RAYPSS_PID_PARSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel's TASK_COMM_LEN is 16; room for what kernel threads show. */
#define COMM_SIZE 64

struct pid_stat {
	char comm[COMM_SIZE]; /* as it stands, not cleaned */
	char state; /* R, S, D, T .. */
	pid_t ppid;
	uint64_t threads; /* 1 for a zombie without living threads */
	uint64_t start; /* clock ticks after boot: pid + start names a process for good */
	uint64_t start_stack; /* 0 where ptrace access is refused */
	uint64_t start_brk;
};

/* 0 or -EINVAL. The name may hold any byte, also ')' and newline: it ends at the last ')'. */
int pid_stat_parse(const char *buf, size_t len, struct pid_stat *out);

struct pid_statm { /* pages */
	uint64_t size;
	uint64_t resident;
	uint64_t shared; /* RssFile + RssShmem */
};

/* 0 or -EINVAL. A zombie shows zeros. */
int pid_statm_parse(const char *buf, size_t len, struct pid_statm *out);

struct pid_status { /* bytes; absent lines (kernel threads, zombies) are 0 */
	uid_t uid; /* real */
	uint64_t rss_anon;
	uint64_t rss_file;
	uint64_t rss_shmem;
	uint64_t pte;
	uint64_t swap;
	uint64_t hwm; /* greatest RSS since the last execve */
	uint64_t threads; /* a number */
	uint64_t locked; /* VmLck: address space */
	uint64_t hugetlb; /* HugetlbPages, in none of the others; not before Linux 4.4 */
};

/* 0 or -EINVAL where not even Uid is there. */
int pid_status_parse(const char *buf, size_t len, struct pid_status *out);

/*
 * The signals that the process of a /proc/PID/status handles by functions of its own (SigCgt): bit
 * N - 1 stands for signal N. 0, or -EINVAL where the line is missing, cut off or no number.
 */
int pid_status_caught(const char *buf, size_t len, uint64_t *signals);

struct smaps { /* bytes */
	uint64_t rss;
	uint64_t pss;
	uint64_t pss_anon; /* estimated before Linux 5.4, which has no Pss_Anon */
	uint64_t anonymous; /* resident anonymous memory */
	uint64_t pss_shmem; /* 0 before Linux 5.4 */
	uint64_t uss; /* Private_Clean + Private_Dirty */
	uint64_t lazyfree; /* given back by MADV_FREE: still in rss, but not needed any more */
};

/*
 * Adds the figures of smaps_rollup, or of a piece of smaps that begins at a line and ends at
 * one, to *sum. Returns 0, or -EINVAL where a known key has no number.
 */
int smaps_add(const char *buf, size_t len, struct smaps *sum);

#endif
