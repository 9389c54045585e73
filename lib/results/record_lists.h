/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a record that are lists or objects: printers for the table of fields. */
#ifndef RAYPSS_RECORD_LISTS_H
#define RAYPSS_RECORD_LISTS_H

#include <jansson.h>

#include "results/fields.h"

/* Each returns a new reference, NULL when out of memory. Their grammar is in raypss(1), RECORD. */
json_t *record_victims(const struct record *r);
json_t *record_top(const struct record *r);
json_t *record_tasks(const struct record *r);
json_t *record_objects(const struct record *r);
json_t *record_left_out(const struct record *r);
json_t *record_left_objects(const struct record *r); /* null: not known */
json_t *record_numa(const struct record *r); /* null: not known */
json_t *record_pressure(const struct record *r); /* null: not known */
json_t *record_series(const struct record *r); /* null: not wanted */

#endif
