/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a step on a node, as JSON. Its fields are described in raypss(1). */
#ifndef RAYPSS_RECORD_H
#define RAYPSS_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"
#include "account/verdict.h"
#include "results/step_info.h"

enum verdict record_verdict(const struct step_info *info, const struct account *account);

/* Whether a look saw more than tasks that had not executed their programs yet, which have no RSS. */
bool record_has_programs(const struct account *account);

/*
 * An upper bound of the footprint at any time, as far as one is known; UNKNOWN = none. What no look
 * saw is in the kernel's own figure at the end of the tasks: with it the bound is not below the RSS that
 * a task had, and has that RSS for each task if no look saw a program of theirs.
 */
uint64_t record_bound(const struct step_info *info, const struct account *account);

/* A new reference, or NULL when out of memory. host (host.h) may be NULL. */
json_t *record_json(
	const struct step_info *info, const struct account *account, const json_t *host);

#endif
