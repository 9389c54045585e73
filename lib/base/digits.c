/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/digits.h"

#include <errno.h>

int digits_parse(const char **pos, const char *end, uint64_t *value)
{
	const char *p = *pos;
	uint64_t v = 0;

	while (p < end && *p == ' ')
		p++;
	if (p == end || *p < '0' || *p > '9')
		return -EINVAL;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -EINVAL;
	*pos = p;
	*value = v;
	return 0;
}
