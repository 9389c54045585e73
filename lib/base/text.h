/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that comes from users' processes: bounded and made harmless before anybody sees it. */
#ifndef RAYPSS_TEXT_H
#define RAYPSS_TEXT_H

#include <stddef.h>

/* Room for a process title or name, with its NUL. */
enum { TITLE_SIZE = 64 };

/*
 * Copies at most len bytes of src to dst (size bytes with the NUL). What is not printable ASCII
 * becomes '?', so that no terminal, log or JSON reader can be led astray. Returns strlen(dst).
 */
size_t text_clean(char *dst, size_t size, const char *src, size_t len);

#endif
