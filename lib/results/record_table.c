/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the table of fields, and how the figures that have no member are computed. */
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "account/ray.h"
#include "base/text.h"
#include "base/units.h"
#include "results/fields.h"
#include "results/job_node.h"
#include "results/record.h"
#include "results/record_lists.h"
#include "results/record_ray.h"

/* Report PSS only where that much of the RSS was read: a partial sum would look complete. */
#define PSS_WHOLE 0.99

/* UNKNOWN where it is no ratio: NaN, negative, or beyond all that can be. */
static uint64_t hundredths(double ratio)
{
	return ratio >= 0 && ratio < 1e16 ? (uint64_t)(ratio * 100 + 0.5) : UNKNOWN;
}

static uint64_t schema(const struct record *r)
{
	(void)r;
	return RECORD_SCHEMA;
}

static uint64_t job(const struct record *r)
{
	return r->info->in_slurm ? r->info->job : UNKNOWN;
}

static uint64_t restart(const struct record *r)
{
	return r->info->in_slurm ? step_info_restart(r->info->restart) : UNKNOWN;
}

static uint64_t nodes(const struct record *r)
{
	return r->info->in_slurm ? r->info->nodes : UNKNOWN;
}

static uint64_t node_index(const struct record *r)
{
	return r->info->in_slurm ? r->info->node_index : UNKNOWN;
}

static json_t *step(const struct record *r)
{
	return r->info->in_slurm ? json_string(r->info->step) : json_null();
}

static json_t *node(const struct record *r)
{
	char name[NODE_SIZE];

	/* The name may come from the environment of the user's srun. */
	text_clean(name, sizeof(name), r->info->node, strlen(r->info->node));
	return r->info->in_slurm ? json_string(name) : json_null();
}

static uint64_t start(const struct record *r)
{
	return (uint64_t)r->account->started_ms;
}

static uint64_t elapsed(const struct record *r)
{
	return r->account->last.at_ns - r->account->started_ns;
}

static const char *source_word(uint64_t value)
{
	static const char *const words[] = {
		[SOURCE_PROCFS] = "procfs",
		[SOURCE_CGROUP] = "cgroup",
	};

	return value <= SOURCE_CGROUP ? words[value] : NULL;
}

static uint64_t look_at(const struct record *r)
{
	return r->sample->at_ns - r->account->started_ns;
}

static uint64_t footprint(const struct record *r)
{
	return r->account->samples ? sample_footprint(r->sample) : UNKNOWN;
}

static uint64_t if_pss_is_whole(const struct record *r, uint64_t value)
{
	return r->account->pss_read >= PSS_WHOLE ? value : UNKNOWN;
}

static uint64_t pss(const struct record *r)
{
	return if_pss_is_whole(r, r->account->pss);
}

static uint64_t uss(const struct record *r)
{
	return if_pss_is_whole(r, r->account->uss);
}

static uint64_t lazyfree(const struct record *r)
{
	return if_pss_is_whole(r, r->account->lazyfree);
}

static uint64_t shr(const struct record *r)
{
	return if_pss_is_whole(r, r->account->shr);
}

static uint64_t pss_read(const struct record *r)
{
	return hundredths(r->account->pss_read);
}

static uint64_t pss_at(const struct record *r)
{
	const struct account *a = r->account;

	return a->pss == UNKNOWN || a->pss_at_ns < a->started_ns ? UNKNOWN
								 : a->pss_at_ns - a->started_ns;
}

/* Every process has some RSS: 0 means that it was never read. */
static uint64_t rss_max(const struct record *r)
{
	return r->account->rss_max ? r->account->rss_max : UNKNOWN;
}

static uint64_t bound(const struct record *r)
{
	return record_bound(r->info, r->account);
}

/*
 * A step of one look has no time between looks to average over. And the middle of a distribution's
 * bucket may lie above all values in it.
 */
static uint64_t over_time(const struct record *r, uint64_t value)
{
	uint64_t peak = footprint(r);

	return r->account->footprint.weight && value < peak ? value : peak;
}

