/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process title of any bytes, for readers of /proc to stumble over. */
#ifndef WORKLOADS_TITLE_H
#define WORKLOADS_TITLE_H

/* Undoes C escapes in new memory; NULL where one is not known or makes a NUL. */
char *title_decode(const char *text);
/* The title must have come in argv: so it fits in there. What argv held is gone afterwards. */
void title_set(int argc, char **argv, const char *title);

#endif
