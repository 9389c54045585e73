/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss publish: what the spool says of jobs into their field in sacct, also after their end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "tools/commands.h"
#include "tools/job_name.h"
#include "tools/options.h"
#include "plugin/common/paths.h"
#include "results/expire.h"
#include "results/job.h"
#include "results/pending.h"
#include "results/publish_request.h"
#include "results/published.h"
#include "results/spool.h"
#include "tools/spools.h"

/* How long a round of --pending may spend on removing old jobs. */
#define EXPIRE_BUDGET_NS (5 * NS_PER_S)

/* An answer of the publisher's; that it is gone is one, too. */
enum { ANSWER_SIZE = 512 };

struct publish {
	struct spools spools;
	enum publish_field field;
	FILE *request; /* to the publisher */
	FILE *answer;
	pid_t publisher; /* 0 = not started */
	int failed;
	/* The last answer that was no refusal, and how many further jobs had the same one. */
	char last[ANSWER_SIZE];
	unsigned same;
};

static void usage(FILE *f)
{
	fputs("usage: raypss publish [--field FIELD] [--cluster NAME] [--spool DIR]... JOB...\n"
	      "       raypss publish [--field FIELD] [--cluster NAME] [--spool DIR]... "
	      "--pending\n"
	      "\n"
	      "Merges the records of all nodes and writes them where sacct shows them. It may be\n"
	      "repeated: what is there already is not written again.\n"
	      "\n"
	      "  --pending       all jobs in the spool that are not yet published as they are\n"
	      "  --field FIELD   admin_comment (default), extra or comment\n"
	      "  --cluster NAME  whose jobs they are, where several clusters share a spool\n"
	      "  --spool DIR     where the records are; may be repeated (default: the site's)\n",
		f);
}

