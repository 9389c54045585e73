/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What SESSION/logs/raylet.out says of workers that Ray's own memory monitor killed. The text is the
 * user's claim. Seen with Ray 2.60; earlier releases write the sum of each minute alone.
 */
#ifndef RAYPSS_RAYLET_LOG_H
#define RAYPSS_RAYLET_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The same workers, counted from two kinds of lines. */
struct raylet_kills {
	uint64_t selected; /* lines "Selected to kill: (..", one for each worker */
	uint64_t summed; /* of "N Workers (tasks / actors) killed due to memory pressure (OOM)" */
};

/*
 * Adds the whole lines of a piece of the log. Returns how many bytes they have; all, where the piece
 * has no end of a line.
 */
size_t raylet_kills_parse(const char *text, size_t len, struct raylet_kills *kills);

/* The log of one raylet. It stays open, so that what was written last is there when the raylet is gone. */
struct raylet_log {
	int fd; /* -1 = none */
	off_t at; /* what is before was read */
	struct raylet_kills kills;
};

/* fd: becomes the log's, -1 = the log is not to be had. Closes what was open. */
void raylet_log_open(struct raylet_log *log, int fd);

/* Reads what was added, a bounded part at a time. The workers killed; UNKNOWN without a log. */
uint64_t raylet_log_read(struct raylet_log *log);

#endif
