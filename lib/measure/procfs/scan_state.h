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
};

/* Notes the end of a scan, whole or of shared mappings alone, and whether the budget cut it. */
void scan_state_end(struct scan_state *scan, bool whole, bool cut);

#endif
