/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/environ_parse.h"

#include <string.h>

bool environ_has(const char *env, size_t len, const char *text, bool whole)
{
	size_t n = strlen(text) + (whole ? 1 : 0);

	for (const char *p = env; p && (size_t)(env + len - p) >= n;) {
		if (!memcmp(p, text, n))
			return true;
		p = memchr(p, '\0', (size_t)(env + len - p));
		if (p)
			p++;
	}
	return false;
}
