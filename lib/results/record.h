/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a step on a node, as JSON. Its fields are described in raypss(1). */
#ifndef RAYPSS_RECORD_H
#define RAYPSS_RECORD_H

#include <jansson.h>
#include <stddef.h>

#include "account/account.h"
#include "account/verdict.h"
#include "results/step_info.h"

#define RECORD_SCHEMA 1

enum verdict record_verdict(const struct step_info *facts, const struct account *account);

/* A new reference, or NULL when out of memory. host may be NULL. */
json_t *record_json(const struct step_info *facts, const struct account *account, json_t *host);

/*
 * The step's entry in the job field that sacct shows:
 * {"nodes":N,"reported":1,"peak":..,"limit":..,"rss":..,"store":..,"oom":".."}.
 */
json_t *record_entry(const struct step_info *facts, const struct account *account);

/* One line for people about the step's memory, without newline. Returns buf. */
char *record_line(
	const struct step_info *facts, const struct account *account, char *buf, size_t size);

#endif
