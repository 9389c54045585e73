/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss-http: what raypss metrics --listen starts for its connections. It is a program of its own,
 * because libmicrohttpd brings libraries that would make each start of raypss ten times as long.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/units.h"
#include "plugin/confine/landlock.h"
#include "plugin/confine/privileges.h"
#include "tools/metrics/http/http_server.h"
#include "tools/metrics/http/scrape_socket.h"

/* No file can be opened, whoever this runs as. A kernel without Landlock leaves that to the user's rights. */
static int confine(void)
{
	static const struct privilege_limits limits = {
		.memory = 64 * MIB,
		.descriptors = HTTP_CONNECTIONS + 32,
	};
	int rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	rc = privileges_keep(NULL, 0);
	if (rc == 0)
		rc = privileges_limit(&limits);
	if (rc)
		return rc;
	rc = landlock_restrict(NULL, 0, 1);
	return rc == -ENOSYS ? 0 : rc;
}

static int is_listening(int fd)
{
	int yes = 0;
	socklen_t size = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0 && yes;
}

int main(void)
{
	int rc;

	if (!is_listening(SCRAPE_LISTEN_FD)) {
		fputs("raypss-http: raypss metrics --listen starts this program\n", stderr);
		return 2;
	}
	rc = http_server_open(SCRAPE_LISTEN_FD, SCRAPE_READER_FD);
	if (rc) {
		fprintf(stderr, "raypss-http: libmicrohttpd does not start: %s\n", strerror(-rc));
		return 1;
	}
	rc = confine();
	if (rc) {
		fprintf(stderr, "raypss-http: cannot give up its rights: %s\n", strerror(-rc));
		return 1;
	}
	http_server_run();
	return 0;
}
