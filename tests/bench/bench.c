/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times the passes over the processes of a workload that stands still, in interleaved rounds, and
 * prints the times of every round with what was added up as JSON. tests/bench/run makes the
 * workloads and the table.
 */
#include <err.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "measure/accountant.h"
#include "measure/procfs/procfs.h"
#include "passes.h"

/* A round repeats a pass for about that long, so that the clock and one interruption do not show. */
#define BATCH_NS (2 * NS_PER_MS)
static struct {
	unsigned rounds;
	unsigned ticks; /* instead of timing: only so many steady ticks */
	unsigned cold; /* or so many first looks */
	unsigned notice; /* or that many new processes */
	int sums; /* or only what the looks add up */
	const char *cgroup; /* or looks at that control group */
	double rollup_seconds; /* spent in passes over smaps_rollup; one is made in any case */
} o = { .rounds = 15, .rollup_seconds = 2 };

struct pass {
	const char *name;
	void (*run)(void *with);
	void *with;
	unsigned batch;
	json_t *us; /* of each round */
};

/* CPU time, so that what else runs on the machine shows less. */
static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static double time_of(const struct pass *p)
{
	uint64_t begin = cpu_ns();

	for (unsigned i = 0; i < p->batch; i++)
		p->run(p->with);
	return (double)(cpu_ns() - begin) / 1e3 / p->batch;
}

static void pass_prepare(struct pass *p)
{
	double us;

	p->batch = 1;
	p->us = json_array();
	time_of(p); /* caches */
	us = time_of(p);
	if (us * 1e3 < (double)BATCH_NS)
		p->batch = (unsigned)((double)BATCH_NS / (us * 1e3)) + 1;
}

static void pass_time(struct pass *p)
{
	json_array_append_new(p->us, json_real(time_of(p)));
}

static void run_floor(void *with)
{
	floor_pass(with);
}

static void run_tick(void *with)
{
	struct sample sample;

	steady_tick(with, &sample);
}

struct looker {
	struct accountant *accountant;
	struct account account;
};

static void run_look(void *with)
{
	struct looker *l = with;
	const struct look *look;

	accountant_look(l->accountant, &look);
	account_add(&l->account, look);
}

static void run_group_tick(void *with)
{
	group_tick(with);
}

static void run_group_floor(void *with)
{
	group_floor(with);
}

static double cold_us(const struct step *step)
{
	struct rig *s = rig_create();
	uint64_t begin = cpu_ns(), end;
	struct sample sample;

	cold_tick(s, step, &sample);
	end = cpu_ns();
	rig_destroy(s);
	return (double)(end - begin) / 1e3;
}

static double discovery_us(const struct step *step)
{
	uint64_t begin = cpu_ns();
	unsigned n = discovery(step);

	if (n != step->n)
		errx(EXIT_FAILURE, "found %u of %u processes", n, step->n);
	return (double)(cpu_ns() - begin) / 1e3;
}

static struct looker *looker_create(const struct step *step)
{
	const struct accountant_options options = {
		.proc_root = "/proc",
		.sys_root = "/sys",
		.interval_ns = INTERVAL_DEFAULT_NS,
		.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
		.limit = UNKNOWN,
		.places = accountant_places,
	};
	struct looker *l = calloc(1, sizeof(*l));

	if (!l || accountant_create(&options, &l->accountant) ||
		accountant_add_task(l->accountant, step->parent, 0))
		errx(EXIT_FAILURE, "cannot account");
	account_init(&l->account, UNKNOWN, monotonic_ns());
	run_look(l);
	return l;
}

static void looker_destroy(struct looker *l)
{
	accountant_destroy(l->accountant);
	free(l);
}

/* The least of some: a new process anywhere on the node makes discovery read a directory. */
static uint64_t allocations_of_tick(struct rig *rig, struct sample *sample)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < 20; i++) {
		uint64_t before = allocations();

		steady_tick(rig, sample);
		if (allocations() - before < least)
			least = allocations() - before;
	}
	return least;
}

static void print(json_t *json)
{
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(8));
	putchar('\n');
	json_decref(json);
}

static json_t *sums(const struct step *step, const struct sample *s, const struct rollup *r)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "known_shared",
		(json_int_t)step->shared, "known_private", (json_int_t)step->private, "private",
		(json_int_t)s->private, "shared", (json_int_t)s->shared, "kernel",
		(json_int_t)s->kernel, "footprint", (json_int_t)sample_footprint(s), "rss",
		(json_int_t)s->rss, "pss", (json_int_t)r->pss, "pss_anon", (json_int_t)r->pss_anon,
		"kernel_known", (json_int_t)kernel_of(step));
}

