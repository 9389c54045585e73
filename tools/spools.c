/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/common/paths.h"
#include "results/spool.h"

int spools_add(struct spools *s, const char *path)
{
	if (s->n == SPOOLS_MAX) {
		fprintf(stderr, "raypss: --spool: more than %d\n", SPOOLS_MAX);
		return -E2BIG;
	}
	s->paths[s->n++] = path;
	return 0;
}

const char *spools_path(const struct spools *s, unsigned i)
{
	if (!s->n)
		return i == 0 ? SPOOL_DEFAULT : NULL;
	return i < s->n ? s->paths[i] : NULL;
}

const char *spools_text(const struct spools *s)
{
	return spools_path(s, 0);
}

struct selection {
	json_t *records;
	const char *step;
};

static void record_select(const json_t *record, void *arg)
{
	struct selection *s = arg;
	const char *step = json_string_value(json_object_get(record, "step"));

	if (step && (!s->step || !strcmp(step, s->step)))
		json_array_append(s->records, (json_t *)record);
}

json_t *spools_records(const struct spools *s, uint32_t job, const char *step)
{
	struct selection selection = { json_array(), step };
	const char *path;

	for (unsigned i = 0; (path = spools_path(s, i)); i++) {
		/* A user may enter the spool but not list it. */
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		spool_each_record(fd, job, record_select, &selection);
		close(fd);
	}
	return selection.records;
}

int job_parse(const char *text, uint32_t *job, const char **step)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (end == text || *text < '0' || *text > '9' || !number || number > UINT32_MAX ||
		(*end && *end != '.') || (*end && !end[1]))
		return -EINVAL;
	*job = (uint32_t)number;
	*step = *end ? end + 1 : NULL;
	return 0;
}
