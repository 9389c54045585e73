/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/reading.h"

void shunned_add(struct shunned *s, pid_t pid, uint64_t now_ns)
{
	unsigned doubled = s->hangs < SHUN_DOUBLED ? s->hangs : SHUN_DOUBLED;
	uint64_t until_ns = now_ns + (SHUN_NS << doubled);

	/* What holds a reader that leaves the process alone is something else. */
	if (shunned_has(s, pid, now_ns))
		pid = 0;
	s->hangs++;
	for (unsigned i = 0; pid && i < SHUNNED; i++) {
		if (s->processes[i].until_ns > now_ns && s->processes[i].pid != pid)
			continue;
		s->processes[i].pid = pid;
		s->processes[i].until_ns = until_ns;
		return;
	}
	if (s->all_until_ns < until_ns)
		s->all_until_ns = until_ns;
}

bool shunned_has(const struct shunned *s, pid_t pid, uint64_t now_ns)
{
	if (!s->hangs)
		return false;
	if (shunned_all(s, now_ns))
		return true;
	for (unsigned i = 0; i < SHUNNED; i++)
		if (s->processes[i].pid == pid && now_ns < s->processes[i].until_ns)
			return true;
	return false;
}
