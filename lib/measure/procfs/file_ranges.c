/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/file_ranges.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_START = 128, CAPACITY_MAX = 8192 };

void file_ranges_clear(struct file_ranges *f)
{
	free(f->rows);
	*f = (struct file_ranges){ 0 };
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
	const struct file_range *a = left, *b = right;
	int rc = order(a->dev, b->dev);

	if (!rc)
		rc = order(a->ino, b->ino);
	if (!rc)
		rc = order(a->start, b->start);
	return rc ? rc : order(a->end, b->end);
}

static void row_take(struct file_range *row, const struct file_range *equal)
{
	if (row->bytes < equal->bytes)
		row->bytes = equal->bytes;
	if (row->seen_ns < equal->seen_ns)
		row->seen_ns = equal->seen_ns;
}

/* Sorts the parts, and makes one of equal ones. */
static void rows_unite(struct file_ranges *f)
{
	size_t kept = 0;

	if (!f->n)
		return;
	qsort(f->rows, f->n, sizeof(*f->rows), compare);
	for (size_t i = 1; i < f->n; i++) {
		if (compare(&f->rows[kept], &f->rows[i]) == 0)
			row_take(&f->rows[kept], &f->rows[i]);
		else
			f->rows[++kept] = f->rows[i];
	}
	f->n = kept + 1;
}

static bool make_room(struct file_ranges *f)
{
	size_t wanted = f->capacity ? 2 * f->capacity : CAPACITY_START;
	struct file_range *rows;

	/* Many processes note the same parts. */
	rows_unite(f);
	if (f->capacity && f->n <= f->capacity / 2)
		return true;
	rows = f->capacity < CAPACITY_MAX ? realloc(f->rows, wanted * sizeof(*rows)) : NULL;
	/* Room for a few would have to be made anew for almost each part. */
	if (!rows)
		return f->n <= f->capacity / 8 * 7;
	f->rows = rows;
	f->capacity = wanted;
	return true;
}

void file_ranges_note(struct file_ranges *f, const struct file_range *range)
{
	struct file_range *equal;

	f->noted = true;
	if (f->n == f->capacity && !f->full)
		f->full = !make_room(f);
	if (!f->full) {
		f->rows[f->n++] = *range;
		return;
	}
	equal = f->n ? bsearch(range, f->rows, f->n, sizeof(*range), compare) : NULL;
	if (equal)
		row_take(equal, range);
	else
		f->left_out++;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The rows are sorted: those that overlap stand side by side. */
static uint64_t rows_bytes(const struct file_ranges *f)
{
	struct file_range cover = { 0 };
	uint64_t sum = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct file_range *r = &f->rows[i];

		if (r->dev != cover.dev || r->ino != cover.ino || r->start >= cover.end) {
			sum += cover.bytes;
			cover = *r;
			continue;
		}
		if (r->end > cover.end)
			cover.end = r->end;
		cover.bytes = smaller(cover.bytes + r->bytes, cover.end - cover.start);
	}
	return sum + cover.bytes;
}

void file_ranges_expire(struct file_ranges *f, uint64_t before_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->rows[i].seen_ns >= before_ns)
			f->rows[kept++] = f->rows[i];
	if (kept == f->n && !f->noted)
		return;
	f->n = kept;
	f->left_out = 0;
	f->noted = f->full = false;
	rows_unite(f);
	f->bytes = rows_bytes(f);
}
