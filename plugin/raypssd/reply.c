/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/reply.h"

#include <stdio.h>
#include <sys/socket.h>

void reply(enum message type, const char *text)
{
	char buf[MESSAGE_SIZE];
	int n = snprintf(buf, sizeof(buf), "%c%s", type, text);

	if (n >= (int)sizeof(buf))
		n = sizeof(buf) - 1;
	/* The peer may be gone. poll() reports that, so ignore the error here. */
	(void)send(RAYPSSD_SOCKET, buf, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}
