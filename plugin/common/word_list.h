/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words such as "on" and "interval=1s": a table says which are allowed. Pure. */
#ifndef RAYPSS_WORD_LIST_H
#define RAYPSS_WORD_LIST_H

#include <stddef.h>

/* Room for any error of words_apply. */
enum { WORDS_ERROR = 512 };

struct word {
	const char *name; /* "interval" or "on" */
	const char *allowed; /* values, for the error message; NULL = the word takes no value */
	/*
	 * Stores the value in target. value is "" if the word takes none. 0, -EINVAL, -ERANGE if the
	 * value is too small or too great, or -EEXIST if it contradicts a word before it.
	 */
	int (*set)(const char *value, void *target);
	/* How the word is written, for the list in the error message: "interval=DUR". */
	const char *usage;
};

/*
 * Applies one word, "name" or "name=value". The table ends with a NULL name. 0, or -EINVAL: error
 * has one line that names the word, the value and what is allowed.
 */
int words_apply(const struct word *table, const char *text, void *target, char error[WORDS_ERROR]);

/* Writes the words and how they are written: "on, off, interval=DUR". */
void words_list(const struct word *table, char *buf, size_t size);

/* Sets *out to the index of text in names (up to NULL). 0 or -EINVAL. */
int words_choose(const char *text, const char *const *names, int *out);

#endif
