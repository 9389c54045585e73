/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

const struct field *field_find(const char *name)
{
	for (const struct field *f = fields; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static uint64_t member(const struct field *f, const struct record *r)
{
	const void *const homes[] = {
		[IN_ACCOUNT] = r->account,
		[IN_SAMPLE] = r->sample,
		[IN_INFO] = r->info,
	};
	const char *at = (const char *)homes[f->home] + f->at;
	uint64_t wide;
	uint32_t narrow;

	if (f->size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	if (f->size == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	return *(const unsigned char *)at;
}

uint64_t field_figure(const struct field *f, const struct record *r)
{
	if (f->figure)
		return f->figure(r);
	return f->size ? member(f, r) : UNKNOWN;
}

/* A value without a text is not known. */
static json_t *text_json(const char *text)
{
	return text ? json_string(text) : json_null();
}

json_t *field_json(const struct field *f, uint64_t value)
{
	if (value == UNKNOWN)
		return json_null();
	switch (f->unit) {
	case FIELD_EPOCH_MS:
		return json_real((double)value / 1e3);
	case FIELD_NS:
		return json_real((double)(value / NS_PER_MS) / 1e3);
	case FIELD_US:
		return json_real((double)(value / 1000) / 1e3);
	case FIELD_CPU_NS:
		return json_real((double)(value / NS_PER_US) / 1e6);
	case FIELD_HUNDREDTHS:
		return json_real((double)value / 100);
	case FIELD_FLAG:
		return json_boolean(value);
	case FIELD_WORD:
		return text_json(f->word(value));
	case FIELD_WORD_OR_FALSE:
		return value ? text_json(f->word(value)) : json_false();
	case FIELD_SIGNAL:
		return text_json(value < 256 ? signal_name((int)value) : NULL);
	default:
		return json_integer((json_int_t)value);
	}
}

/* A number of seconds or a ratio, times scale. What no figure can be is not known. */
static uint64_t scaled(const json_t *value, double scale)
{
	double number = json_number_value(value) * scale;

	/* Written so that NaN fails, too. */
	return json_is_number(value) && number >= 0 && number < 9e18 ? (uint64_t)round(number)
								     : UNKNOWN;
}

static uint64_t word_read(const struct field *f, const json_t *value)
{
	const char *text = json_string_value(value);

	for (uint64_t i = 0; text && f->word(i); i++)
		if (!strcmp(text, f->word(i)))
			return i;
	return UNKNOWN;
}

static uint64_t signal_read(const json_t *value)
{
	const char *text = json_string_value(value);
	int signo;

	return text && signal_parse(text, &signo) == 0 ? (uint64_t)signo : UNKNOWN;
}

uint64_t field_read(const struct field *f, const json_t *value)
{
	json_int_t number = json_integer_value(value);

	switch (f->unit) {
	case FIELD_EPOCH_MS:
		return scaled(value, 1e3);
	case FIELD_NS:
		return scaled(value, 1e9);
	case FIELD_US:
		return scaled(value, 1e6);
	case FIELD_CPU_NS:
		return scaled(value, 1e9);
	case FIELD_HUNDREDTHS:
		return scaled(value, 100);
	case FIELD_FLAG:
		return json_is_boolean(value) ? json_is_true(value) : UNKNOWN;
	case FIELD_WORD:
		return word_read(f, value);
	case FIELD_WORD_OR_FALSE:
		return json_is_boolean(value) ? json_is_true(value) : word_read(f, value);
	case FIELD_SIGNAL:
		return signal_read(value);
	default:
		return json_is_integer(value) && number >= 0 ? (uint64_t)number : UNKNOWN;
	}
}

/* The part of a name before its dot in block; what is behind it is returned. */
static const char *name_split(const char *name, char block[FIELD_TEXT])
{
	const char *dot = strchr(name, '.');

	snprintf(block, FIELD_TEXT, "%.*s", dot ? (int)(dot - name) : 0, name);
	return dot ? dot + 1 : name;
}

void field_set(json_t *object, const char *name, json_t *value)
{
	char block[FIELD_TEXT];
	const char *last = name_split(name, block);
	json_t *inner = object;

	if (*block) {
		inner = json_object_get(object, block);
		if (!inner) {
			inner = json_object();
			json_object_set_new(object, block, inner);
		}
	}
	json_object_set_new(inner, last, value);
}

json_t *field_get(const json_t *object, const char *name)
{
	char block[FIELD_TEXT];
	const char *last = name_split(name, block);

	return json_object_get(*block ? json_object_get(object, block) : object, last);
}

char *field_text(const struct field *f, uint64_t value, uint64_t like, char buf[FIELD_TEXT])
{
	if (value == UNKNOWN)
		snprintf(buf, FIELD_TEXT, "unknown");
	else if (f->unit == FIELD_BYTES)
		size_format_like(value, like == UNKNOWN ? value : like, buf);
	else
		snprintf(buf, FIELD_TEXT, "%" PRIu64, value);
	return buf;
}
