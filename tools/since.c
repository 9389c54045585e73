/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/since.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A number with a unit, before now. */
static int ago_parse(const char *text, int64_t now, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	char *end;
	long number = strtol(text, &end, 10);

	if (number < 0 || number > 100000 || !*end || end[1])
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].unit != *end)
			continue;
		*out = now - number * units[i].seconds;
		/* A clock that was never set is near the epoch. */
		if (*out < 0)
			*out = 0;
		return 0;
	}
	return -EINVAL;
}

int since_parse(const char *text, int64_t *out)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };
	int64_t now = time(NULL);

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	if (ago_parse(text, now, out) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);

		if (!end || *end)
			continue;
		*out = mktime(&tm);
		return *out > 0 && *out <= now ? 0 : -ERANGE;
	}
	return -EINVAL;
}
