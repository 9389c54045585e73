/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/verdict.h"

#include <string.h>

#include "measure/look.h"

/*
 * Slurm compares mapped files too. Where they alone carry a small footprint over the limit, the kill
 * was a false flag; where the footprint was near the limit anyway, Slurm was right.
 */
static bool slurm_killed_with_reason(const struct verdict_input *f, bool near)
{
	return f->kill_on_limit && f->sigkilled &&
		(f->footprint >= f->limit || (near && f->with_file >= f->limit));
}

enum verdict verdict_of(const struct verdict_input *f)
{
	bool near;

	if (f->kills)
		return VERDICT_KERNEL;
	if (f->limit == UNKNOWN)
		return VERDICT_NONE;
	near = (double)f->footprint >= LIMIT_NEAR_PART * (double)f->limit;
	if (slurm_killed_with_reason(f, near))
		return VERDICT_LIMIT;
	if (f->unenforced && f->footprint > f->limit)
		return VERDICT_OVER;
	if (near)
		return VERDICT_NEAR;
	if (f->rss_compared && f->rss > f->limit)
		return VERDICT_RSS_ONLY;
	return VERDICT_NONE;
}

static const char *const names[] = {
	[VERDICT_NONE] = "none",
	[VERDICT_RSS_ONLY] = "rss-only",
	[VERDICT_NEAR] = "near",
	[VERDICT_OVER] = "over",
	[VERDICT_LIMIT] = "limit",
	[VERDICT_KERNEL] = "kernel",
};

const char *verdict_name(enum verdict v)
{
	return names[v];
}

enum verdict verdict_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return (enum verdict)i;
	return VERDICT_NONE;
}
