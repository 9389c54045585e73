/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss-publisher: writes a step's entry into its job's field. A process of its own, so that
 * nothing of ours ever waits for slurmctld inside slurmstepd; it ends by itself when that hangs.
 *
 * Standard input: one request per line,
 *   {"job":N,"restart":N,"field":"admin_comment|extra|comment","ended":BOOL,"entries":{"STEP":{..}}}
 * ended: the job may have ended; then it is changed in slurmdbd's database.
 * Standard output: one line for each, empty or what went wrong.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>

#include "config.h"
#include "plugin/publisher/publish_way.h"
#include "results/job_field.h"

/* For one request: beyond that slurmctld is away, and raypss publish does it later. */
enum { REQUEST_SECONDS = 30, TRIES = 8 };

/* After which other writers, who were at it at the same time, are through. */
enum { LATE_MS = 500 };

static int load(job_info_msg_t **jobs, uint32_t job)
{
#ifdef HAVE_SLURM_LOAD_JOB_BY_STEP_ID
	slurm_step_id_t id = SLURM_STEP_ID_INITIALIZER;

	id.job_id = job;
	return slurm_load_job(jobs, id, SHOW_ALL);
#else
	return slurm_load_job(jobs, job, SHOW_ALL);
#endif
}

static uint32_t number_of(const slurm_job_info_t *job)
{
#ifdef HAVE_SLURM_JOB_INFO_T_JOB_ID
	return job->job_id;
#else
	return job->step_id.job_id;
#endif
}

/*
 * A job as slurmctld has it, in jobs, which the caller frees; NULL where it cannot be had. All tasks
 * of an array and components of a het job answer to the number that one of them has.
 */
static slurm_job_info_t *job_load(uint32_t number, job_info_msg_t **jobs)
{
	if (load(jobs, number))
		return NULL;
	for (uint32_t i = 0; i < (*jobs)->record_count; i++)
		if (number_of(&(*jobs)->job_array[i]) == number)
			return &(*jobs)->job_array[i];
	errno = ESLURM_INVALID_JOB_ID;
	return NULL;
}

/* The field's text as slurmctld has it; NULL and a reason where it cannot be had. */
static char *controller_read(const struct publish_request *r, const char **reason)
{
	job_info_msg_t *jobs = NULL;
	slurm_job_info_t *job = job_load(r->job, &jobs);
	char **member, *text;

	if (!job) {
		*reason = slurm_strerror(errno);
		slurm_free_job_info_msg(jobs);
		return NULL;
	}
#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	member = publish_member(r->field, &job->admin_comment, &job->comment, &job->extra);
#else
	member = publish_member(r->field, &job->admin_comment, &job->comment, NULL);
#endif
	text = strdup(member && *member ? *member : "");
	slurm_free_job_info_msg(jobs);
	return text;
}

static int controller_write(const struct publish_request *r, char *text)
{
	job_desc_msg_t update;
	char **member;

	slurm_init_job_desc_msg(&update);
#ifdef HAVE_JOB_DESC_MSG_T_JOB_ID
	update.job_id = r->job;
#else
	update.step_id.job_id = r->job;
#endif
#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	member = publish_member(r->field, &update.admin_comment, &update.comment, &update.extra);
#else
	member = publish_member(r->field, &update.admin_comment, &update.comment, NULL);
#endif
	if (!member)
		return ESLURM_NOT_SUPPORTED;
	*member = text;
	return slurm_update_job(&update) ? errno : 0;
}

/*
 * Slurm has no compare-and-set: read, merge, write, and read again until our entry is there. NULL,
 * or what went wrong.
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
			return slurm_strerror(rc);
		*wrote = true;
	}
	return reason;
}

/* slurmctld still shows a job for a while after its end, but changes it no more. */
static bool is_running(uint32_t number)
{
	job_info_msg_t *jobs = NULL;
	const slurm_job_info_t *job = job_load(number, &jobs);
	bool running = job && (job->job_state & JOB_STATE_BASE) <= JOB_SUSPENDED;

	slurm_free_job_info_msg(jobs);
	return running;
}

static const struct publish_way by_controller = { controller_read, controller_write };

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

/* NULL or what went wrong. unsettled: whether another writer may still undo what was done. */
static const char *answer(const json_t *text, bool *unsettled)
{
	struct publish_request r;
	int ended = 0;
	const char *wrong = request_read(text, &r, &ended);
	bool by_database;

	*unsettled = false;
	if (wrong)
		return wrong;
	by_database = ended && !is_running(r.job);
	wrong = publish(&r, by_database ? &publish_by_database : &by_controller, unsettled);
	if (wrong || by_database)
		*unsettled = false;
	return wrong;
}

/* Whether a line, or the input's end, came within LATE_MS; an end is waited through. */
static bool input_in_time(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&fd, 1, LATE_MS) <= 0)
		return false;
	if (!(fd.revents & POLLIN))
		poll(NULL, 0, LATE_MS);
	return fd.revents & POLLIN;
}

/*
 * Who had read the field before our write may write after our look at it, and undo it. So it is
 * looked at once more a little later, unless the next request does that anyway.
 */
static void settle(const json_t *text)
{
	bool unsettled = true;

	for (int i = 0; i < TRIES && unsettled && !input_in_time(); i++) {
		alarm(REQUEST_SECONDS);
		answer(text, &unsettled);
		alarm(0);
	}
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;

	alarm(REQUEST_SECONDS);
	slurm_init(NULL);
	while (getline(&line, &size, stdin) > 0) {
		json_t *text = json_loads(line, 0, NULL);
		const char *wrong;
		bool unsettled;

		alarm(REQUEST_SECONDS);
		wrong = answer(text, &unsettled);
		alarm(0);
		printf("%s\n", wrong ? wrong : "");
		fflush(stdout);
		if (unsettled)
			settle(text);
		json_decref(text);
	}
	free(line);
	slurm_fini();
	return 0;
}
