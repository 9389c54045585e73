/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/word_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The error repeats what was typed, cleaned and cut: it may come from a job's environment. */
enum { SHOWN = 64 };

static void error_unknown(const struct word *table, const char *text, char error[WORDS_ERROR])
{
	char shown[SHOWN];
	size_t n;

	text_clean(shown, sizeof(shown), text, strlen(text));
	n = (size_t)snprintf(error, WORDS_ERROR, "\"%s\" is not known; allowed:", shown);
	for (; table->name && n < WORDS_ERROR; table++)
		n += (size_t)snprintf(error + n, WORDS_ERROR - n, " %s%s", table->usage,
			table[1].name ? "," : "");
}

int words_apply(const struct word *table, const char *text, void *target, char error[WORDS_ERROR])
{
	const char *equals = strchr(text, '='), *value = equals ? equals + 1 : "";
	size_t n = equals ? (size_t)(equals - text) : strlen(text);
	char shown[SHOWN];

	for (const struct word *w = table; w->name; w++) {
		if (strlen(w->name) != n || memcmp(w->name, text, n) || !w->allowed != !equals)
			continue;
		if (w->set(value, target) == 0)
			return 0;
		text_clean(shown, sizeof(shown), value, strlen(value));
		snprintf(error, WORDS_ERROR, "%s=\"%s\" is not %s", w->name, shown, w->allowed);
		return -EINVAL;
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
