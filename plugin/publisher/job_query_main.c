/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss-jobs: tells raypss what Slurm knows of jobs. It is a program of its own, so that raypss
 * itself works where there is no libslurm, or one of another release. It runs as the user.
 *
 *   raypss-jobs CLUSTER ID...                    jobs; CLUSTER "" = not known
 *   raypss-jobs CLUSTER --user USER SINCE MOST   jobs of a user since that second of the epoch
 *
 * Writes one array of job_query.h's objects to standard output, null for each job that is not known,
 * or a text with the reason where Slurm did not answer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <slurm/slurm.h>

#include "plugin/common/slurm_conf_file.h"
#include "plugin/publisher/job_query.h"

/* For all of it: a slurmctld that needs longer is away. */
enum { SECONDS = 20 };

/*
 * The job's row in the database. Before its end the field is at slurmctld alone, and so is all of
 * the job where there is no slurmdbd.
 */
static json_t *job_of(const char *cluster, const char *text)
{
	struct job_id id;
	json_t *known, *now;

	if (!job_id_parse(text, &id))
		return json_null();
	known = job_query_database(cluster, &id);
	if (known && json_is_integer(json_object_get(known, "end")))
		return known;
	now = job_query_controller(&id);
	if (!known)
		return now ? now : json_null();
	json_object_update(known, now);
	json_decref(now);
	return known;
}

static json_t *jobs_of(const char *cluster, char **ids)
{
	json_t *list = json_array();

	for (; *ids; ids++)
		json_array_append_new(list, job_of(cluster, *ids));
	return list;
}

int main(int argc, char **argv)
{
	const char *missing;
	json_t *answer;

	if (argc < 3)
		return 2;
	missing = slurm_conf_missing();
	if (missing) {
		answer = json_sprintf("SLURM_CONF=%s: %s", missing, strerror(errno));
		json_dumpf(answer, stdout, JSON_ENCODE_ANY);
		json_decref(answer);
		return EXIT_FAILURE;
	}
	alarm(SECONDS);
	slurm_init(NULL);
	if (argc == 6 && !strcmp(argv[2], "--user"))
		answer = job_query_user(argv[1], argv[3], (time_t)strtoll(argv[4], NULL, 10),
			strtoul(argv[5], NULL, 10));
	else
		answer = jobs_of(argv[1], argv + 2);
	if (!answer)
		answer = json_string("slurmdbd did not answer");
	json_dumpf(answer, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
	json_decref(answer);
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
