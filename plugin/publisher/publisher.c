/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss-publisher: writes the entries of steps into their job's field. It is a process of its own,
 * so that nothing inside slurmstepd ever waits for slurmctld. publish_loop.h describes standard
 * input and output.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <slurm/slurm.h>

#include "plugin/common/slurm_conf_file.h"
#include "plugin/confine/publisher_confine.h"
#include "plugin/publisher/publish_loop.h"
#include "plugin/publisher/publish_way.h"
#include "plugin/publisher/publisher_check.h"

/* Slurm's library reads files and may ask slurmctld for its configuration. */
enum { INIT_SECONDS = 30 };

/* Says so once for raypss check, or as the answer to each request. */
static int conf_missing_tell(const char *path, bool checks)
{
	const char *why = strerror(errno);
	char *line = NULL;
	size_t size = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (checks)
		printf("SLURM_CONF=%s: %s\n", path, why);
	while (!checks && getline(&line, &size, stdin) > 0)
		printf("SLURM_CONF=%s: %s\n", path, why);
	free(line);
	return checks ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct publish_ways ways = {
		.controller = &publish_by_controller,
		.database = &publish_by_database,
		.is_running = publish_is_running,
	};
	bool checks = argc > 1 && !strcmp(argv[1], "--check");
	int own_stderr = dup(STDERR_FILENO), rc;
	const char *missing;

	if (checks)
		publisher_check_build();
	missing = slurm_conf_missing();
	if (missing)
		return conf_missing_tell(missing, checks);
	/* libslurm logs there what an answer says in one line. */
	(void)!freopen("/dev/null", "w", stderr);
	alarm(INIT_SECONDS);
	slurm_init(NULL);
	alarm(0);
	rc = publisher_confine();
	if (checks) {
		publisher_check_slurm(rc);
		return EXIT_SUCCESS;
	}
	if (rc)
		dprintf(own_stderr, "raypss-publisher: cannot confine itself: %s\n", strerror(-rc));
	rc = publish_serve(STDIN_FILENO, STDOUT_FILENO, &ways);
	slurm_fini();
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
