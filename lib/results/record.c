/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/units.h"

/* A sum over some of the processes would pass for the truth: from this part of the RSS on it is. */
#define PSS_WHOLE 0.99

static json_t *number(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer((json_int_t)value);
}

static json_t *seconds(uint64_t ns)
{
	/* Milliseconds are enough and keep the text short. */
	return json_real((double)(ns / NS_PER_MS) / 1e3);
}

static double ratio(double a, double b)
{
	return b > 0 ? (double)(uint64_t)(a / b * 100 + 0.5) / 100 : 0;
}

static uint64_t footprint_of(const struct account *a)
{
	return a->samples ? sample_footprint(&a->peak) : UNKNOWN;
}

/* Every process has some: 0 was never read. */
static uint64_t rss_max_of(const struct account *a)
{
	return a->rss_max ? a->rss_max : UNKNOWN;
}

static json_t *inflation(const struct sample *peak)
{
	uint64_t footprint = sample_footprint(peak);

	return peak->rss == UNKNOWN || !footprint
		? json_null()
		: json_real(ratio((double)peak->rss, (double)footprint));
}

enum verdict record_verdict(const struct step_info *facts, const struct account *a)
{
	const struct verdict_facts v = {
		.limit = a->limit,
		.footprint = sample_footprint(&a->peak),
		.rss = a->rss_max,
		.kills = a->kills,
		.kill_on_limit = facts->kill_on_limit,
		.sigkilled = facts->signalled && facts->status == SIGKILL,
	};

	return verdict_of(&v);
}

static json_t *peak_json(const struct account *a)
{
	const struct sample *p = &a->peak;
	uint64_t at = p->at_ns - a->started_ns;
	bool whole = a->pss_read >= PSS_WHOLE;
	json_t *peak = json_object();

	json_object_set_new(peak, "at", seconds(at));
	json_object_set_new(peak, "footprint", number(footprint_of(a)));
	json_object_set_new(peak, "private", number(p->private));
	json_object_set_new(peak, "shared", number(p->shared));
	json_object_set_new(peak, "kernel", number(p->kernel));
	json_object_set_new(peak, "file", number(p->file));
	json_object_set_new(peak, "swap", number(p->swap));
	json_object_set_new(peak, "rss", number(p->rss));
	json_object_set_new(peak, "pss", number(whole ? a->pss : UNKNOWN));
	json_object_set_new(peak, "uss", number(whole ? a->uss : UNKNOWN));
	json_object_set_new(peak, "shr", number(whole ? a->shr : UNKNOWN));
	/* The part of the RSS that was read within the budget, and when the oldest of it was. */
	json_object_set_new(peak, "pss_read", json_real(ratio(a->pss_read, 1)));
	json_object_set_new(peak, "pss_at",
		a->pss == UNKNOWN || a->pss_at_ns < a->started_ns
			? json_null()
			: seconds(a->pss_at_ns - a->started_ns));
	json_object_set_new(peak, "store", number(p->store));
	json_object_set_new(peak, "fallback", number(p->fallback));
	json_object_set_new(peak, "charged", number(p->charged));
	json_object_set_new(peak, "processes", json_integer(p->processes));
	return peak;
}

static json_t *oom_json(const struct step_info *facts, const struct account *a)
{
	static const char *const scopes[] = {
		[SCOPE_STEP] = "step",
		[SCOPE_JOB] = "job",
		[SCOPE_NODE] = "node",
	};
	json_t *victims = json_array();

	for (uint32_t i = 0; i < a->victims_n; i++) {
		const struct look_victim *v = &a->victims[i];

		json_array_append_new(victims,
			json_pack("{s:i, s:s, s:o, s:o, s:o}", "pid", v->pid, "name", v->name,
				"anon", number(v->anon), "file", number(v->file), "shmem",
				number(v->shmem)));
	}
	return json_pack("{s:s, s:s?, s:I, s:o}", "verdict", verdict_name(record_verdict(facts, a)),
		"scope",
		a->kill_scope > SCOPE_NONE && a->kill_scope <= SCOPE_NODE ? scopes[a->kill_scope]
									  : NULL,
		"kills", (json_int_t)a->kills, "victims", victims);
}

