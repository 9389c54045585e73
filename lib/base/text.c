/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

size_t text_clean(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = 0;

	if (!size)
		return 0;
	for (; n < len && n + 1 < size && src[n]; n++)
		dst[n] = src[n] >= 0x20 && src[n] < 0x7f ? src[n] : '?';
	dst[n] = '\0';
	return n;
}

void text_add(char *buf, size_t size, size_t *n, const char *format, ...)
{
	va_list list;
	int rc;

	if (*n + 1 >= size)
		return;
	va_start(list, format);
	rc = vsnprintf(buf + *n, size - *n, format, list);
	va_end(list);
	if (rc < 0)
		return;
	*n += (size_t)rc;
	if (*n >= size)
		*n = size - 1;
}

uint64_t text_hash(uint64_t seed, const char *text, size_t len)
{
	uint64_t h = seed ^ 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3;
	return h;
}
