/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server of raypss metrics --listen, by libmicrohttpd: GET and HEAD of / and /metrics.
 * One process without threads. Connections, their memory and their time are bounded.
 */
#ifndef RAYPSS_HTTP_SERVER_H
#define RAYPSS_HTTP_SERVER_H

enum {
	HTTP_CONNECTIONS = 64, /* further ones wait in the kernel's queue */
	HTTP_MEMORY = 16 * 1024, /* bytes of a connection: a longer request is refused */
	HTTP_IDLE_S = 5, /* a connection without a byte is closed */
	HTTP_AGE_S = 30, /* so is each connection, whatever it does */
};

/* Begins to serve a listening socket. 0 or -ENOMEM: libmicrohttpd refused. Once in a process. */
int http_server_open(int listen_fd, int reader_fd);

/* Serves until the reader has closed its end. */
void http_server_run(void);

#endif
