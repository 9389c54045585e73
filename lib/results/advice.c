/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/advice.h"

#include <string.h>

#include "account/verdict.h"
#include "base/text.h"
#include "base/units.h"
#include "results/figure.h"

/* The names of a record are bounded, and so are those of all records of a job. */
enum { TASKS_MOST = 256, TASK_NAME = 128 };

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b; /* UNKNOWN is the greatest number */
}

/* Bytes beyond all that can be stay as they are: a record may say anything. */
static uint64_t with_reserve(uint64_t seen)
{
	if (seen > UINT64_MAX / 4)
		return seen;
	return (uint64_t)((double)seen * ADVICE_PART + 0.5);
}

void advice_init(struct advice *a)
{
	*a = (struct advice){
		.footprint = UNKNOWN,
		.compared = UNKNOWN,
		.figure = UNKNOWN,
		.bound = UNKNOWN,
		.limit = UNKNOWN,
		.store = UNKNOWN,
		.capacity = UNKNOWN,
		.tasks = json_object(),
	};
}

/* What Slurm compares with the limit, and kills for; UNKNOWN where it does not. */
static uint64_t compared_of(const struct job_node *n)
{
	if (n->slurm_kills != 1)
		return UNKNOWN;
	switch (n->slurm_figure) {
	case FIGURE_RSS:
		return n->rss_max;
	case FIGURE_PSS:
		return n->footprint == UNKNOWN ? UNKNOWN : n->footprint + figure_or_0(n->file);
	case FIGURE_FOOTPRINT:
		return n->footprint;
	default:
		return UNKNOWN;
	}
}

static void task_add(struct advice *a, const json_t *task)
{
	const char *text = json_string_value(json_object_get(task, "name"));
	const char *kind = json_string_value(json_object_get(task, "kind"));
	uint64_t peak = figure_get(json_object_get(task, "private"), "peak");
	char name[TASK_NAME];
	json_t *have;

	if (!text || !kind || peak == UNKNOWN || (strcmp(kind, "task") && strcmp(kind, "actor")))
		return;
	text_clean(name, sizeof(name), text, strlen(text));
	have = json_object_get(a->tasks, name);
	if (have ? peak <= figure_get(have, "peak") : json_object_size(a->tasks) >= TASKS_MOST)
		return;
	json_object_set_new(a->tasks, name,
		json_pack("{s:s, s:I}", "kind", strcmp(kind, "task") ? "actor" : "task", "peak",
			(json_int_t)peak));
}

/* What spilled or fell back to the disk had no room in the store. */
static void ray_add(struct advice *a, const json_t *ray)
{
	uint64_t store = figure_get(json_object_get(ray, "store"), "peak");

	if (store == UNKNOWN)
		return;
	store += figure_or_0(figure_get(ray, "fallback")) + figure_or_0(figure_get(ray, "spilled"));
	a->store = figure_greater(a->store, store);
	a->capacity = lesser(a->capacity, figure_get(ray, "capacity"));
}

void advice_add(struct advice *a, const struct job_node *n, const json_t *record)
{
	uint64_t compared = compared_of(n);
	const json_t *task;
	size_t i;

	a->nodes++;
	a->footprint = figure_greater(a->footprint, n->footprint);
	a->bound = figure_greater(a->bound, n->bound);
	a->limit = lesser(a->limit, n->limit);
	if (compared != UNKNOWN && figure_greater(a->compared, compared) == compared) {
		a->compared = compared;
		a->figure = n->slurm_figure;
	}
	a->rss_compared |= compared != UNKNOWN && n->slurm_figure == FIGURE_RSS;
	a->running |= n->how == END_RUNNING;
	a->killed |= n->verdict == VERDICT_KERNEL || n->verdict == VERDICT_LIMIT;
	if (figure_or_0(n->store))
		a->store = figure_greater(a->store, n->store);
	ray_add(a, json_object_get(record, "ray"));
	json_array_foreach (json_object_get(record, "tasks"), i, task)
		task_add(a, task);
}

void advice_add_together(struct advice *a, uint64_t footprint)
{
	a->footprint = figure_greater(a->footprint, footprint);
}

static uint64_t most_seen(const struct advice *a)
{
	return figure_greater(a->footprint, figure_greater(a->compared, a->bound));
}

static uint64_t whole_mib(uint64_t bytes)
{
	return bytes / MIB * MIB + (bytes % MIB ? MIB : 0);
}

uint64_t advice_mem(const struct advice *a)
{
	uint64_t seen = most_seen(a);

	return figure_or_0(seen) ? whole_mib(with_reserve(seen)) : UNKNOWN;
}

uint64_t advice_store(const struct advice *a)
{
	uint64_t store = with_reserve(figure_or_0(a->store));

	if (!store)
		return UNKNOWN;
	return store < ADVICE_STORE_LEAST ? ADVICE_STORE_LEAST : store;
}

bool advice_is_thin(const struct advice *a)
{
	uint64_t mem = advice_mem(a);

	return a->killed || (mem != UNKNOWN && a->limit != UNKNOWN && a->limit < mem);
}

static bool store_is_thin(const struct advice *a)
{
	uint64_t store = advice_store(a);

	return store != UNKNOWN && a->capacity != UNKNOWN && a->capacity < store;
}