static json_t *end_json(const struct step_info *f)
{
	if (!f->ended)
		return json_pack("{s:s, s:n, s:n, s:n}", "how", f->lost ? "lost" : "running",
			"code", "signal", "at");
	if (f->signalled)
		return json_pack("{s:s, s:n, s:s?, s:I}", "how", "signalled", "code", "signal",
			signal_name(f->status), "at", (json_int_t)f->ended_s);
	return json_pack("{s:s, s:i, s:n, s:I}", "how", f->status ? "failed" : "completed", "code",
		f->status, "signal", "at", (json_int_t)f->ended_s);
}

static json_t *top_json(const struct account *a)
{
	json_t *top = json_array();

	for (uint32_t i = 0; i < a->top_n; i++) {
		const struct account_top *t = &a->top[i];

		json_array_append_new(top,
			json_pack("{s:i, s:s, s:s, s:o, s:o, s:o}", "pid", t->pid, "role",
				ray_role_name((enum ray_role)t->role), "name", t->name, "share",
				number(t->share), "pss", number(t->pss), "rss", number(t->rss)));
	}
	return top;
}

static json_t *tasks_json(const struct account *a)
{
	json_t *tasks = json_array();

	for (uint32_t i = 0; i < a->profiles_n; i++) {
		const struct account_profile *p = &a->profiles[i];
		uint64_t avg = p->weight ? (uint64_t)(p->sum / (double)p->weight) : p->peak;
		uint64_t p95 = account_profile_quantile(p, 0.95);

		json_array_append_new(tasks,
			json_pack("{s:s, s:s, s:i, s:I, s:I, s:I}", "name", p->name, "kind",
				ray_role_name((enum ray_role)p->role), "processes",
				(int)p->processes, "avg", (json_int_t)avg, "p95",
				(json_int_t)(p->weight ? p95 : p->peak), "peak",
				(json_int_t)p->peak));
	}
	return tasks;
}

static json_t *objects_json(const struct account *a)
{
	json_t *objects = json_array();

	for (uint32_t i = 0; i < a->objects_n; i++)
		json_array_append_new(objects,
			json_pack("{s:I, s:I, s:I, s:b}", "dev", (json_int_t)a->objects[i].dev,
				"ino", (json_int_t)a->objects[i].ino, "bytes",
				(json_int_t)a->objects[i].bytes, "sysv", (int)a->objects[i].sysv));
	return objects;
}

static json_t *numa_json(const struct account *a)
{
	json_t *numa = a->numa_n ? json_array() : json_null();

	for (uint32_t i = 0; i < a->numa_n; i++)
		json_array_append_new(numa,
			json_pack("{s:I, s:o, s:o, s:o}", "node", (json_int_t)a->numa[i].node,
				"private", number(a->numa[i].anon), "shared",
				number(a->numa[i].shmem), "file", number(a->numa[i].file)));
	return numa;
}

static json_t *pressure_json(const struct account *a)
{
	if (a->stalled_some_us == UNKNOWN || a->stalled_full_us == UNKNOWN)
		return json_null();
	return json_pack("{s:o, s:o}", "some", seconds(a->stalled_some_us * NS_PER_US), "full",
		seconds(a->stalled_full_us * NS_PER_US));
}

static json_t *series_json(const struct account *a)
{
	json_t *series = json_array();

	for (uint32_t i = 0; i < a->series.count; i++) {
		const struct series_point *p = &a->series.points[i];

		json_array_append_new(series,
			json_pack("[o, o, o]", seconds(p->at_ns), number(p->footprint),
				number(p->rss)));
	}
	return series;
}

/*
 * A step of one look has no time between looks to average over. And the middle of a distribution's
 * bucket may lie above all that is in it.
 */
static uint64_t over_time(const struct account *a, uint64_t value)
{
	uint64_t peak = footprint_of(a);

	return a->footprint.weight && value < peak ? value : peak;
}