/* One publisher serves all jobs: a connection to Slurm each would cost more than the rest. */
static int publisher_begin(struct publish *p)
{
	char *argv[] = { "raypss-publisher", NULL };
	posix_spawn_file_actions_t actions;
	int request[2], answer[2], rc;

	if (pipe2(request, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, request[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, answer[1], STDOUT_FILENO);
	rc = posix_spawn(&p->publisher, PUBLISHER_PATH, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(request[0]);
	close(answer[1]);
	p->request = fdopen(request[1], "w");
	p->answer = fdopen(answer[0], "r");
	return -rc;
}

static void publisher_end(struct publish *p)
{
	int status;

	fclose(p->request);
	fclose(p->answer);
	waitpid(p->publisher, &status, 0);
}

/*
 * Asks for one job. 0 and the answer, "" = done; -errno where the publisher is gone. It is started
 * for the first one: where there is nothing to publish, libslurm has nothing to say.
 */
static int ask(struct publish *p, const struct publish_request *request, char answer[ANSWER_SIZE])
{
	int rc = p->publisher ? 0 : publisher_begin(p);
	bool sent;
	char *text;

	if (rc) {
		fprintf(stderr, "raypss publish: cannot start \"%s\": %s\n", PUBLISHER_PATH,
			strerror(-rc));
		return rc;
	}
	text = publish_request_text(request);
	sent = text && fprintf(p->request, "%s\n", text) > 0 && !fflush(p->request);
	free(text);
	if (!sent || !fgets(answer, ANSWER_SIZE, p->answer))
		return -EPIPE;
	answer[strcspn(answer, "\n")] = '\0';
	return 0;
}

/* Opens the i-th spool's directory of a cluster's jobs. A descriptor or -errno. */
static int jobs_open(const struct publish *p, unsigned i, const char *cluster)
{
	int fd = open(spools_path(&p->spools, i), O_RDONLY | O_DIRECTORY | O_CLOEXEC), jobs;

	if (fd < 0)
		return -errno;
	jobs = spool_jobs_open(fd, *cluster ? cluster : NULL);
	close(fd);
	return jobs;
}

static void note(const struct publish *p, const char *cluster, const struct publish_request *r,
	const char *refused)
{
	for (unsigned i = 0; spools_path(&p->spools, i); i++) {
		int jobs = jobs_open(p, i, cluster);

		if (jobs < 0)
			continue;
		published_note(jobs, r->job, &r->steps, refused);
		close(jobs);
	}
}

/* Where slurmdbd is away, all jobs have one reason, which is said once. */
static void answer_tell(struct publish *p, uint32_t job, const char *answer, bool refused)
{
	if (!refused && !strcmp(p->last, answer)) {
		p->same++;
		return;
	}
	fprintf(stderr, "raypss publish: job %u: %s\n", job, answer);
	if (!refused && !p->same)
		snprintf(p->last, sizeof(p->last), "%s", answer);
}

static enum pending_result publish(
	struct publish *p, const char *cluster, const struct publish_request *r)
{
	char answer[ANSWER_SIZE];
	bool refused;
	int rc = ask(p, r, answer);

	if (rc) {
		/* That it cannot be started was said. */
		if (rc == -EPIPE)
			answer_tell(p, r->job, "the publisher ended: raypss check says why", false);
		p->failed = 1;
		return PENDING_STOP;
	}
	refused = publish_answer_is_refusal(answer);
	if (!*answer || refused)
		note(p, cluster, r, refused ? answer + strlen(PUBLISH_REFUSED) : NULL);
	if (!*answer)
		return PENDING_DONE;
	p->failed = 1;
	answer_tell(p, r->job, answer, refused);
	return refused ? PENDING_DONE : PENDING_RETRY;
}

/* What there is to publish of a job, 0 or -errno. publish_request_clear() frees it. */
static int request_make(
	const struct publish *p, const char *cluster, uint32_t number, struct publish_request *out)
{
	struct job job = { .number = number };
	int rc = spools_read(&p->spools, cluster, &job);

	*out = (struct publish_request){ .field = p->field, .ended = true, .job = number };
	if (strcmp(cluster, SPOOL_CLUSTER_UNKNOWN))
		snprintf(out->cluster, sizeof(out->cluster), "%s", cluster);
	if (rc == 0)
		rc = job_steps_of(&job, &out->steps);
	out->restart = job.restart;
	job_clear(&job);
	return rc;
}

static void publish_job(struct publish *p, uint32_t job)
{
	struct publish_request request;
	char cluster[CLUSTER_SIZE];

	if (spools_find(&p->spools, "publish", job, cluster)) {
		p->failed = 1;
		return;
	}
	if (request_make(p, cluster, job, &request)) {
		spools_complain(&p->spools, "publish", job);
		p->failed = 1;
	} else {
		publish(p, cluster, &request);
	}
	publish_request_clear(&request);
}

/* A round over one cluster's jobs in one spool. */
struct pending {
	struct publish *publish;
	const char *path;
	int spool_fd;
	int jobs_fd;
	const char *cluster;
};

static enum pending_result publish_if_pending(uint32_t job, void *arg)
{
	struct pending *pending = arg;
	enum pending_result result = PENDING_DONE;
	struct publish_request request;

	if (request_make(pending->publish, pending->cluster, job, &request) == 0 &&
		!published_has(pending->jobs_fd, job, &request.steps))
		result = publish(pending->publish, pending->cluster, &request);
	publish_request_clear(&request);
	return result;
}

/* Removes old jobs: where few steps end there is nobody else to do that. */
static void spool_clear(int jobs_fd)
{
	uint64_t end = monotonic_ns() + EXPIRE_BUDGET_NS;

	while (monotonic_ns() < end && expire_piece(jobs_fd, EXPIRE_BUDGET_NS / 10) == 0)
		;
}

/* cluster: NULL for records of old layout. */
static void cluster_publish(const char *cluster, void *arg)
{
	struct pending *pending = arg;
	int rc;

	pending->cluster = cluster ? cluster : "";
	pending->jobs_fd = spool_jobs_open(pending->spool_fd, cluster);
	rc = pending->jobs_fd < 0 ? pending->jobs_fd
				  : pending_round(pending->jobs_fd, publish_if_pending, pending);
	/* That the publisher ended was told. */
	if (rc && rc != -ECANCELED) {
		fprintf(stderr, "raypss publish: \"%s\": %s\n", pending->path, strerror(-rc));
		pending->publish->failed = 1;
	}
	if (pending->jobs_fd >= 0) {
		spool_clear(pending->jobs_fd);
		close(pending->jobs_fd);
	}
}

static void publish_pending(struct publish *p)
{
	const char *path;

	for (unsigned i = 0; (path = spools_path(&p->spools, i)); i++) {
		struct pending pending = { .publish = p, .path = path };

		pending.spool_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (pending.spool_fd < 0) {
			fprintf(stderr, "raypss publish: \"%s\": %s\n", path, strerror(errno));
			p->failed = 1;
			continue;
		}
		if (p->spools.cluster) {
			cluster_publish(p->spools.cluster, &pending);
		} else {
			spool_each_cluster(pending.spool_fd, cluster_publish, &pending);
			cluster_publish(NULL, &pending);
		}
		close(pending.spool_fd);
	}
}

/* What is given for JOBs, checked before anything is done. 0 or EXIT_USAGE. */
static int jobs_check(char *const *names)
{
	struct job_name name;
	const char *wrong;

	for (; *names; names++) {
		wrong = job_name_parse(*names, &name);
		if (wrong && !name.job)
			wrong = "is not a job's number, such as 65";
		else if (!wrong && name.step)
			wrong = "is a step: whole jobs are published";
		if (!wrong && !name.job)
			wrong = "is a task of an array or a part of a het job: give its own "
				"number, which sacct -o JobIDRaw shows";
		if (!wrong)
			continue;
		fprintf(stderr, "raypss publish: \"%s\" %s\n", *names, wrong);
		return EXIT_USAGE;
	}
	return 0;
}

static int publish_all(struct publish *p, char *const *names)
{
	struct job_name name;

	signal(SIGPIPE, SIG_IGN);
	if (!*names)
		publish_pending(p);
	for (; *names; names++)
		if (!job_name_parse(*names, &name))
			publish_job(p, name.job);
	if (p->publisher)
		publisher_end(p);
	if (p->same)
		fprintf(stderr, "raypss publish: %u more jobs: %s\n", p->same, p->last);
	return p->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cmd_publish(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pending", no_argument, NULL, 'p' },
		{ "field", required_argument, NULL, 'f' },
		{ "cluster", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct publish p = { .field = PUBLISH_ADMIN_COMMENT };
	bool pending = false;
	int c;

	while ((c = options_next(argc, argv, ":h", options)) != -1) {
		if (c == 'p')
			pending = true;
		else if (c == 'f' && (p.field = publish_field_by_name(optarg)) != PUBLISH_NONE)
			continue;
		else if (c == 'f')
			return option_wrong("publish", "--field", optarg, PUBLISH_FIELDS_ALLOWED);
		else if (c == 'c')
			p.spools.cluster = optarg;
		else if (c == 's' && spools_add(&p.spools, optarg) == 0)
			continue;
		else if (c == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return EXIT_USAGE;
	}
	if (pending && optind < argc) {
		fprintf(stderr, "raypss publish: \"%s\": --pending takes no jobs\n", argv[optind]);
		return EXIT_USAGE;
	}
	if (!pending && optind == argc)
		return job_name_only("publish", argv, 0), EXIT_USAGE;
	c = jobs_check(argv + optind);
	return c ? c : publish_all(&p, argv + optind);
}
