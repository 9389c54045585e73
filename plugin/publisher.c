/*
 * raypss-publisher: writes a step's entry into its job's field. A process of its own, so that
 * nothing of ours ever waits for slurmctld inside slurmstepd; it ends by itself when that hangs.
 *
 * Standard input: one request per line,
 *   {"job":N,"field":"admin_comment|extra|comment","entries":{"STEP":{..}}}
 * Standard output: one line for each, empty or what went wrong.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>

#include "config.h"
#include "field.h"

/* For one request: beyond that slurmctld is away, and raypss publish does it later. */
enum { REQUEST_SECONDS = 30, TRIES = 8, REQUEST_SIZE = 64 * 1024 };

static char **member_of(const char *name, char **admin_comment, char **comment, char **extra)
{
	if (!strcmp(name, "admin_comment"))
		return admin_comment;
	if (!strcmp(name, "comment"))
		return comment;
	return !strcmp(name, "extra") ? extra : NULL;
}

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

/* The field's text as slurmctld has it; NULL and a reason where it cannot be had. */
static char *field_read(uint32_t job, const char *name, const char **reason)
{
	job_info_msg_t *jobs = NULL;
	char **member, *text;

	if (load(&jobs, job) || !jobs->record_count) {
		*reason = slurm_strerror(errno);
		return NULL;
	}
#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	member = member_of(name, &jobs->job_array[0].admin_comment, &jobs->job_array[0].comment,
		&jobs->job_array[0].extra);
#else
	member = member_of(
		name, &jobs->job_array[0].admin_comment, &jobs->job_array[0].comment, NULL);
#endif
	text = strdup(member && *member ? *member : "");
	slurm_free_job_info_msg(jobs);
	return text;
}

static int field_write(uint32_t job, const char *name, char *text)
{
	job_desc_msg_t update;
	char **member;

	slurm_init_job_desc_msg(&update);
#ifdef HAVE_JOB_DESC_MSG_T_JOB_ID
	update.job_id = job;
#else
	update.step_id.job_id = job;
#endif
#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	member = member_of(name, &update.admin_comment, &update.comment, &update.extra);
#else
	member = member_of(name, &update.admin_comment, &update.comment, NULL);
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
static const char *publish(uint32_t job, const char *name, const json_t *entries)
{
	const char *reason = "another writer was faster every time";

	for (int i = 0; i < TRIES; i++) {
		char *text = field_read(job, name, &reason), *merged = NULL;
		int rc;

		if (!text)
			return reason;
		if (field_holds(text, entries)) {
			free(text);
			return NULL;
		}
		rc = field_merge(text, entries, &merged);
		free(text);
		if (rc == -EEXIST)
			return "the field holds text that is not a JSON object; choose another "
			       "one with publish=";
		if (rc)
			return strerror(-rc);
		rc = field_write(job, name, merged);
		free(merged);
		if (rc)
			return slurm_strerror(rc);
	}
	return reason;
}

static const char *answer(const char *line)
{
	json_t *request = json_loads(line, 0, NULL), *entries = NULL;
	const char *field = NULL, *wrong;
	json_int_t job = 0;

	if (json_unpack(
		    request, "{s:I, s:s, s:o}", "job", &job, "field", &field, "entries", &entries))
		wrong = "not a request";
	else
		wrong = publish((uint32_t)job, field, entries);
	json_decref(request);
	return wrong;
}

int main(void)
{
	static char line[REQUEST_SIZE];

	alarm(REQUEST_SECONDS);
	slurm_init(NULL);
	while (fgets(line, sizeof(line), stdin)) {
		const char *wrong;

		alarm(REQUEST_SECONDS);
		wrong = answer(line);
		printf("%s\n", wrong ? wrong : "");
		fflush(stdout);
		alarm(0);
	}
	slurm_fini();
	return 0;
}
