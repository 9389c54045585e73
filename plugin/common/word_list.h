/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of words such as "on,interval=1s" that people write: one table says what is allowed. */
#ifndef RAYPSS_WORD_LIST_H
#define RAYPSS_WORD_LIST_H

#include <stddef.h>

/* Room for any error of words_apply. */
enum { WORDS_ERROR = 512 };

struct word {
	const char *name; /* "interval" or "on" */
	const char *allowed; /* what the value may be, for the error; NULL = the word takes none */
	/* Stores the value in target. 0 or -EINVAL. value is "" where the word takes none. */
	int (*set)(const char *value, void *target);
	/* How the word is written, for the list in the error: "interval=DUR". */
	const char *usage;
};

/*
 * Applies one word, "name" or "name=value", from a table that ends with a NULL name. 0, or -EINVAL
 * and one line in error that names the word, the value and what is allowed.
 */
int words_apply(const struct word *table, const char *text, void *target, char error[WORDS_ERROR]);

/* Sets *out to the index of text in names (up to NULL). 0 or -EINVAL. */
int words_choose(const char *text, const char *const *names, int *out);

#endif
