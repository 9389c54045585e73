/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages of a control group v2 as the hugetlb controller counts them, through descriptors that
 * stay open. Format: Documentation/admin-guide/cgroup-v2.rst, HugeTLB. Where the controller is not
 * enabled there are no files, and a read costs nothing.
 */
#ifndef RAYPSS_HUGETLB_H
#define RAYPSS_HUGETLB_H

#include <stdint.h>

/* arm64 has four sizes of huge pages, no architecture more. Levels as in memcg.c. */
enum { HUGETLB_SIZES = 4, HUGETLB_LEVELS = 8, HUGETLB_NAME = 64 };

struct hugetlb_size {
	char name[HUGETLB_NAME]; /* "hugetlb.2MB." */
	int current;
	int max[HUGETLB_LEVELS];
	unsigned levels_n;
};

struct hugetlb {
	struct hugetlb_size sizes[HUGETLB_SIZES];
	unsigned sizes_n;
};

/* Opens the files of the group behind the descriptor dir, which stays the caller's. */
void hugetlb_open(struct hugetlb *h, int dir);

/* Adds the limits of a group above. */
void hugetlb_level(struct hugetlb *h, int dir);

void hugetlb_close(struct hugetlb *h);

/*
 * Bytes of all sizes in use, and what is allowed of the sizes in use: the smallest limit of all
 * levels. UNKNOWN: nothing is counted; no limit, or nothing in use.
 */
void hugetlb_read(const struct hugetlb *h, uint64_t *current, uint64_t *limit);

#endif
