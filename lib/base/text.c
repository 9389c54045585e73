/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

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
