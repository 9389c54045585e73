/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/word_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The error repeats what was typed, cleaned and cut: it may come from a job's environment. */
enum { SHOWN = 64 };

void words_list(const struct word *table, char *buf, size_t size)
{
	size_t n = 0;

	for (; table->name && n < size; table++)
		n += (size_t)snprintf(
			buf + n, size - n, "%s%s", table->usage, table[1].name ? ", " : "");
}

static void error_unknown(const struct word *table, const char *text, char error[WORDS_ERROR])
{
	char shown[SHOWN], list[WORDS_ERROR - SHOWN - 32];

	text_clean(shown, sizeof(shown), text, strlen(text));
	words_list(table, list, sizeof(list));
	snprintf(error, WORDS_ERROR, "\"%s\" is not known; allowed: %s", shown, list);
}

/* The word is known, its value is not. */
static void error_value(const struct word *w, const char *value, int rc, char error[WORDS_ERROR])
{
	char shown[SHOWN];

	text_clean(shown, sizeof(shown), value, strlen(value));
	if (rc == -EEXIST)
		snprintf(error, WORDS_ERROR, "\"%s\" contradicts a word before it", w->name);
	else if (rc == -ERANGE)
		snprintf(error, WORDS_ERROR, "%s=\"%s\" is out of range; allowed: %s", w->name,
			shown, w->allowed);
	else
		snprintf(error, WORDS_ERROR, "%s=\"%s\" is not %s", w->name, shown, w->allowed);
}

int words_apply(const struct word *table, const char *text, void *target, char error[WORDS_ERROR])
{
	const char *equals = strchr(text, '='), *value = equals ? equals + 1 : "";
	size_t n = equals ? (size_t)(equals - text) : strlen(text);

	for (const struct word *w = table; w->name; w++) {
		int rc;

		if (strlen(w->name) != n || memcmp(w->name, text, n))
			continue;
		if (!w->allowed && equals) {
			snprintf(error, WORDS_ERROR, "\"%s\" takes no value", w->name);
			return -EINVAL;
		}
		if (w->allowed && !equals) {
			snprintf(error, WORDS_ERROR, "\"%s\" wants a value: %s=, then %s", w->name,
				w->name, w->allowed);
			return -EINVAL;
		}
		rc = w->set(value, target);
		if (rc)
			error_value(w, value, rc, error);
		return rc ? -EINVAL : 0;
	}
	error_unknown(table, text, error);
	return -EINVAL;
}

int words_choose(const char *text, const char *const *names, int *out)
{
	for (int i = 0; names[i]; i++) {
		if (!strcmp(names[i], text)) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}
