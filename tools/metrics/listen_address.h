/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address of --listen. */
#ifndef RAYPSS_LISTEN_ADDRESS_H
#define RAYPSS_LISTEN_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#define LISTEN_ALLOWED                                                                             \
	"PORT, ADDRESS:PORT or [ADDRESS]:PORT, such as 127.0.0.1:9793 or [::1]:9793; ports from "  \
	"0 "                                                                                       \
	"to 65535, 0 is any free one"

enum { LISTEN_TEXT = 64 };

struct listen_address {
	struct sockaddr_storage socket;
	socklen_t size;
};

/* Numbers only, no names. A port alone is one of 127.0.0.1. 0 or -EINVAL. */
int listen_address_parse(const char *text, struct listen_address *out);

/*
 * A listening socket that does not block. Returns it, or -errno. The address gets the port that the
 * kernel chose.
 */
int listen_address_open(struct listen_address *address);

/* "127.0.0.1:9793" or "[::1]:9793". Returns buf. */
char *listen_address_text(const struct listen_address *address, char buf[LISTEN_TEXT]);

/* Whether other hosts cannot connect. */
bool listen_address_is_loopback(const struct listen_address *address);

#endif
