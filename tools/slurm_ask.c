/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/slurm_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/common/paths.h"

/* JOBs of one command line, and what stands before them. */
enum { ARGUMENTS_MOST = 1024 };

/* Starts it. Its answer can be read from the descriptor that is returned; or -errno. */
static int begin(const char *const *arguments, pid_t *pid)
{
	const char *argv[ARGUMENTS_MOST + 2] = { "raypss-jobs" };
	posix_spawn_file_actions_t actions;
	int answer[2], rc;

	for (size_t i = 0; arguments[i]; i++) {
		if (i == ARGUMENTS_MOST)
			return -E2BIG;
		argv[i + 1] = arguments[i];
	}
	if (pipe2(answer, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, answer[1], STDOUT_FILENO);
	/* libslurm complains at length; slurm_ask() says in one line that there was no answer. */
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(pid, JOBS_PATH, &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(answer[1]);
	if (rc)
		close(answer[0]);
	return rc ? -rc : answer[0];
}

json_t *slurm_ask(const char *const *arguments, const char **why)
{
	static char reason[128];
	int fd, status;
	json_t *answer;
	pid_t pid = 0;
	FILE *file;

	*why = "Slurm did not answer";
	fd = begin(arguments, &pid);
	if (fd < 0) {
		snprintf(reason, sizeof(reason), "cannot start \"%s\": %s", JOBS_PATH,
			strerror(-fd));
		*why = reason;
		return NULL;
	}
	file = fdopen(fd, "r");
	answer = file ? json_loadf(file, JSON_DECODE_ANY, NULL) : NULL;
	if (file)
		fclose(file);
	else
		close(fd);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status))
		*why = SLURM_LIBRARY_ENDED;
	if (json_is_array(answer))
		return answer;
	if (json_is_string(answer)) {
		snprintf(reason, sizeof(reason), "%s", json_string_value(answer));
		*why = reason;
	}
	json_decref(answer);
	return NULL;
}
