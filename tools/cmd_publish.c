/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss publish: what the spool says of jobs into their field in sacct, also after their end. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "plugin/common/paths.h"
#include "results/job.h"
#include "results/spool.h"
#include "spools.h"

extern char **environ;

struct publish {
	struct spools spools;
	const char *field;
	FILE *request; /* to the publisher */
	FILE *answer;
	pid_t publisher;
	int failed;
};

static void usage(FILE *f)
{
	fputs("usage: raypss publish [--field FIELD] [--spool DIR]... JOB...\n"
	      "       raypss publish [--field FIELD] [--spool DIR]... --pending\n"
	      "\n"
	      "Merges the records of all nodes and writes them where sacct shows them. It may be\n"
	      "repeated: what is there already is not written again.\n"
	      "\n"
	      "  --pending      all jobs in the spool that are not yet published as they are\n"
	      "  --field FIELD  admin_comment (default), extra or comment\n"
	      "  --spool DIR    where the records are; may be repeated (default " SPOOL_DEFAULT
	      ")\n",
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

static int ask(struct publish *p, uint32_t job, uint32_t restart, const json_t *entries, char *text,
	size_t size)
{
	json_t *request = json_pack("{s:I, s:I, s:s, s:b, s:O}", "job", (json_int_t)job, "restart",
		(json_int_t)restart, "field", p->field, "ended", 1, "entries", entries);

	json_dumpf(request, p->request, JSON_COMPACT);
	json_decref(request);
	if (fputc('\n', p->request) == EOF || fflush(p->request) ||
		!fgets(text, (int)size, p->answer))
		return -EPIPE;
	text[strcspn(text, "\n")] = '\0';
	return *text ? -EIO : 0;
}

static void note_published(const struct publish *p, uint32_t job, const json_t *entries)
{
	const char *path;

	for (unsigned i = 0; (path = spools_path(&p->spools, i)); i++) {
		int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		spool_note_published(fd, job, entries);
		close(fd);
	}
}

static void publish_job(struct publish *p, uint32_t job)
{
	json_t *records = spools_records(&p->spools, job, NULL), *entries = job_entries(records);
	char text[512] = "the publisher ended";

	if (!json_object_size(entries)) {
		fprintf(stderr, "raypss publish: no record of job %u in %s\n", job,
			spools_text(&p->spools));
		p->failed = 1;
	} else if (ask(p, job, job_restart(records), entries, text, sizeof(text))) {
		fprintf(stderr, "raypss publish: job %u: %s\n", job, text);
		p->failed = 1;
	} else {
		note_published(p, job, entries);
	}
	json_decref(entries);
	json_decref(records);
}

struct pending {
	struct publish *publish;
	int spool_fd;
};

static void publish_if_pending(uint32_t job, void *arg)
{
	struct pending *pending = arg;
	json_t *records = spools_records(&pending->publish->spools, job, NULL);
	json_t *entries = job_entries(records);
	json_t *published = spool_published(pending->spool_fd, job);

	if (json_object_size(entries) && !json_equal(entries, published))
		publish_job(pending->publish, job);
	json_decref(published);
	json_decref(entries);
	json_decref(records);
}

static void publish_pending(struct publish *p)
{
	const char *path;

	for (unsigned i = 0; (path = spools_path(&p->spools, i)); i++) {
		struct pending pending = { p, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
		int rc = pending.spool_fd < 0
			? -errno
			: spool_round(pending.spool_fd, publish_if_pending, &pending);

		if (rc) {
			fprintf(stderr, "raypss publish: \"%s\": %s\n", path, strerror(-rc));
			p->failed = 1;
		}
		if (pending.spool_fd < 0)
			continue;
		if (p->failed)
			spool_round_failed(pending.spool_fd);
		else
			spool_round_done(pending.spool_fd);
		close(pending.spool_fd);
	}
}

static bool field_is_known(const char *field)
{
	return !strcmp(field, "admin_comment") || !strcmp(field, "extra") ||
		!strcmp(field, "comment");
}

static int bad(const char *word, const char *value, const char *allowed)
{
	fprintf(stderr, "raypss publish: %s: \"%s\" is not %s\n", word, value, allowed);
	return EXIT_USAGE;
}

int cmd_publish(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pending", no_argument, NULL, 'p' },
		{ "field", required_argument, NULL, 'f' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct publish p = { .field = "admin_comment" };
	bool pending = false;
	const char *step;
	uint32_t job;
	int c, rc;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'p')
			pending = true;
		else if (c == 'f' && field_is_known(optarg))
			p.field = optarg;
		else if (c == 'f')
			return bad("--field", optarg, "admin_comment, extra or comment");
		else if (c == 's' && spools_add(&p.spools, optarg) == 0)
			continue;
		else if (c == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return usage(stderr), EXIT_USAGE;
	}
	if (pending == (optind < argc))
		return usage(stderr), EXIT_USAGE;
	for (int i = optind; i < argc; i++)
		if (job_parse(argv[i], &job, &step) || step)
			return bad("JOB", argv[i], "the number of a job");
	rc = publisher_begin(&p);
	if (rc) {
		fprintf(stderr, "raypss publish: cannot start \"%s\": %s\n", PUBLISHER_PATH,
			strerror(-rc));
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	if (pending)
		publish_pending(&p);
	for (int i = optind; i < argc; i++)
		if (job_parse(argv[i], &job, &step) == 0)
			publish_job(&p, job);
	publisher_end(&p);
	return p.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
