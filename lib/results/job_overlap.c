/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_overlap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/units.h"
#include "base/unknown.h"

/* One object in the list of one record. */
struct holding {
	const struct look_object *object;
	uint64_t end; /* of the step */
	size_t record; /* its place among the steps by start */
	struct holders *of;
};

/*
 * The running steps that hold one object: a heap with the greatest size first. An ended step stays
 * in the heap until it comes first, so each step costs one insertion and one removal.
 */
struct holders {
	struct holding **heap;
	size_t n;
	uint64_t counted; /* the object's size in the sum now */
};

struct interval {
	const struct job_node *record;
	uint64_t start, end; /* ns since the epoch */
	struct holding **holdings; /* of this record */
	size_t holdings_n;
};

struct sweep {
	struct interval *by_start;
	struct interval **by_end;
	struct holding *holdings; /* of one object each in a row */
	struct holding **by_record; /* the same, of one record each in a row */
	struct holding **heaps;
	struct holders *holders;
	size_t holdings_n;

	/* Sums over the steps that run at the present moment. */
	uint64_t others; /* footprint without shared memory */
	uint64_t shared;
	uint64_t unlisted; /* shared memory that no object explains */
	uint64_t distinct; /* each object once, by its greatest size */
};

static uint64_t known(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

static void heap_swap(struct holding **a, struct holding **b)
{
	struct holding *t = *a;

	*a = *b;
	*b = t;
}

static void heap_insert(struct holders *h, struct holding *x)
{
	size_t i = h->n++;

	h->heap[i] = x;
	for (; i && h->heap[(i - 1) / 2]->object->bytes < h->heap[i]->object->bytes;
		i = (i - 1) / 2)
		heap_swap(&h->heap[(i - 1) / 2], &h->heap[i]);
}

static void heap_remove_first(struct holders *h)
{
	size_t i = 0;

	h->heap[0] = h->heap[--h->n];
	for (;;) {
		size_t greatest = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < h->n; child++)
			if (h->heap[child]->object->bytes > h->heap[greatest]->object->bytes)
				greatest = child;
		if (greatest == i)
			return;
		heap_swap(&h->heap[greatest], &h->heap[i]);
		i = greatest;
	}
}

/* Brings the sum up to date for an object whose holders have changed. */
static void object_count(struct sweep *s, struct holders *h, uint64_t now)
{
	while (h->n && h->heap[0]->end < now)
		heap_remove_first(h);
	s->distinct -= h->counted;
	h->counted = h->n ? h->heap[0]->object->bytes : 0;
	s->distinct += h->counted;
}

static uint64_t unlisted_of(const struct job_node *r)
{
	uint64_t listed = 0;

	for (size_t i = 0; i < r->objects_n; i++)
		listed += r->objects[i].bytes;
	return known(r->shared) > listed ? known(r->shared) - listed : 0;
}

static uint64_t others_of(const struct job_node *r)
{
	return known(r->footprint) > known(r->shared) ? known(r->footprint) - known(r->shared) : 0;
}

static void step_begins(struct sweep *s, const struct interval *i)
{
	s->others += others_of(i->record);
	s->shared += known(i->record->shared);
	s->unlisted += unlisted_of(i->record);
	for (size_t k = 0; k < i->holdings_n; k++) {
		heap_insert(i->holdings[k]->of, i->holdings[k]);
		object_count(s, i->holdings[k]->of, i->start);
	}
}

static void step_ends(struct sweep *s, const struct interval *i, uint64_t now)
{
	s->others -= others_of(i->record);
	s->shared -= known(i->record->shared);
	s->unlisted -= unlisted_of(i->record);
	for (size_t k = 0; k < i->holdings_n; k++)
		object_count(s, i->holdings[k]->of, now);
}

