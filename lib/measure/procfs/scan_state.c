/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/scan_state.h"

/* In a row: a process that maps as fast as we read never ends, and counts as scanned after these. */
enum { CUTS_MAX = 16 };

/* Further mappings and descriptors, and pages of a few libraries, are no reason to miss anything. */
enum { STEPS_MORE = 1024, SHARED_MORE = 64 * 1024 };

void scan_state_begin(struct scan_state *scan, uint64_t now_ns, uint64_t shared)
{
	scan->begin_ns = now_ns;
	scan->steps = 0;
	scan->shared = shared;
}

static bool is_known(const struct scan_state *scan, uint64_t shared)
{
	return scan->known && scan->steps <= scan->known_steps + STEPS_MORE &&
		shared <= scan->known_shared + SHARED_MORE;
}

void scan_state_end(struct scan_state *scan, bool whole, bool cut, uint64_t shared)
{
	if (whole && !cut) {
		scan->known = true;
		scan->known_steps = scan->steps;
		scan->known_shared = scan->shared;
	}
	scan->missing = cut && !is_known(scan, shared);
	scan->incomplete = cut;
	scan->resumes = cut && whole;
	scan->cuts = cut ? (uint8_t)(scan->cuts + 1) : 0;
	if (whole && (!cut || scan->cuts >= CUTS_MAX)) {
		scan->complete_ns = scan->begin_ns;
		scan->wanted = false;
		scan->cuts = 0;
	}
}
