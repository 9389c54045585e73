/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/publisher_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "plugin/common/fds.h"
#include "plugin/common/paths.h"

enum { REQUEST_SIZE = 1024 * 1024 };

static void wait_and_exec(int request, int answer, const char *slurm_conf)
{
	struct pollfd fd = { .fd = request, .events = POLLIN };
	sigset_t none;

	sigemptyset(&none); /* raypssd blocks all signals */
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, "raypss-publish");
	dup2(request, STDIN_FILENO);
	dup2(answer, STDOUT_FILENO);
	fds_close_from(STDERR_FILENO + 1);
	fd.fd = STDIN_FILENO;
	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
	if (!(fd.revents & POLLIN))
		_exit(EXIT_SUCCESS);
	/* From here on the publisher ends by itself. It must survive when raypssd's group is killed. */
	setsid();
	if (*slurm_conf)
		setenv("SLURM_CONF", slurm_conf, 1);
	execl(PUBLISHER_PATH, "raypss-publisher", (char *)NULL);
	dprintf(STDOUT_FILENO, "cannot start \"%s\": %s\n", PUBLISHER_PATH, strerror(errno));
	_exit(EXIT_FAILURE);
}

void publisher_client_init(struct publisher_client *p, int request, int answer)
{
	*p = (struct publisher_client){ .request = request, .answer = answer };
	line_reader_init(&p->lines, answer, PUBLISHER_ANSWER_LONGEST);
	if (request >= 0)
		fcntl(request, F_SETFL, O_NONBLOCK);
	if (answer >= 0)
		fcntl(answer, F_SETFL, O_NONBLOCK);
}

int publisher_client_start(struct publisher_client *p, const char *slurm_conf)
{
	int request[2] = { -1, -1 }, answer[2] = { -1, -1 }, error;
	pid_t pid;

	publisher_client_init(p, -1, -1);
	if (pipe2(request, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		goto fail;
	pid = fork();
	if (pid < 0)
		goto fail;
	if (pid == 0)
		wait_and_exec(request[0], answer[1], slurm_conf);
	close(request[0]);
	close(answer[1]);
	publisher_client_init(p, request[1], answer[0]);
	/* Room for the entries of thousands of steps, so that a request is written whole. */
	fcntl(p->request, F_SETPIPE_SZ, REQUEST_SIZE);
	return 0;
fail:
	error = errno;
	for (int i = 0; i < 2; i++) {
		if (request[i] >= 0)
			close(request[i]);
		if (answer[i] >= 0)
			close(answer[i]);
	}
	return -error;
}

/* A publisher that got a part of a line could not read the next one either: close it then. */
static int write_line(struct publisher_client *p, const char *text)
{
	struct iovec parts[] = {
		{ (void *)text, strlen(text) },
		{ "\n", 1 },
	};
	ssize_t n = writev(p->request, parts, 2);
	int rc = n < 0 ? -errno : 0;

	if (n >= 0 && (size_t)n < parts[0].iov_len + 1) {
		publisher_client_close(p);
		rc = -EMSGSIZE;
	}
	return rc;
}

int publisher_client_ask(struct publisher_client *p, const struct publish_request *request)
{
	char *text;
	int rc;

	if (p->request < 0)
		return -ENOTCONN;
	text = publish_request_text(request);
	if (!text)
		return -ENOMEM;
	rc = write_line(p, text);
	if (rc == 0)
		p->waiting++;
	free(text);
	return rc;
}

int publisher_client_answer(struct publisher_client *p, char *text, size_t size)
{
	char *line = NULL;
	int rc = p->answer < 0 ? -EPIPE : line_reader_next(&p->lines, &line);

	if (rc == -EAGAIN)
		return -EAGAIN;
	if (rc != 1 && rc != -EMSGSIZE) {
		publisher_client_close(p);
		return -EPIPE;
	}
	if (p->waiting)
		p->waiting--;
	snprintf(text, size, "%s", rc == 1 ? line : "an answer that is too long");
	return 0;
}

void publisher_client_close(struct publisher_client *p)
{
	if (p->request >= 0)
		close(p->request);
	if (p->answer >= 0)
		close(p->answer);
	line_reader_free(&p->lines);
	publisher_client_init(p, -1, -1);
}