static uint64_t avg(const struct record *r)
{
	return over_time(r, distribution_mean(&r->account->footprint));
}

static uint64_t p50(const struct record *r)
{
	return over_time(r, distribution_quantile(&r->account->footprint, 0.5));
}

static uint64_t p95(const struct record *r)
{
	return over_time(r, distribution_quantile(&r->account->footprint, 0.95));
}

static uint64_t inflation(const struct record *r)
{
	uint64_t all = sample_footprint(r->sample);

	return r->sample->rss == UNKNOWN || !all ? UNKNOWN
						 : hundredths((double)r->sample->rss / (double)all);
}

static uint64_t verdict(const struct record *r)
{
	return record_verdict(r->info, r->account);
}

static const char *verdict_word(uint64_t value)
{
	return value <= VERDICT_KERNEL ? verdict_name((enum verdict)value) : NULL;
}

static uint64_t scope(const struct record *r)
{
	return r->account->kill_scope == SCOPE_NONE ? UNKNOWN : r->account->kill_scope;
}

static const char *scope_word(uint64_t value)
{
	static const char *const words[] = {
		[SCOPE_NONE] = "none",
		[SCOPE_STEP] = "step",
		[SCOPE_JOB] = "job",
		[SCOPE_NODE] = "node",
	};

	return value <= SCOPE_NODE ? words[value] : NULL;
}

static uint64_t end_how(const struct record *r)
{
	if (!r->info->ended)
		return r->info->lost ? END_LOST : END_RUNNING;
	if (r->info->signalled)
		return END_SIGNALLED;
	if (r->info->status == STATUS_UNTOLD)
		return END_UNTOLD;
	return r->info->status ? END_FAILED : END_COMPLETED;
}

static const char *end_word(uint64_t value)
{
	static const char *const words[] = {
		[END_COMPLETED] = "completed",
		[END_FAILED] = "failed",
		[END_SIGNALLED] = "signalled",
		[END_RUNNING] = "running",
		[END_LOST] = "lost",
		[END_UNTOLD] = "untold",
	};

	return value <= END_UNTOLD ? words[value] : NULL;
}

static uint64_t end_code(const struct record *r)
{
	return end_how(r) == END_COMPLETED || end_how(r) == END_FAILED ? (uint64_t)r->info->status
								       : UNKNOWN;
}

static uint64_t end_signal(const struct record *r)
{
	return r->info->ended && r->info->signalled ? (uint64_t)r->info->status : UNKNOWN;
}

static uint64_t end_at(const struct record *r)
{
	return r->info->ended ? (uint64_t)r->info->ended_s : UNKNOWN;
}

static uint64_t complete(const struct record *r)
{
	return account_is_complete(r->account);
}

static uint64_t unreadable(const struct record *r)
{
	return r->account->peak.unreadable;
}

static const char *corrected_word(uint64_t value)
{
	static const char *const words[] = {
		[CORRECTED_NO] = "false",
		[CORRECTED_PSS] = "pss",
		[CORRECTED_EXACT] = "exact",
	};

	return value <= CORRECTED_EXACT ? words[value] : NULL;
}

/* The block that it comes from may hold anything. */
static uint64_t corrected(const struct record *r)
{
	return corrected_word(r->info->corrected) ? r->info->corrected : CORRECTED_NO;
}

/* What Slurm's MaxRSS of the step is made of. Of other gatherers than linux that is not known. */
static uint64_t slurm_figure(const struct record *r)
{
	if (!r->info->in_slurm)
		return UNKNOWN;
	if (r->info->corrected == CORRECTED_EXACT)
		return FIGURE_FOOTPRINT;
	if (r->info->corrected == CORRECTED_PSS)
		return FIGURE_PSS;
	return r->info->rss_compared ? FIGURE_RSS : UNKNOWN;
}

static const char *figure_word(uint64_t value)
{
	static const char *const words[] = {
		[FIGURE_RSS] = "rss",
		[FIGURE_PSS] = "pss",
		[FIGURE_FOOTPRINT] = "footprint",
	};

	return value <= FIGURE_FOOTPRINT ? words[value] : NULL;
}

