/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads lines from a descriptor. stdio cannot be combined with poll(2): getline(3) may hold the
 * next line in its buffer while poll(2) waits for more data. A line_reader tells both.
 */
#ifndef RAYPSS_LINE_READER_H
#define RAYPSS_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>

struct line_reader {
	int fd; /* stays the caller's */
	size_t longest; /* of a line, in bytes with its newline */
	char *buffer;
	size_t size;
	size_t begin, end; /* the bytes that were read and not yet handed out */
	bool skipping; /* the rest of a line that is too long */
};

/* Allocates nothing. The buffer grows with the lines, up to longest bytes. */
void line_reader_init(struct line_reader *r, int fd, size_t longest);

/*
 * Sets *line to the next line without its newline, valid until the next call. Waits for the line
 * unless the descriptor is non-blocking.
 *
 * Returns 1; 0 at the end of the input (a last line without newline is dropped); -EAGAIN when a
 * non-blocking descriptor has no whole line yet; -EMSGSIZE after a line that was too long and was
 * skipped; another -errno.
 */
int line_reader_next(struct line_reader *r, char **line);

/* Whether line_reader_next() would find a whole line without reading. */
bool line_reader_has_line(const struct line_reader *r);

/* Frees the buffer. The reader can be used again after line_reader_init(). */
void line_reader_free(struct line_reader *r);

#endif
