/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal numbers in a buffer. */
#ifndef RAYPSS_DIGITS_H
#define RAYPSS_DIGITS_H

#include <stdint.h>

/* Blanks and the digits at *pos; moves behind them. 0 or -EINVAL: no digit, or beyond 64 bits. */
int digits_parse(const char **pos, const char *end, uint64_t *value);

#endif
