/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/raylet_parse.h"

#include <string.h>

#include "base/digits.h"
#include "base/unknown.h"

/* A line or an argument. */
struct span {
	const char *at;
	const char *end;
};

/* Whether the span begins with the text; then it begins behind it afterwards. */
static bool skip(struct span *s, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n))
		return false;
	s->at += n;
	return true;
}

/* The part up to the next byte of that kind, which the rest then is behind. */
static struct span part_next(struct span *rest, char byte)
{
	const char *end = memchr(rest->at, byte, (size_t)(rest->end - rest->at));
	struct span part = { rest->at, end ? end : rest->end };

	rest->at = end ? end + 1 : rest->end;
	return part;
}

static bool is(struct span s, const char *text)
{
	return skip(&s, text) && s.at == s.end;
}

static void number_set(struct span s, uint64_t *out)
{
	uint64_t value;

	if (digits_parse(&s.at, s.end, &value) == 0 && value <= INT64_MAX)
		*out = value;
}

/* "4" and "0.5": Ray's resources have four decimals at most. */
static void hundredths_set(struct span s, uint64_t *out)
{
	uint64_t value, part = 0;

	if (digits_parse(&s.at, s.end, &value) || value > UINT32_MAX)
		return;
	if (s.at < s.end && *s.at == '.')
		for (uint64_t unit = 10; ++s.at < s.end && unit && *s.at >= '0' && *s.at <= '9';
			unit /= 10)
			part += unit * (uint64_t)(*s.at - '0');
	*out = value * 100 + part;
}

/* "node:192.0.2.2,1.0,CPU,4,memory,24304492544": names and amounts take turns. */
static void resources_parse(struct span list, struct raylet_options *out)
{
	while (list.at < list.end) {
		struct span name = part_next(&list, ','), amount = part_next(&list, ',');

		if (is(name, "CPU"))
			hundredths_set(amount, &out->cpus_hundredths);
		else if (is(name, "memory"))
			number_set(amount, &out->memory);
	}
}

static void path_set(struct span s, char out[RAYLET_PATH])
{
	size_t n = (size_t)(s.end - s.at);

	if (n < RAYLET_PATH && n && *s.at == '/') {
		memcpy(out, s.at, n);
		out[n] = '\0';
	}
}

void raylet_options_parse(const char *cmdline, size_t len, struct raylet_options *out)
{
	struct span rest = { cmdline, cmdline + len };

	*out = (struct raylet_options){
		.capacity = UNKNOWN,
		.memory = UNKNOWN,
		.cpus_hundredths = UNKNOWN,
	};
	while (rest.at < rest.end) {
		struct span one = part_next(&rest, '\0');

		if (skip(&one, "--object_store_memory="))
			number_set(one, &out->capacity);
		else if (skip(&one, "--static_resource_list="))
			resources_parse(one, out);
		else if (skip(&one, "--session_dir="))
			path_set(one, out->session);
		else if (skip(&one, "--python_worker_command="))
			out->spills_elsewhere = memmem(one.at, (size_t)(one.end - one.at),
				"--object-spilling-config=", 25);
	}
}

void raylet_state_parse(const char *text, size_t len, struct raylet_state *out)
{
	struct span rest = { text, text + len };

	*out = (struct raylet_state){ UNKNOWN, UNKNOWN, UNKNOWN };
	while (rest.at < rest.end) {
		struct span line = part_next(&rest, '\n');

		if (!skip(&line, "- num ") && !skip(&line, "- "))
			continue;
		if (skip(&line, "pinned objects size: "))
			number_set(line, &out->pinned);
		else if (skip(&line, "bytes currently spilled: "))
			number_set(line, &out->spilled);
		else if (skip(&line, "local plasma objects: "))
			number_set(line, &out->objects);
	}
}
