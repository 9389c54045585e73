/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/scan_state.h"

/* In a row: a process that maps as fast as we read never ends, and counts as scanned after these. */
enum { CUTS_MAX = 16 };

void scan_state_end(struct scan_state *scan, bool whole, bool cut)
{
	scan->incomplete = cut;
	scan->resumes = cut && whole;
	scan->cuts = cut ? (uint8_t)(scan->cuts + 1) : 0;
	if (whole && (!cut || scan->cuts >= CUTS_MAX)) {
		scan->complete_ns = scan->begin_ns;
		scan->wanted = false;
		scan->cuts = 0;
	}
}
