/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record_line.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "results/record.h"
#include "results/record_ray.h"

/* What the verdict means for the person who reads the line. */
static const char *verdict_words(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_NONE] = "",
		[VERDICT_RSS_ONLY] = "; oom rss-only: not out of memory (Slurm's RSS sum would be)",
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

/*
 * Whether the peak was all: nothing cut off, and no memory that may be the step's or not. The totals of
 * a cgroup are the kernel's, whatever was cut off.
 */
static bool is_whole(const struct account *a)
{
	if (a->source == SOURCE_CGROUP)
		return true;
	return account_is_complete(a) && (!a->peak.unheld || a->peak.unheld == UNKNOWN);
}

bool record_line_is_flagged(const struct step_info *f, const struct account *a)
{
	return record_verdict(f, a) != VERDICT_NONE || !is_whole(a) ||
		(a->left.bytes && a->left.bytes != UNKNOWN) || record_ray_is_flagged(a);
}

/* Only where sharing explains it: a ratio near 1, or one of small processes' code, says nothing. */
static bool is_inflated(const struct account *a, uint64_t footprint)
{
	return a->peak.shared != UNKNOWN && (double)a->peak.shared >= 0.1 * (double)footprint &&
		(double)a->rss_max > 1.5 * (double)footprint && footprint >= MIB;
}

char *record_line(const struct step_info *f, const struct account *a, char *buf, size_t size)
{
	const struct sample *p = &a->peak;
	uint64_t footprint = sample_footprint(p);
	const struct {
		const char *before;
		uint64_t bytes;
	} parts[] = {
		{ " (private ", p->private },
		{ ", shared ", p->shared },
		{ ", kernel ", p->kernel },
		{ "); RSS sum ", a->rss_max ? a->rss_max : UNKNOWN },
	};
	char text[SIZE_TEXT], killed[256] = "";
	size_t n = 0;

	if (record_verdict(f, a) == VERDICT_KERNEL)
		kernel_words(a, killed, sizeof(killed));
	if (!a->samples) {
		snprintf(buf, size, "ended before the first sample%s", killed);
		return buf;
	}
	if (!record_has_programs(a) && a->source == SOURCE_PROCFS) {
		uint64_t most = record_bound(f, a);

		snprintf(buf, size,
			"ended before a sample of its program, which had at most %s%s%s",
			most == UNKNOWN ? "unknown" : size_format(most, text),
			verdict_words(record_verdict(f, a)), killed);
		return buf;
	}
	text_add(buf, size, &n, "peak %s%s", is_whole(a) ? "" : "at least ",
		size_format(footprint, text));
	/* The limit as the user wrote it, not in the unit of a small footprint. */
	if (a->limit != UNKNOWN)
		text_add(buf, size, &n, " of %s", size_format(a->limit, text));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		text_add(buf, size, &n, "%s%s", parts[i].before,
			parts[i].bytes == UNKNOWN
				? "unknown"
				: size_format_like(parts[i].bytes, footprint, text));
	if (is_inflated(a, footprint))
		text_add(buf, size, &n, " is %.1f times that",
			(double)a->rss_max / (double)footprint);
	if (a->left.bytes && a->left.bytes != UNKNOWN)
		text_add(buf, size, &n, "; leaves %s in shared memory",
			size_format(a->left.bytes, text));
	if (f->begun_late)
		text_add(buf, size, &n, "; only seen since Ray was found");
	text_add(buf, size, &n, "%s%s", verdict_words(record_verdict(f, a)), killed);
	record_ray_words(a, buf, size, &n);
	return buf;
}
