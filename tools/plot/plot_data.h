/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture of a record shows: series, limit, peak, largest tasks, kill, signals and end. Pure. */
#ifndef RAYPSS_PLOT_DATA_H
#define RAYPSS_PLOT_DATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/unknown.h"

/* A record has 256 points; another version may have more. */
enum { PLOT_POINTS = 4096, PLOT_TEXT = 192, PLOT_MARKS = 3 };

struct plot_point {
	double seconds; /* since the start */
	/* Bytes, UNKNOWN where the record does not say: those of schema 1 have no parts. */
	uint64_t footprint;
	uint64_t private;
	uint64_t shared;
	uint64_t kernel;
	uint64_t rss;
};

/* Something that happened at a moment. */
struct plot_mark {
	double seconds; /* since the start */
	char text[32]; /* cleaned */
};

struct plot_data {
	char title[PLOT_TEXT]; /* cleaned text, as the next three */
	char title_alone[PLOT_TEXT]; /* the title without the node */
	char node[PLOT_TEXT]; /* "on n1", "" = not known */
	char largest
		[PLOT_TEXT]; /* tasks, or else processes, with the most memory; "" = none known */
	unsigned marks_n;
	struct plot_mark marks[PLOT_MARKS];
	double elapsed; /* seconds */
	double peak_at; /* seconds, negative = not known */
	uint64_t peak; /* bytes */
	uint64_t limit; /* bytes, UNKNOWN = none */
	bool has_parts; /* every point has private, shared and kernel */
	size_t n;
	struct plot_point points[PLOT_POINTS];
};

/*
 * Reads a record of any schema. 0; -EINVAL: it is no record; -ENODATA: it has no series, or no sample.
 * title is filled in also with -ENODATA.
 */
int plot_data_read(const json_t *record, struct plot_data *out);

/* The greatest figure of all points and the limit, in bytes. */
uint64_t plot_data_greatest(const struct plot_data *d);

#endif
