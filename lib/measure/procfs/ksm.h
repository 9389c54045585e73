/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What KSM saves: pages of equal contents that the kernel has merged (MADV_MERGEABLE, or prctl) exist
 * once, but are in the RSS of each process that maps them.
 *
 * Formats: Documentation/admin-guide/mm/ksm.rst of the kernel. SYS/kernel/mm/ksm/pages_shared counts
 * the pages that exist, pages_sharing the further mappings of them. PROC/PID/ksm_merging_pages, since
 * Linux 5.19, counts the mappings of one process.
 */
#ifndef RAYPSS_KSM_H
#define RAYPSS_KSM_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/procfs/process_table.h"

struct ksm {
	int proc_fd;
	int sharing_fd; /* -1: the kernel has no KSM */
	int shared_fd;
	uint64_t page_size;
	uint64_t read_ns; /* 0 = never */
	bool merges; /* pages were merged at the last read */
	bool known; /* merged of all processes was read, or is 0 because nothing is merged */
};

/*
 * proc_fd stays the caller's. sys_root: "/sys"; NULL: KSM is not read. Without KSM in the kernel
 * nothing is known, which is no error.
 */
void ksm_open(struct ksm *k, int proc_fd, const char *sys_root);
void ksm_close(struct ksm *k);

/*
 * Sets merged of each process in the table, bytes, and known. Reads at most once a second, and one
 * file only while nothing on the node is merged. With whom a process shares its pages is not told, so
 * the node's ratio of pages_sharing applies to all processes.
 */
void ksm_read(struct ksm *k, struct process_table *table, uint64_t now_ns);

#endif
