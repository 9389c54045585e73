/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss metrics --listen: reads the figures anew for each request of its HTTP server, raypss-http.
 *
 * A child of its own reads each time. A spool on a file system that hangs, or a user directory that
 * does not answer, can so hold up neither other requests nor the end of the program.
 */
#ifndef RAYPSS_SCRAPE_READER_H
#define RAYPSS_SCRAPE_READER_H

#include "tools/metrics/metrics_text.h"

/*
 * Serves a listening socket, which becomes the function's, until SIGTERM, SIGINT or SIGHUP. The HTTP
 * server runs as nobody if the caller is root. 0, or -errno after a line on standard error.
 */
int scrape_reader_run(int listen_fd, const struct metrics_source *source);

#endif
