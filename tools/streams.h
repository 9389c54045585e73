/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard streams that may be closed, and output that may be lost. */
#ifndef RAYPSS_STREAMS_H
#define RAYPSS_STREAMS_H

/*
 * Gives closed standard streams a descriptor, so that no file of ours gets theirs. Writes to them
 * fail all the same, and programs that are executed find them closed.
 */
void streams_open(void);

/* Writes what is left for standard output. 0, or -errno after a line on standard error: it is said once. */
int streams_end(void);

#endif
