/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record_line.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/units.h"
#include "results/record.h"

/* What the verdict means for the person who reads the line. */
static const char *verdict_words(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_NONE] = "",
		[VERDICT_RSS_ONLY] =
			"; oom rss-only: only the RSS sum passed the limit, a false flag",
		[VERDICT_NEAR] = "; oom near: ask for more memory next time",
		[VERDICT_OVER] = "; oom over: the limit was passed, nothing enforces it",
		[VERDICT_LIMIT] = "; oom limit: killed by Slurm for passing its limit",
		[VERDICT_KERNEL] = "", /* more is known */
	};

	return words[v];
}

/* Whose limit it was, and who was killed for it. */
static void kernel_words(const struct account *a, char *buf, size_t size)
{
	static const char *const whose[] = {
		[SCOPE_NONE] = "",
		[SCOPE_STEP] = " at the step's own limit: ask for more",
		[SCOPE_JOB] = " at the limit of its job, whose steps were too big together",
		[SCOPE_NODE] = " since the node itself ran out of memory",
	};
	const struct look_victim *v = &a->victims[0];
	char who[TITLE_SIZE + 64] = "", anon[SIZE_TEXT];

	if (a->victims_n)
		snprintf(who, sizeof(who), " (%s, pid %d%s%s)", v->name, v->pid,
			v->anon == UNKNOWN ? "" : ", private ",
			v->anon == UNKNOWN ? "" : size_format(v->anon, anon));
	snprintf(buf, size, "; oom kernel: the kernel killed %llu process%s%s%s",
		(unsigned long long)a->kills, a->kills == 1 ? "" : "es", who,
		whose[a->kill_scope <= SCOPE_NODE ? a->kill_scope : SCOPE_NONE]);
}

static const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	return bytes == UNKNOWN ? "unknown" : size_format(bytes, buf);
}

/* Whether the peak was all: nothing cut off, and no memory that may be the step's or not. */
static bool is_whole(const struct account *a)
{
	return account_is_complete(a) && (!a->peak.unheld || a->peak.unheld == UNKNOWN);
}

char *record_line(const struct step_info *f, const struct account *a, char *buf, size_t size)
{
	uint64_t footprint = sample_footprint(&a->peak);
	char peak[SIZE_TEXT], limit[SIZE_TEXT], private[SIZE_TEXT], shared[SIZE_TEXT],
		kernel[SIZE_TEXT], rss[SIZE_TEXT];
	bool limited = a->limit != UNKNOWN;
	char times[32] = "", killed[256] = "", left[64] = "";

	if (record_verdict(f, a) == VERDICT_KERNEL)
		kernel_words(a, killed, sizeof(killed));
	if (!a->samples) {
		snprintf(buf, size, "ended before the first sample%s", killed);
		return buf;
	}
	/* Of a process that has hardly begun the ratio says nothing. */
	if (a->rss_max && footprint >= MIB)
		snprintf(times, sizeof(times), " is %.1f times that",
			(double)a->rss_max / (double)footprint);
	if (a->left.bytes && a->left.bytes != UNKNOWN)
		snprintf(left, sizeof(left), "; leaves %s in shared memory",
			size_format(a->left.bytes, limit));
	snprintf(buf, size, "peak %s%s%s%s (private %s, shared %s, kernel %s); RSS sum %s%s%s%s%s",
		is_whole(a) ? "" : "at least ", size_format(footprint, peak), limited ? " of " : "",
		limited ? size_format(a->limit, limit) : "", size_text(a->peak.private, private),
		size_text(a->peak.shared, shared), size_text(a->peak.kernel, kernel),
		size_text(a->rss_max ? a->rss_max : UNKNOWN, rss), times, left,
		verdict_words(record_verdict(f, a)), killed);
	return buf;
}
