/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures as text for Prometheus: the text format 0.0.4, which is also OpenMetrics 1.0 for gauges.
 * https://prometheus.io/docs/instrumenting/exposition_formats
 */
#ifndef RAYPSS_EXPOSITION_H
#define RAYPSS_EXPOSITION_H

#include <stdio.h>

#include "tools/metrics/live_list.h"
#include "tools/metrics/spool_totals.h"

/* Writes the running steps: a family for each figure, a line for each step that knows it. */
void exposition_steps(FILE *f, const struct live_list *list);

/* Writes the totals of a spool. */
void exposition_spool(FILE *f, const struct spool_totals *totals);

/* Writes the last line. */
void exposition_end(FILE *f);

#endif
