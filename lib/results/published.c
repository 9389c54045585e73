/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/published.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "results/job_dir.h"
#include "results/spool_file.h"

#define PUBLISHED_FILE ".published"

int published_note(int jobs_fd, uint32_t job, const struct job_steps *steps, const char *refused)
{
	int dir = job_dir_open(jobs_fd, job), rc;
	json_t *note;

	if (dir < 0)
		return dir;
	note = json_pack("{s:o, s:o, s:s?}", "steps", job_steps_json(steps), "totals",
		job_totals_json(&steps->totals), "refused", refused);
	rc = note ? spool_file_write(dir, PUBLISHED_FILE, note, geteuid()) : -ENOMEM;
	json_decref(note);
	close(dir);
	return rc;
}

bool published_has(int jobs_fd, uint32_t job, const struct job_steps *steps)
{
	int dir = job_dir_open(jobs_fd, job);
	json_t *note, *mine;
	bool same;

	if (dir < 0)
		return false;
	note = spool_file_read(dir, PUBLISHED_FILE);
	mine = job_steps_json(steps);
	same = note && json_equal(json_object_get(note, "steps"), mine);
	json_decref(mine);
	json_decref(note);
	close(dir);
	return same;
}
