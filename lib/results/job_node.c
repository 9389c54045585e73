/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/verdict.h"
#include "base/text.h"
#include "results/fields.h"
#include "results/figure.h"

/* A record lists 64 objects; another version of this program may list more. */
enum { OBJECTS_MAX = 4096 };

static uint64_t *kept(const struct field *f, const struct job_node *n)
{
	return (uint64_t *)((char *)n + f->kept);
}

static void text_read(const json_t *record, const char *name, char *buf, size_t size)
{
	const char *text = json_string_value(json_object_get(record, name));

	text_clean(buf, size, text ? text : "", text ? strlen(text) : 0);
}

static int objects_read(const json_t *list, struct job_node *n)
{
	size_t count = json_array_size(list);

	if (count > OBJECTS_MAX)
		count = OBJECTS_MAX;
	n->objects = calloc(count ? count : 1, sizeof(*n->objects));
	if (!n->objects)
		return -ENOMEM;
	for (; n->objects_n < count; n->objects_n++) {
		const json_t *o = json_array_get(list, n->objects_n);
		json_int_t bytes = json_integer_value(json_object_get(o, "bytes"));

		n->objects[n->objects_n] = (struct look_object){
			.dev = (uint64_t)json_integer_value(json_object_get(o, "dev")),
			.ino = (uint64_t)json_integer_value(json_object_get(o, "ino")),
			.bytes = bytes > 0 ? (uint64_t)bytes : 0,
			.sysv = json_is_true(json_object_get(o, "sysv")),
		};
	}
	return 0;
}

void job_node_of(const struct step_info *info, const struct account *account, struct job_node *out)
{
	const struct record r = { info, account, &account->peak, NULL };

	memset(out, 0, sizeof(*out));
	memcpy(out->step, info->step, sizeof(out->step));
	memcpy(out->node, info->node, sizeof(out->node));
	for (const struct field *f = fields; f->name; f++)
		if (f->kept)
			*kept(f, out) = field_figure(f, &r);
}

void job_node_unknown(struct job_node *out)
{
	memset(out, 0, sizeof(*out));
	for (const struct field *f = fields; f->name; f++)
		if (f->kept)
			*kept(f, out) = UNKNOWN;
}

int job_node_read(const json_t *record, struct job_node *out)
{
	memset(out, 0, sizeof(*out));
	text_read(record, "step", out->step, sizeof(out->step));
	text_read(record, "node", out->node, sizeof(out->node));
	for (const struct field *f = fields; f->name; f++)
		if (f->kept)
			*kept(f, out) = field_read(f, field_get(record, f->name));
	if (!json_is_object(json_object_get(record, "peak")))
		return -EINVAL;
	/* A record without a restart count is of the first run. An unknown verdict counts as none. */
	if (out->restart > RESTART_MAX)
		out->restart = 0;
	if (out->verdict == UNKNOWN)
		out->verdict = VERDICT_NONE;
	return objects_read(json_object_get(record, "objects"), out);
}

void job_node_keep_lists(struct job_node *n, const json_t *record)
{
	static const char *const names[] = { "top", "tasks", "oom", "ray", "elapsed" };

	json_decref(n->lists);
	n->lists = json_object();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		json_object_set(n->lists, names[i], json_object_get(record, names[i]));
}

void job_node_clear(struct job_node *n)
{
	json_decref(n->lists);
	n->lists = NULL;
	free(n->objects);
	n->objects = NULL;
	n->objects_n = 0;
}

/* The report names the job, the run, the nodes and their number elsewhere. */
static bool is_known_from_place(const char *name)
{
	static const char *const names[] = { "job", "restart", "nodes", "node_index" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

json_t *job_node_json(const struct job_node *n)
{
	json_t *summary = json_object();

	for (const struct field *f = fields; f->name; f++) {
		const char *name = f->name;

		if (!f->kept || is_known_from_place(name))
			continue;
		if (!strcmp(name, "oom.verdict"))
			name = "oom";
		else if (!strncmp(name, "peak.", strlen("peak.")) ||
			!strncmp(name, "oom.", strlen("oom.")))
			name = strchr(name, '.') + 1;
		field_set(summary, name, field_json(f, *kept(f, n)));
	}
	return summary;
}

int job_node_worst_first(const struct job_node *a, const struct job_node *b)
{
	uint64_t m = figure_or_0(a->footprint), n = figure_or_0(b->footprint);

	if (a->verdict != b->verdict)
		return a->verdict > b->verdict ? -1 : 1;
	if (m != n)
		return m > n ? -1 : 1;
	return !*a->node - !*b->node;
}

bool job_node_has_ended(const struct job_node *n)
{
	return n->how != END_RUNNING;
}
