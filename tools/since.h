/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times in the past, as people write them. */
#ifndef RAYPSS_SINCE_H
#define RAYPSS_SINCE_H

#include <stdint.h>

/* For messages. */
#define SINCE_ALLOWED                                                                              \
	"a time such as 12h or 7d ago, or a date such as 2026-11-25 or 2026-11-25T08:00"

/* Seconds since the epoch, local time. 0, -EINVAL, or -ERANGE for a time to come or before the epoch. */
int since_parse(const char *text, int64_t *out);

#endif
