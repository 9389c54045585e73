/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people are told when a step ends. */
#ifndef RAYPSS_RECORD_LINE_H
#define RAYPSS_RECORD_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "account/account.h"
#include "results/step_info.h"

/* One line about the step's memory, without newline, cut to size. Returns buf. */
char *record_line(
	const struct step_info *info, const struct account *account, char *buf, size_t size);

/*
 * Whether the line has something to say: a verdict, memory that stays, or a figure that is only a
 * lower bound.
 */
bool record_line_is_flagged(const struct step_info *info, const struct account *account);

#endif
