/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/publisher/publish_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/common/line_reader.h"
#include "results/job_field.h"

/* For one request. A slurmctld that needs longer is away, and raypss publish comes later. */
enum { REQUEST_SECONDS = 30, TRIES = 8 };

/* Other writers that began before our write have ended theirs by then. */
enum { SETTLE_MS = 500 };

/* Entries of more steps than a job can have. */
enum { REQUEST_LONGEST = 16 * 1024 * 1024 };

/*
 * Slurm has no compare-and-set. So this reads, merges, writes, and reads again until our entries
 * are there. NULL, or what went wrong.
 */
static const char *publish(
	const struct publish_request *r, const struct publish_way *way, bool *wrote)
{
	const char *reason = "another writer was faster every time";

	*wrote = false;
	for (int i = 0; i < TRIES; i++) {
		char *text = way->read(r, &reason), *merged = NULL;
		int rc;

		if (!text)
			return reason;
		if (field_holds(text, r->restart, r->entries)) {
			free(text);
			return NULL;
		}
		rc = field_merge(text, r->restart, r->entries, &merged);
		free(text);
		if (rc == -EEXIST)
			return "the field holds text that is not a JSON object; choose another "
			       "one: publish= in plugstack.conf, --field of raypss publish";
		if (rc)
			return strerror(-rc);
		rc = way->write(r, merged);
		free(merged);
		if (rc)
			return way->error(rc);
		*wrote = true;
	}
	return reason;
}

/* The members stay text's. NULL or what is wrong. */
static const char *request_read(const json_t *text, struct publish_request *r, int *ended)
{
	json_int_t job = 0, restart = 0;

	if (json_unpack((json_t *)text, "{s:I, s:I, s:s, s:b, s:o}", "job", &job, "restart",
		    &restart, "field", &r->field, "ended", ended, "entries", &r->entries))
		return "not a request";
	r->job = (uint32_t)job;
	r->restart = (uint32_t)restart;
	return NULL;
}

/* NULL or what went wrong. unsettled: whether another writer may still undo the change. */
static const char *answer(const json_t *text, const struct publish_ways *ways, bool *unsettled)
{
	struct publish_request r;
	int ended = 0;
	const char *wrong = request_read(text, &r, &ended);
	bool by_database;

	*unsettled = false;
	if (wrong)
		return wrong;
	by_database = ended && !ways->is_running(r.job);
	wrong = publish(&r, by_database ? ways->database : ways->controller, unsettled);
	if (wrong || by_database)
		*unsettled = false;
	return wrong;
}

/*
 * Whether there is a next request, waiting SETTLE_MS for it. The end of the input is no request:
 * then all of SETTLE_MS passes.
 */
static bool request_comes(const struct line_reader *r)
{
	struct pollfd fd = { .fd = r->fd, .events = POLLIN };

	if (line_reader_has_line(r))
		return true;
	if (poll(&fd, 1, SETTLE_MS) <= 0)
		return false;
	if (!(fd.revents & POLLIN))
		poll(NULL, 0, SETTLE_MS);
	return fd.revents & POLLIN;
}

/*
 * Another writer that read the field before our write may write after our check, and undo our
 * change. Check again a little later, but never let another request wait for that.
 */
static void settle(
	const json_t *text, const struct publish_ways *ways, const struct line_reader *requests)
{
	bool unsettled = true;

	for (int i = 0; i < TRIES && unsettled && !request_comes(requests); i++) {
		alarm(REQUEST_SECONDS);
		answer(text, ways, &unsettled);
		alarm(0);
	}
}

/* 0, or -errno: the answer could not be written. */
static int request_serve(
	const char *line, int out, const struct publish_ways *ways, const struct line_reader *r)
{
	json_t *text = line ? json_loads(line, 0, NULL) : NULL;
	bool unsettled = false;
	const char *wrong;
	int rc;

	alarm(REQUEST_SECONDS);
	wrong = line ? answer(text, ways, &unsettled) : "the request is too long";
	alarm(0);
	rc = dprintf(out, "%s\n", wrong ? wrong : "") < 0 ? -errno : 0;
	if (rc == 0 && unsettled)
		settle(text, ways, r);
	json_decref(text);
	return rc;
}

int publish_serve(int in, int out, const struct publish_ways *ways)
{
	struct line_reader requests;
	char *line;
	int rc;

	line_reader_init(&requests, in, REQUEST_LONGEST);
	do {
		rc = line_reader_next(&requests, &line);
		if (rc == 1 || rc == -EMSGSIZE)
			rc = request_serve(rc == 1 ? line : NULL, out, ways, &requests) ?: 1;
	} while (rc > 0);
	line_reader_free(&requests);
	return rc;
}
