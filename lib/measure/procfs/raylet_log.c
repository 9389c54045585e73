/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/raylet_log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/unknown.h"

/* Ray writes 10 KiB for each worker that it kills. */
enum { PIECE = 64 * 1024, PIECES = 4, COUNT_MAX = 1000000 };

#define SELECTED "Selected to kill: ("
#define SUMMED " Workers (tasks / actors) killed due to memory pressure (OOM)"

/* The number that ends where the words begin: "..node_manager.cc:3517: 7". */
static uint64_t number_before(const char *line, const char *words)
{
	const char *at = words;
	uint64_t value;

	while (at > line && at[-1] >= '0' && at[-1] <= '9')
		at--;
	if (digits_parse(&at, words, &value) || value > COUNT_MAX)
		return 0;
	return value;
}

static void line_parse(const char *line, size_t len, struct raylet_kills *kills)
{
	const char *words;

	if (len >= strlen(SELECTED) && !memcmp(line, SELECTED, strlen(SELECTED))) {
		kills->selected++;
		return;
	}
	words = memmem(line, len, SUMMED, strlen(SUMMED));
	if (words)
		kills->summed += number_before(line, words);
}

size_t raylet_kills_parse(const char *text, size_t len, struct raylet_kills *kills)
{
	const char *at = text, *end;

	while ((end = memchr(at, '\n', len - (size_t)(at - text)))) {
		line_parse(at, (size_t)(end - at), kills);
		at = end + 1;
	}
	return at == text ? len : (size_t)(at - text);
}

void raylet_log_open(struct raylet_log *log, int fd)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = fd;
	log->at = 0;
}

/* True: there may be more. */
static bool piece_read(struct raylet_log *log, char *buf)
{
	ssize_t n = pread(log->fd, buf, PIECE, log->at);

	if (n <= 0)
		return false;
	/* A line that is still being written is read next time. */
	if (n < PIECE && !memchr(buf, '\n', (size_t)n))
		return false;
	log->at += (off_t)raylet_kills_parse(buf, (size_t)n, &log->kills);
	return n == PIECE;
}

uint64_t raylet_log_read(struct raylet_log *log)
{
	char *buf = log->fd < 0 ? NULL : malloc(PIECE);

	if (!buf)
		return UNKNOWN;
	for (unsigned i = 0; i < PIECES && piece_read(log, buf); i++)
		;
	free(buf);
	return log->kills.selected > log->kills.summed ? log->kills.selected : log->kills.summed;
}