static uint64_t slurm_kills(const struct record *r)
{
	return r->info->in_slurm ? r->info->kill_on_limit : UNKNOWN;
}

static json_t *host(const struct record *r)
{
	return r->host ? json_incref((json_t *)r->host) : json_null();
}

/* Where a member is: its struct, offset and size. */
#define MEMBER(where, type, m)                                                                     \
	.home = where, .at = offsetof(type, m), .size = sizeof(((type *)0)->m)
#define ACCOUNT(m) MEMBER(IN_ACCOUNT, struct account, m)
#define SAMPLE(m) MEMBER(IN_SAMPLE, struct sample, m)
#define INFO(m) MEMBER(IN_INFO, struct step_info, m)
#define KEPT(m) .kept = offsetof(struct job_node, m)

/* clang-format off */
const struct field fields[] = {
	{ "schema", FIELD_COUNT, .figure = schema },
	{ "job", FIELD_COUNT, .figure = job, KEPT(job) },
	{ "restart", FIELD_COUNT, .figure = restart, KEPT(restart) },
	{ "step", FIELD_OTHER, .print = step },
	{ "node", FIELD_OTHER, .print = node },
	{ "nodes", FIELD_COUNT, .figure = nodes, KEPT(nodes) },
	{ "node_index", FIELD_COUNT, .figure = node_index, KEPT(node_index) },
	{ "uid", FIELD_COUNT, INFO(uid) },
	{ "start", FIELD_EPOCH_MS, .figure = start, KEPT(start_ms) },
	{ "elapsed", FIELD_NS, .figure = elapsed, KEPT(elapsed_ns) },
	{ "source", FIELD_WORD, ACCOUNT(source), .word = source_word, KEPT(source) },
	{ "corrected", FIELD_WORD_OR_FALSE, .figure = corrected, .word = corrected_word, KEPT(corrected) },
	{ "slurm.figure", FIELD_WORD, .figure = slurm_figure, .word = figure_word, KEPT(slurm_figure) },
	{ "slurm.kills", FIELD_FLAG, .figure = slurm_kills, KEPT(slurm_kills) },
	{ "limit", FIELD_BYTES, ACCOUNT(limit), KEPT(limit), .live = "limit" },
	{ "peak.at", FIELD_NS, .figure = look_at },
	{ "peak.footprint", FIELD_BYTES, .figure = footprint, KEPT(footprint),
		.live = "footprint", .summary = "Peak footprint" },
	{ "peak.private", FIELD_BYTES, SAMPLE(private), KEPT(private),
		.live = "private", .summary = "  private" },
	{ "peak.shared", FIELD_BYTES, SAMPLE(shared), KEPT(shared),
		.live = "shared", .summary = "  shared, each object once" },
	{ "peak.kernel", FIELD_BYTES, SAMPLE(kernel), KEPT(kernel),
		.live = "kernel", .summary = "  kernel (page tables)" },
	{ "peak.swap", FIELD_BYTES, SAMPLE(swap), KEPT(swap),
		.live = "swap", .summary = "  swapped out" },
	{ "peak.file", FIELD_BYTES, SAMPLE(file), KEPT(file),
		.live = "file", .summary = "Mapped files, not counted" },
	{ "peak.locked", FIELD_BYTES, SAMPLE(locked), .live = "locked", .summary = "  files that cannot be dropped" },
	{ "peak.hugetlb", FIELD_BYTES, SAMPLE(hugetlb), .live = "hugetlb", .summary = "Huge pages, not counted" },
	{ "peak.hugetlb_limit", FIELD_BYTES, SAMPLE(hugetlb_limit) },
	{ "peak.unheld", FIELD_BYTES, SAMPLE(unheld) },
	{ "peak.rss", FIELD_BYTES, SAMPLE(rss), .live = "rss" },
	{ "peak.pss", FIELD_BYTES, .figure = pss },
	{ "peak.uss", FIELD_BYTES, .figure = uss },
	{ "peak.lazyfree", FIELD_BYTES, .figure = lazyfree },
	{ "peak.merged", FIELD_BYTES, ACCOUNT(merged) },
	{ "peak.shr", FIELD_BYTES, .figure = shr },
	{ "peak.pss_read", FIELD_HUNDREDTHS, .figure = pss_read },
	{ "peak.pss_at", FIELD_NS, .figure = pss_at },
	{ "rss_max", FIELD_BYTES, .figure = rss_max, KEPT(rss_max),
		.summary = "Sum of RSS, shared many times" },
	{ "peak.store", FIELD_BYTES, SAMPLE(store), KEPT(store),
		.live = "store", .summary = "Ray object store" },
	{ "peak.fallback", FIELD_BYTES, SAMPLE(fallback), .live = "fallback" },
	{ "peak.charged", FIELD_BYTES, SAMPLE(charged) },
	{ "peak.unattributed", FIELD_BYTES, SAMPLE(unattributed) },
	{ "peak.processes", FIELD_COUNT, SAMPLE(processes), KEPT(processes),
		.live = "processes", .summary = "Processes at the peak" },
	{ "complete", FIELD_FLAG, .figure = complete, .live = "complete" },
	{ "left_out", FIELD_OTHER, .print = record_left_out },
	{ "left", FIELD_BYTES, ACCOUNT(left.bytes), KEPT(left) },
	{ "left_objects", FIELD_OTHER, .print = record_left_objects },
	{ "bound", FIELD_BYTES, .figure = bound, KEPT(bound) },
	{ "job_bound", FIELD_BYTES, ACCOUNT(job_bound), KEPT(job_bound) },
	{ "avg", FIELD_BYTES, .figure = avg },
	{ "p50", FIELD_BYTES, .figure = p50 },
	{ "p95", FIELD_BYTES, .figure = p95 },
	{ "inflation", FIELD_HUNDREDTHS, .figure = inflation, KEPT(inflation) },
	{ "oom.verdict", FIELD_WORD, .figure = verdict, .word = verdict_word, KEPT(verdict) },
	{ "oom.scope", FIELD_WORD, .figure = scope, .word = scope_word, KEPT(scope) },
	{ "oom.kills", FIELD_COUNT, ACCOUNT(kills), KEPT(kills) },
	{ "oom.at", FIELD_NS, ACCOUNT(killed_ns) },
	{ "oom.victims", FIELD_OTHER, .print = record_victims },
	{ "notified", FIELD_NS, ACCOUNT(notified_ns) },
	{ "end.how", FIELD_WORD, .figure = end_how, .word = end_word, KEPT(how) },
	{ "end.code", FIELD_COUNT, .figure = end_code, KEPT(code) },
	{ "end.signal", FIELD_SIGNAL, .figure = end_signal, KEPT(signal) },
	{ "end.at", FIELD_EPOCH_S, .figure = end_at, KEPT(ended_s) },
	{ "top", FIELD_OTHER, .print = record_top },
	{ "tasks", FIELD_OTHER, .print = record_tasks },
	{ "ray", FIELD_OTHER, .print = record_ray },
	{ "objects", FIELD_OTHER, .print = record_objects },
	{ "numa", FIELD_OTHER, .print = record_numa },
	{ "pressure", FIELD_OTHER, .print = record_pressure },
	{ "series", FIELD_OTHER, .print = record_series },
	{ "unreadable", FIELD_COUNT, .figure = unreadable },
	{ "cost.samples", FIELD_COUNT, ACCOUNT(samples), KEPT(samples) },
	{ "cost.scans", FIELD_COUNT, ACCOUNT(scans) },
	{ "cost.cpu_seconds", FIELD_CPU_NS, ACCOUNT(cpu_ns) },
	{ "cost.duty_delay", FIELD_NS, ACCOUNT(duty_delay_ns) },
	{ "host", FIELD_OTHER, .print = host },
	{ 0 },
};
/* clang-format on */