static int start_order(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int end_order(const void *a, const void *b)
{
	const struct interval *x = *(struct interval *const *)a, *y = *(struct interval *const *)b;

	return x->end < y->end ? -1 : x->end > y->end;
}

static int object_order(const void *a, const void *b)
{
	const struct look_object *x = ((const struct holding *)a)->object,
				 *y = ((const struct holding *)b)->object;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return (int)x->sysv - (int)y->sysv;
}

static int record_order(const void *a, const void *b)
{
	const struct holding *x = *(struct holding *const *)a, *y = *(struct holding *const *)b;

	return x->record < y->record ? -1 : x->record > y->record;
}

static int sweep_allocate(struct sweep *s, size_t n, size_t holdings)
{
	/* One more, since an array may be empty. */
	s->by_start = calloc(n + 1, sizeof(*s->by_start));
	s->by_end = calloc(n + 1, sizeof(*s->by_end));
	s->holdings = calloc(holdings + 1, sizeof(*s->holdings));
	s->by_record = calloc(holdings + 1, sizeof(*s->by_record));
	s->heaps = calloc(holdings + 1, sizeof(*s->heaps));
	s->holders = calloc(holdings + 1, sizeof(*s->holders));
	return s->by_start && s->by_end && s->holdings && s->by_record && s->heaps && s->holders
		? 0
		: -ENOMEM;
}

static void sweep_free(struct sweep *s)
{
	free(s->by_start);
	free(s->by_end);
	free(s->holdings);
	free(s->by_record);
	free(s->heaps);
	free(s->holders);
}

static void holdings_list(struct sweep *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct interval *x = &s->by_start[i];

		for (size_t k = 0; k < x->record->objects_n; k++)
			s->holdings[s->holdings_n++] = (struct holding){
				.object = &x->record->objects[k],
				.end = x->end,
				.record = i,
			};
	}
}

/* Gives each object its holders with room for all of them, and each record its holdings. */
static void objects_group(struct sweep *s, size_t n)
{
	struct holders *h = s->holders;
	size_t k = 0;

	qsort(s->holdings, s->holdings_n, sizeof(*s->holdings), object_order);
	for (size_t i = 0; i < s->holdings_n; i++) {
		if (i && object_order(&s->holdings[i - 1], &s->holdings[i]))
			h++;
		if (!h->heap)
			h->heap = &s->heaps[i];
		s->holdings[i].of = h;
		s->by_record[i] = &s->holdings[i];
	}
	qsort(s->by_record, s->holdings_n, sizeof(*s->by_record), record_order);
	for (size_t i = 0; i < n; i++) {
		s->by_start[i].holdings = &s->by_record[k];
		s->by_start[i].holdings_n = s->by_start[i].record->objects_n;
		k += s->by_start[i].holdings_n;
	}
}

static uint64_t sum_now(const struct sweep *s)
{
	uint64_t distinct = s->distinct + s->unlisted;

	return s->others + (s->shared < distinct ? s->shared : distinct);
}

/* A sum of running steps only grows when a step begins, so check the sum only then. */
static uint64_t sweep_run(struct sweep *s, size_t n)
{
	uint64_t peak = 0;

	for (size_t begun = 0, ended = 0; begun < n;) {
		uint64_t now = s->by_start[begun].start;

		for (; ended < n && s->by_end[ended]->end < now; ended++)
			step_ends(s, s->by_end[ended], now);
		for (; begun < n && s->by_start[begun].start == now; begun++)
			step_begins(s, &s->by_start[begun]);
		if (sum_now(s) > peak)
			peak = sum_now(s);
	}
	return peak;
}

int job_overlap_peak(const struct job_node *const *records, size_t n, uint64_t *peak)
{
	struct sweep s = { 0 };
	size_t holdings = 0;
	int rc;

	for (size_t i = 0; i < n; i++)
		holdings += records[i]->objects_n;
	rc = sweep_allocate(&s, n, holdings);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint64_t start = known(records[i]->start_ms) * NS_PER_MS;

		s.by_start[i] = (struct interval){
			.record = records[i],
			.start = start,
			.end = start + known(records[i]->elapsed_ns),
		};
	}
	if (rc == 0) {
		qsort(s.by_start, n, sizeof(*s.by_start), start_order);
		for (size_t i = 0; i < n; i++)
			s.by_end[i] = &s.by_start[i];
		qsort(s.by_end, n, sizeof(*s.by_end), end_order);
		holdings_list(&s, n);
		objects_group(&s, n);
		*peak = sweep_run(&s, n);
	}
	sweep_free(&s);
	return rc;
}
