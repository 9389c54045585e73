/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/linked_library.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LISTING_MAX = 64 * 1024 };

int linked_library_parse(const char *listing, const char *name, char *path, size_t size)
{
	static const char arrow[] = " => ";
	size_t name_len = strlen(name);

	for (const char *line = listing; line; line = strchr(line, '\n')) {
		const char *at;
		size_t len;

		at = line += strspn(line, "\n\t ");
		if (strncmp(at, name, name_len) != 0 ||
			strncmp(at + name_len, arrow, strlen(arrow)) != 0)
			continue;
		at += name_len + strlen(arrow);
		if (*at != '/')
			return -ELIBACC;
		len = strcspn(at, "\n");
		/* The address in parentheses ends the line; a path may have a space itself. */
		for (size_t i = len; i > 1; i--)
			if (at[i - 2] == ' ' && at[i - 1] == '(') {
				len = i - 2;
				break;
			}
		if (len >= size)
			return -ENAMETOOLONG;
		memcpy(path, at, len);
		path[len] = '\0';
		return 0;
	}
	return -ENOENT;
}

/* All of it, with a NUL, or what fits. */
static int read_text(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	do {
		got = read(fd, text + len, size - 1 - len);
		if (got > 0)
			len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	text[len] = '\0';
	return got < 0 ? -errno : 0;
}

static int trace_start(const char *program, int output, pid_t *pid)
{
	char *argv[] = { (char *)program, NULL };
	char *envp[] = { "LD_TRACE_LOADED_OBJECTS=1", "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	/* A program without a dynamic linker would run: with nothing to read it ends. */
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(pid, program, &actions, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	return -rc;
}

int linked_library_find(const char *program, const char *name, char *path, size_t size)
{
	char listing[LISTING_MAX];
	int output[2], rc;
	pid_t pid;

	if (pipe2(output, O_CLOEXEC))
		return -errno;
	rc = trace_start(program, output[1], &pid);
	close(output[1]);
	if (rc == 0) {
		rc = read_text(output[0], listing, sizeof(listing));
		close(output[0]);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		return rc ? rc : linked_library_parse(listing, name, path, size);
	}
	close(output[0]);
	return rc;
}
