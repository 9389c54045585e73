/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/publisher/publish_loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
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
 * Writers that undid each other once would do so again. From the third try on each waits longer, for
 * a time that differs between processes: up to 1.5 s over all tries.
 */
static void back_off(int tries)
{
	unsigned spread = 4u << tries;

	if (tries > 1)
		poll(NULL, 0, (int)(spread / 2 + (unsigned)getpid() * 7919u % spread));
}

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
		char *text, *merged = NULL;
		int rc;

		back_off(i);
		text = way->read(r, &reason);
		if (!text)
			return reason;
		if (job_field_holds(text, r->restart, &r->steps)) {
			free(text);
			return NULL;
		}
		rc = job_field_merge(text, r->restart, &r->steps, &merged);
		free(text);
		if (rc == -EEXIST)
			return PUBLISH_REFUSED
				"the field holds text that is not a JSON object; choose another "
				"one: publish= in plugstack.conf, --field of raypss publish";
		if (rc == -E2BIG)
			return PUBLISH_REFUSED "the job's steps do not fit into the field";
		if (rc)
			return strerror(-rc);
		rc = way->write(r, merged);
		free(merged);
		if (rc == PUBLISH_NEVER)
			return NULL;
		if (rc)
			return way->error(rc);
		*wrote = true;
	}
	return reason;
}

/*
 * Whether slurmctld still shows the ended job with all our entries: then slurmdbd has them or gets
 * them from slurmctld, and nothing is left to do.
 */
static bool controller_has(const struct publish_request *r, const struct publish_way *controller)
{
	const char *reason;
	char *text = controller->read(r, &reason);
	bool has = text && job_field_holds(text, r->restart, &r->steps);

	free(text);
	return has;
}

/* NULL or what went wrong. unsettled: whether another writer may still undo the change. */
static const char *answer(
	const struct publish_request *r, const struct publish_ways *ways, bool *unsettled)
{
	bool by_database = r->ended && !ways->is_running(r);
	const char *wrong = publish(r, by_database ? ways->database : ways->controller, unsettled);

	if (wrong && by_database && controller_has(r, ways->controller))
		wrong = NULL;
	/* What failed after a write is settled later: others may have been faster every time. */
	if (by_database)
		*unsettled = false;
	return wrong;
}

static const char *answer_later(
	const struct publish_request *r, const struct publish_ways *ways, bool *unsettled)
{
	alarm(0);
	poll(NULL, 0, (int)r->delay_ms);
	alarm(REQUEST_SECONDS);
	return answer(r, ways, unsettled);
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

/* Whether our entries are still there, in slurmdbd if the job has ended meanwhile. Else writes them. */
static bool is_settled(const struct publish_request *r, const struct publish_ways *ways)
{
	struct publish_request late = *r;
	bool unsettled;

	late.ended = true;
	if (controller_has(&late, ways->controller))
		return true;
	return !answer(&late, ways, &unsettled) && !unsettled;
}

/*
 * Another writer that read the field before our write may write after our check, and undo our
 * change. Check again a little later, but never let another request wait for that.
 */
static void settle(const struct publish_request *r, const struct publish_ways *ways,
	const struct line_reader *requests)
{
	bool settled = false;

	for (int i = 0; i < TRIES && !settled && !request_comes(requests); i++) {
		alarm(REQUEST_SECONDS);
		settled = is_settled(r, ways);
		alarm(0);
	}
}

/* Whoever asked may have ended meanwhile, because its step has: that is no error. 0 or -errno. */
static int answer_send(int out, const char *wrong)
{
	if (dprintf(out, "%s\n", wrong ? wrong : "") >= 0 || errno == EPIPE)
		return 0;
	return -errno;
}

/* 0, or -errno: the answer could not be written. line: NULL = longer than a request may be. */
static int request_serve(
	const char *line, int out, const struct publish_ways *ways, const struct line_reader *next)
{
	struct publish_request request = { 0 };
	bool unsettled = false;
	const char *wrong;
	int rc;

	alarm(REQUEST_SECONDS);
	if (!line)
		wrong = "the request is too long";
	else if (publish_request_parse(line, &request))
		wrong = "not a request";
	else
		wrong = answer_later(&request, ways, &unsettled);
	alarm(0);
	rc = answer_send(out, wrong);
	if (rc == 0 && unsettled)
		settle(&request, ways, next);
	publish_request_clear(&request);
	return rc;
}

int publish_serve(int in, int out, const struct publish_ways *ways)
{
	struct line_reader requests;
	char *line;
	int rc;

	/* The entry still has to be checked when nobody waits for the answer any more. */
	signal(SIGPIPE, SIG_IGN);
	line_reader_init(&requests, in, REQUEST_LONGEST);
	do {
		rc = line_reader_next(&requests, &line);
		if (rc == 1 || rc == -EMSGSIZE)
			rc = request_serve(rc == 1 ? line : NULL, out, ways, &requests) ?: 1;
	} while (rc > 0);
	line_reader_free(&requests);
	return rc;
}
