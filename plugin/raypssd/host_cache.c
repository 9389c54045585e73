/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/host_cache.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/common/paths.h"
#include "results/host.h"

#define HOST_FILE STATE_DIR "/host.json"

void host_cache_fill(void)
{
	char temporary[sizeof(HOST_FILE) + 16];
	json_t *host;
	int rc;

	if (access(HOST_FILE, R_OK) == 0)
		return;
	signal(SIGCHLD, SIG_IGN);
	if (fork())
		return;
	mkdir(STATE_DIR, 0711);
	snprintf(temporary, sizeof(temporary), HOST_FILE ".%d", getpid());
	host = host_json();
	rc = host ? json_dump_file(host, temporary, JSON_COMPACT) : -1;
	if (rc || rename(temporary, HOST_FILE))
		unlink(temporary);
	_exit(EXIT_SUCCESS);
}

json_t *host_cache_load(void)
{
	return json_load_file(HOST_FILE, 0, NULL);
}
