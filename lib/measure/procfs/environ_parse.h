/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parser of /proc/PID/environ, proc(5): a pure function over a buffer. */
#ifndef RAYPSS_ENVIRON_PARSE_H
#define RAYPSS_ENVIRON_PARSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the NUL-separated environment holds an entry that is the text, or with whole = false one
 * that begins with it. A last entry without its NUL was cut, so it is not taken for a whole one.
 */
bool environ_has(const char *env, size_t len, const char *text, bool whole);

#endif