static void rounds(const struct step *step, struct rig *rig)
{
	struct pass passes[] = {
		{ .name = "tick", .run = run_tick, .with = rig },
		{ .name = "floor", .run = run_floor, .with = floor_create(step, rig_objects(rig)) },
		{ .name = "look", .run = run_look, .with = looker_create(step) },
	};
	enum { PASSES = sizeof(passes) / sizeof(*passes) };
	json_t *us = json_object(), *cold = json_array(), *rollup = json_array();
	json_t *discovery = json_array();
	double spent = 0;
	struct rollup read = { 0 };
	uint64_t allocated;
	struct sample sample;

	for (unsigned k = 0; k < PASSES; k++)
		pass_prepare(&passes[k]);
	for (unsigned i = 0; i < o.rounds; i++) {
		for (unsigned k = 0; k < PASSES; k++)
			pass_time(&passes[(k + i) % PASSES]);
		/* With caches as warm as a repeated pass finds them. */
		(void)cold_us(step);
		json_array_append_new(cold, json_real(cold_us(step)));
		json_array_append_new(discovery, json_real(discovery_us(step)));
		if (spent < o.rollup_seconds) {
			uint64_t begin = cpu_ns();

			read = rollup_pass(step);
			spent += (double)(cpu_ns() - begin) / 1e9;
			json_array_append_new(rollup, json_real((double)(cpu_ns() - begin) / 1e3));
		}
	}
	allocated = allocations_of_tick(rig, &sample);
	for (unsigned k = 0; k < PASSES; k++)
		json_object_set_new(us, passes[k].name, passes[k].us);
	json_object_set_new(us, "cold", cold);
	json_object_set_new(us, "discovery", discovery);
	json_object_set_new(us, "rollup", rollup);
	us = json_pack("{s:i, s:i, s:i, s:o, s:o}", "processes", (int)step->n, "objects",
		(int)floor_objects(passes[1].with), "allocations", (int)allocated, "us", us,
		"bytes", sums(step, &sample, &read));
	print(us);
	floor_destroy(passes[1].with);
	looker_destroy(passes[2].with);
}

/* In rounds as the others are, or without times for callgrind. */
static void group_rounds(void)
{
	struct group *g = group_create(o.cgroup);
	struct pass tick = { .run = run_group_tick, .with = g };
	struct pass bare = { .run = run_group_floor, .with = g };

	if (o.ticks) {
		for (unsigned i = 0; i < o.ticks; i++)
			group_tick(g);
	} else {
		if (group_has_tick(g))
			pass_prepare(&tick);
		pass_prepare(&bare);
		for (unsigned i = 0; i < o.rounds; i++) {
			pass_time(&bare);
			if (group_has_tick(g))
				pass_time(&tick);
		}
		print(json_pack("{s:o, s:o*}", "floor", bare.us, "tick", tick.us));
	}
	group_destroy(g);
}

static void usage(FILE *f)
{
	fputs("usage: bench [--rounds N] [--rollup-seconds S] [--ticks N | --cold N | --sums] "
	      "READY\n"
	      "       bench --cgroup DIR [--rounds N | --ticks N]\n"
	      "       bench --notice N\n"
	      "\n"
	      "READY: the file written by --ready of a workload that stands still\n"
	      "  --ticks N     make only N steady ticks, for strace and callgrind\n"
	      "  --cold N      make only N first looks, for perf\n"
	      "  --sums        only what is added up, once everything due was read\n"
	      "  --cgroup DIR  looks at a control group v2 instead, and two bare preads\n"
	      "  --notice N    how many of N new processes the next look did not have\n",
		f);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "rollup-seconds", required_argument, NULL, 's' },
		{ "ticks", required_argument, NULL, 't' },
		{ "cold", required_argument, NULL, 'c' },
		{ "sums", no_argument, &o.sums, 1 },
		{ "cgroup", required_argument, NULL, 'g' },
		{ "notice", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct rig *rig;
	struct sample sample;
	struct step step;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 0:
			break;
		case 'g':
			o.cgroup = optarg;
			break;
		case 'n':
			o.notice = (unsigned)atoi(optarg);
			break;
		case 'r':
			o.rounds = (unsigned)atoi(optarg);
			break;
		case 's':
			o.rollup_seconds = atof(optarg);
			break;
		case 't':
			o.ticks = (unsigned)atoi(optarg);
			break;
		case 'c':
			o.cold = (unsigned)atoi(optarg);
			break;
		default:
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? EXIT_SUCCESS : 2;
		}
	}
	if (optind + !(o.cgroup || o.notice) != argc) {
		usage(stderr);
		return 2;
	}
	if (o.cgroup) {
		group_rounds();
		return EXIT_SUCCESS;
	}
	if (o.notice) {
		print(json_pack(
			"{s:i, s:i}", "made", (int)o.notice, "missed", (int)unnoticed(o.notice)));
		return EXIT_SUCCESS;
	}
	step_load(&step, argv[optind]);
	procfs_raise_descriptors();
	rig = rig_create();
	cold_tick(rig, &step, &sample);
	for (unsigned i = 0; i < o.cold; i++)
		cold_us(&step);
	if (o.sums) {
		struct rollup read = rollup_pass(&step);

		settled_look(rig, &sample);
		print(sums(&step, &sample, &read));
	} else if (o.ticks)
		for (unsigned i = 0; i < o.ticks; i++)
			steady_tick(rig, &sample);
	else if (!o.cold)
		rounds(&step, rig);
	rig_destroy(rig);
	free(step.pids);
	return EXIT_SUCCESS;
}
