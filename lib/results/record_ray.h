/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record and its line for people say of Ray. */
#ifndef RAYPSS_RECORD_RAY_H
#define RAYPSS_RECORD_RAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "account/account.h"
#include "results/fields.h"

/* The object "ray" of the record: a new reference; null where there was no Ray. */
json_t *record_ray(const struct record *r);

/* Whether there is something to change about Ray's store, or Ray believes in memory that it has not. */
bool record_ray_is_flagged(const struct account *account);

/* Adds that to a line, each part with "; " in front, as text_add does. */
void record_ray_words(const struct account *account, char *buf, size_t size, size_t *n);

#endif
