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

	sigemptyset(&none); /* raypssd takes no signals */
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
	/* From here on it ends by itself; raypssd's group may be killed. */
	setsid();
	if (*slurm_conf)
		setenv("SLURM_CONF", slurm_conf, 1);
	execl(PUBLISHER_PATH, "raypss-publisher", (char *)NULL);
	dprintf(STDOUT_FILENO, "cannot start \"%s\": %s\n", PUBLISHER_PATH, strerror(errno));
	_exit(EXIT_FAILURE);
}

int publisher_start(struct publisher_process *p, const char *slurm_conf)
{
	int request[2] = { -1, -1 }, answer[2] = { -1, -1 }, error;
	pid_t pid;

	p->request = p->answer = -1;
	p->waiting = 0;
	if (pipe2(request, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		goto fail;
	pid = fork();
	if (pid < 0)
		goto fail;
	if (pid == 0)
		wait_and_exec(request[0], answer[1], slurm_conf);
	close(request[0]);
	close(answer[1]);
	p->request = request[1];
	p->answer = answer[0];
	fcntl(p->request, F_SETFL, O_NONBLOCK);
	/* Room for the entries of thousands of steps, so that writing never waits. */
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

/* All or nothing: who got a part of a line could make nothing of the next one either. */
static int write_line(struct publisher_process *p, const char *text)
{
	struct iovec parts[] = {
		{ (void *)text, strlen(text) },
		{ "\n", 1 },
	};
	ssize_t n = writev(p->request, parts, 2);
	int rc = n < 0 ? -errno : 0;

	if (n >= 0 && (size_t)n < parts[0].iov_len + 1) {
		publisher_close(p);
		rc = -EMSGSIZE;
	}
	return rc;
}

int publisher_ask(struct publisher_process *p, uint32_t job, uint32_t restart, const char *field,
	const json_t *entries)
{
	json_t *request;
	char *text;
	int rc = 0;

	if (p->request < 0)
		return -ENOTCONN;
	request = json_pack("{s:I, s:I, s:s, s:b, s:O}", "job", (json_int_t)job, "restart",
		(json_int_t)restart, "field", field, "ended", 0, "entries", entries);
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text)
		return -ENOMEM;
	rc = write_line(p, text);
	if (rc == 0)
		p->waiting++;
	free(text);
	return rc;
}

int publisher_answer(struct publisher_process *p, char *text, size_t size)
{
	ssize_t n = read(p->answer, text, size - 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -EAGAIN;
	if (n <= 0) {
		publisher_close(p);
		return -EPIPE;
	}
	p->waiting--;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

void publisher_close(struct publisher_process *p)
{
	if (p->request >= 0)
		close(p->request);
	if (p->answer >= 0)
		close(p->answer);
	p->request = p->answer = -1;
	p->waiting = 0;
}