json_t *record_json(const struct step_info *f, const struct account *a, json_t *host)
{
	const struct distribution *d = &a->footprint;
	json_t *r = json_object();

	json_object_set_new(r, "schema", json_integer(RECORD_SCHEMA));
	json_object_set_new(r, "job", f->in_slurm ? json_integer(f->job) : json_null());
	json_object_set_new(r, "restart", f->in_slurm ? json_integer(f->restart) : json_null());
	json_object_set_new(r, "step", f->in_slurm ? json_string(f->step) : json_null());
	json_object_set_new(r, "node", f->in_slurm ? json_string(f->node) : json_null());
	json_object_set_new(r, "nodes", f->in_slurm ? json_integer(f->nodes) : json_null());
	json_object_set_new(r, "uid", json_integer((json_int_t)f->uid));
	json_object_set_new(r, "start", json_real((double)a->started_ms / 1e3));
	json_object_set_new(r, "elapsed", seconds(a->last.at_ns - a->started_ns));
	json_object_set_new(
		r, "source", json_string(a->source == SOURCE_CGROUP ? "cgroup" : "procfs"));
	json_object_set_new(r, "corrected", json_boolean(f->corrected));
	json_object_set_new(r, "limit", number(a->limit));
	json_object_set_new(r, "peak", peak_json(a));
	json_object_set_new(r, "rss_max", number(rss_max_of(a)));
	json_object_set_new(r, "bound", number(a->bound));
	json_object_set_new(r, "avg", number(over_time(a, distribution_mean(d))));
	json_object_set_new(r, "p50", number(over_time(a, distribution_quantile(d, 0.5))));
	json_object_set_new(r, "p95", number(over_time(a, distribution_quantile(d, 0.95))));
	json_object_set_new(r, "inflation", inflation(&a->peak));
	json_object_set_new(r, "oom", oom_json(f, a));
	json_object_set_new(r, "end", end_json(f));
	json_object_set_new(r, "top", top_json(a));
	json_object_set_new(r, "tasks", tasks_json(a));
	json_object_set_new(r, "objects", objects_json(a));
	json_object_set_new(r, "numa", numa_json(a));
	json_object_set_new(r, "pressure", pressure_json(a));
	json_object_set_new(r, "series", f->with_series ? series_json(a) : json_null());
	json_object_set_new(r, "unreadable", json_integer(a->peak.unreadable));
	json_object_set_new(r, "cost",
		json_pack("{s:I, s:I, s:f}", "samples", (json_int_t)a->samples, "scans",
			(json_int_t)a->scans, "cpu_seconds", (double)a->cpu_ns / 1e9));
	json_object_set(r, "host", host ? host : json_null());
	return r;
}

json_t *record_entry(const struct step_info *f, const struct account *a)
{
	return json_pack("{s:I, s:i, s:o, s:o, s:o, s:o, s:s}", "nodes", (json_int_t)f->nodes,
		"reported", 1, "peak", number(footprint_of(a)), "limit", number(a->limit), "rss",
		number(rss_max_of(a)), "store", number(a->peak.store), "oom",
		verdict_name(record_verdict(f, a)));
}

/* What the verdict means for the person who reads the line. */
static const char *verdict_words(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_NONE] = "",
		[VERDICT_RSS_ONLY] =
			"; oom rss-only: only the RSS sum passed the limit, a false flag",
		[VERDICT_NEAR] = "; oom near: ask for more memory next time",
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

char *record_line(const struct step_info *f, const struct account *a, char *buf, size_t size)
{
	uint64_t footprint = sample_footprint(&a->peak);
	char peak[SIZE_TEXT], limit[SIZE_TEXT], private[SIZE_TEXT], shared[SIZE_TEXT],
		kernel[SIZE_TEXT], rss[SIZE_TEXT];
	bool limited = a->limit != UNKNOWN;
	char times[32] = "", killed[256] = "";

	if (record_verdict(f, a) == VERDICT_KERNEL)
		kernel_words(a, killed, sizeof(killed));
	if (!a->samples) {
		snprintf(buf, size, "ended before it was looked at%s", killed);
		return buf;
	}
	if (a->rss_max)
		snprintf(times, sizeof(times), " is %.1f times that",
			ratio((double)a->rss_max, (double)footprint));
	snprintf(buf, size, "peak %s%s%s (private %s, shared %s, kernel %s); RSS sum %s%s%s%s",
		size_format(footprint, peak), limited ? " of " : "",
		limited ? size_format(a->limit, limit) : "", size_text(a->peak.private, private),
		size_text(a->peak.shared, shared), size_text(a->peak.kernel, kernel),
		size_text(rss_max_of(a), rss), times, verdict_words(record_verdict(f, a)), killed);
	return buf;
}
