/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of the scans of one process; objects.c writes it, zeroed is "never scanned". */
#ifndef RAYPSS_SCAN_STATE_H
#define RAYPSS_SCAN_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum scan_stage {
	SCAN_AT_MAPPINGS,
	SCAN_AT_DESCRIPTORS,
};

struct scan_state {
	uint64_t at_ns; /* the look of the last scan of any kind */
	uint64_t begin_ns; /* the look in which the last whole scan began */
	uint64_t complete_ns; /* the begin_ns of the last whole scan that ended, 0 = none */
	/*
	 * The last scan was cut by the budget. A whole scan goes on at the next look: from the address
	 * among the mappings, or from the position (d_off) among the descriptors.
	 */
	bool incomplete;
	bool resumes;
	bool wanted; /* a witness of this process failed: scan soon, whatever its figures say */
	uint8_t cuts; /* in a row */
	enum scan_stage stage;
	uint64_t address;
	int64_t position;
	/*
	 * The scan was cut before memory that no earlier scan has seen, as far as figures tell: none has
	 * seen the process whole, its shared and file pages have changed since, or it has more mappings and
	 * descriptors than it had then.
	 */
	bool missing;
	bool known; /* a whole scan has ended without a last cut */
	uint32_t steps; /* mappings and descriptors in this whole scan so far, and in that one */
	uint32_t known_steps;
	uint64_t
		shared; /* shared and file pages when this whole scan began, and when that one did */
	uint64_t known_shared;
};

/* Notes that a whole scan begins in the look now_ns, at that many shared and file pages, in bytes. */
void scan_state_begin(struct scan_state *scan, uint64_t now_ns, uint64_t shared);

/*
 * Notes the end of a scan, whole or of shared mappings alone, whether the budget cut it, and the
 * shared and file pages at that time.
 */
void scan_state_end(struct scan_state *scan, bool whole, bool cut, uint64_t shared);

#endif
