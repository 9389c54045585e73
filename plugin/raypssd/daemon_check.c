/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/daemon_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/common/build_mark.h"
#include "plugin/common/paths.h"
#include "plugin/confine/confinement.h"
#include "plugin/confine/reader_confine.h"
#include "plugin/confine/writer_confine.h"

static int reader(void)
{
	return reader_confine(0);
}

static int writer(void)
{
	return writer_confine(-1, STATE_DIR);
}

/* In a child, because a process cannot take its confinement back. */
static void confine_try(const char *what, int (*confine)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(-confine());
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		printf("%s cannot be tried\n", what);
	else if (WIFEXITED(status))
		printf("%s %s\n", what,
			WEXITSTATUS(status) ? strerror(WEXITSTATUS(status)) : "yes");
	else
		printf("%s ended by signal %d\n", what, WTERMSIG(status));
}

int daemon_check(void)
{
	char text[512];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("build %s\n", build_mark());
	confine_try("reader", reader);
	confine_try("writer", writer);
	fputs(confinement_describe(text, sizeof(text)), stdout);
	return EXIT_SUCCESS;
}
