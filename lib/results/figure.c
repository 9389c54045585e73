/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/figure.h"

uint64_t figure_get(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_integer_value(value);

	return json_is_integer(value) && number >= 0 ? (uint64_t)number : UNKNOWN;
}

json_t *figure_json(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer((json_int_t)value);
}

uint64_t figure_greater(uint64_t a, uint64_t b)
{
	if (a == UNKNOWN || b == UNKNOWN)
		return a == UNKNOWN ? b : a;
	return a > b ? a : b;
}
