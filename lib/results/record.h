/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a step on a node, as JSON. Its fields are described in raypss(1). */
#ifndef RAYPSS_RECORD_H
#define RAYPSS_RECORD_H

#include <jansson.h>

#include "account/account.h"
#include "account/verdict.h"
#include "results/step_info.h"

enum verdict record_verdict(const struct step_info *info, const struct account *account);

/* A new reference, or NULL when out of memory. host (host.h) may be NULL. */
json_t *record_json(
	const struct step_info *info, const struct account *account, const json_t *host);

#endif