static const char *figure_words(const struct advice *a)
{
	static const char *const words[] = {
		[FIGURE_RSS] = "the sum of RSS, which Slurm compares",
		[FIGURE_PSS] = "PSS with mapped files, which Slurm compares",
		[FIGURE_FOOTPRINT] = "footprint, which Slurm compares",
	};

	return a->figure <= FIGURE_FOOTPRINT ? words[a->figure] : "what Slurm compares";
}

static void seen_print(const char *what, uint64_t seen, FILE *out)
{
	char text[SIZE_TEXT];

	if (seen != UNKNOWN)
		fprintf(out, "    %-48s %9s\n", what, size_format(seen, text));
}

static void thin_print(const struct advice *a, uint64_t mem, FILE *out)
{
	bool below = a->limit != UNKNOWN && a->limit < mem;
	char limit[SIZE_TEXT];

	if (!below && !a->killed)
		return;
	fputs("    Too thin:", out);
	if (below)
		fprintf(out, " the limit was %s%s", size_format(a->limit, limit),
			a->killed ? ", and" : ".");
	if (a->killed)
		fputs(" the job was killed while it needed more. Ask for more than this, and look "
		      "again.",
			out);
	fputc('\n', out);
}

static void mem_print(const struct advice *a, FILE *out)
{
	uint64_t mem = advice_mem(a);
	char seen[SIZE_TEXT];

	if (mem == UNKNOWN) {
		fputs("--mem: no memory was seen, so there is nothing to advise.\n", out);
		return;
	}
	fprintf(out, "--mem=%lluM\n", (unsigned long long)(mem / MIB));
	seen_print("footprint, the highest on one node", a->footprint, out);
	seen_print(figure_words(a), a->compared, out);
	seen_print("upper bound between samples", a->bound, out);
	fprintf(out, "    the greatest of these x 1.15, in whole MiB: %s x 1.15 = %llu MiB\n",
		size_format(most_seen(a), seen), (unsigned long long)(mem / MIB));
	thin_print(a, mem, out);
	if (a->rss_compared && figure_or_0(a->footprint) && a->compared > a->footprint)
		fprintf(out,
			"    With --ray-pss-accounting=maxrss=exact Slurm compares the footprint "
			"instead: then --mem=%lluM is enough.\n",
			(unsigned long long)(whole_mib(with_reserve(
						     figure_greater(a->footprint, a->bound))) /
				MIB));
}

static void store_print(const struct advice *a, FILE *out)
{
	uint64_t store = advice_store(a);
	char seen[SIZE_TEXT], asked[SIZE_TEXT];

	if (store == UNKNOWN)
		return;
	fprintf(out, "--object-store-memory=%llu\n", (unsigned long long)store);
	fprintf(out, "    Ray's store, with what had no room in it: %s x 1.15 = %s\n",
		size_format(a->store, seen), size_format(with_reserve(a->store), asked));
	if (store == ADVICE_STORE_LEAST)
		fprintf(out, "    Ray starts with no store below %s.\n", size_format(store, seen));
	if (store_is_thin(a))
		fprintf(out, "    Too thin: the store had room for %s.\n",
			size_format(a->capacity, seen));
}

static void tasks_print(const struct advice *a, FILE *out)
{
	char seen[SIZE_TEXT], asked[SIZE_TEXT];
	const char *name;
	json_t *task;

	json_object_foreach (a->tasks, name, task) {
		uint64_t peak = figure_get(task, "peak"), memory = with_reserve(peak);

		fprintf(out, "@ray.remote(memory=%llu) for %s %s\n", (unsigned long long)memory,
			json_string_value(json_object_get(task, "kind")), name);
		fprintf(out, "    one process, without the store: %s x 1.15 = %s\n",
			size_format(peak, seen), size_format(memory, asked));
	}
}

void advice_print(const struct advice *a, FILE *out)
{
	if (a->running)
		fputs("A step still runs, and may need more than this yet.\n", out);
	mem_print(a, out);
	store_print(a, out);
	tasks_print(a, out);
}

static json_t *tasks_json(const struct advice *a)
{
	json_t *list = json_array(), *task;
	const char *name;

	json_object_foreach (a->tasks, name, task)
		json_array_append_new(list,
			json_pack("{s:s, s:O, s:O, s:I}", "name", name, "kind",
				json_object_get(task, "kind"), "peak",
				json_object_get(task, "peak"), "memory",
				(json_int_t)with_reserve(figure_get(task, "peak"))));
	return list;
}

json_t *advice_json(const struct advice *a)
{
	return json_pack("{s:o, s:o, s:b, s:{s:o, s:o, s:o, s:o, s:f}, s:o, s:b, s:o}", "mem",
		figure_json(advice_mem(a)), "limit", figure_json(a->limit), "too_thin",
		(int)advice_is_thin(a), "from", "footprint", figure_json(a->footprint), "compared",
		figure_json(a->compared), "bound", figure_json(a->bound), "store",
		figure_json(a->store), "factor", ADVICE_PART, "object_store_memory",
		figure_json(advice_store(a)), "store_too_thin", (int)store_is_thin(a), "tasks",
		tasks_json(a));
}

void advice_clear(struct advice *a)
{
	json_decref(a->tasks);
	a->tasks = NULL;
}
