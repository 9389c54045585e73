/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the first of several errors: the first one explains the others. */
#ifndef RAYPSS_FIRST_ERROR_H
#define RAYPSS_FIRST_ERROR_H

struct first_error {
	char text[256]; /* "" = no error */
};

/* Keeps the text if no error was kept before. */
void first_error_say(struct first_error *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Keeps "what: strerror" if rc is a -errno and no error was kept before. */
void first_error_keep(struct first_error *e, const char *what, int rc);

#endif
