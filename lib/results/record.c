/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record.h"

#include <signal.h>

#include "results/fields.h"

enum verdict record_verdict(const struct step_info *info, const struct account *a)
{
	const struct verdict_input v = {
		.limit = a->tight_limit,
		.footprint = a->tight_footprint,
		.with_file = a->with_file_max,
		.rss = a->rss_max,
		.kills = a->kills,
		.kill_on_limit = info->kill_on_limit,
		.rss_compared = info->rss_compared,
		.unenforced = !info->in_slurm,
		.sigkilled = info->signalled && info->status == SIGKILL,
	};

	return verdict_of(&v);
}

bool record_has_programs(const struct account *a)
{
	return a->rss_max || a->peak.rss == UNKNOWN;
}

uint64_t record_bound(const struct step_info *f, const struct account *a)
{
	uint64_t seen = a->bound == UNKNOWN ? 0 : a->bound;

	/* The kernel's counter of a group has everything. */
	if (a->source == SOURCE_CGROUP)
		return a->bound;
	/* What ended before may have been greater than all that was seen. */
	if (f->begun_late)
		return UNKNOWN;
	if (!f->task_rss)
		return a->bound;
	if (!record_has_programs(a))
		return seen + f->tasks * f->task_rss;
	return f->task_had_rss && f->task_rss > seen ? f->task_rss : a->bound;
}

json_t *record_json(const struct step_info *info, const struct account *account, const json_t *host)
{
	const struct record r = { info, account, &account->peak, host };
	json_t *record = json_object();

	for (const struct field *f = fields; f->name; f++)
		field_set(record, f->name,
			f->print ? f->print(&r) : field_json(f, field_figure(f, &r)));
	return record;
}
