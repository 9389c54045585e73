/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"
#include "title.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* Hexadecimal takes at most two digits, unlike in C: "\x1bc" is an escape and a c. */
static char number(const char **text, int base, size_t most)
{
	const char *digits = base == 8 ? "01234567" : "0123456789abcdefABCDEF";
	char copy[4] = "";
	size_t n = strspn(*text, digits);

	memcpy(copy, *text, n = n < most ? n : most);
	*text += n;
	return (char)strtol(copy, NULL, base);
}

char *title_decode(const char *text)
{
	static const char names[] = "abefnrtv\\\"'", values[] = "\a\b\033\f\n\r\t\v\\\"'";
	char *title = malloc(strlen(text) + 1), *to = title;
	const char *name;

	if (!title)
		err(EXIT_FAILED, "the title");
	while (*text) {
		if (*text != '\\') {
			*to++ = *text++;
			continue;
		}
		text++;
		if (*text == 'x') {
			text++;
			*to = number(&text, 16, 2);
		} else if (*text >= '0' && *text <= '7') {
			*to = number(&text, 8, 3);
		} else {
			name = *text ? strchr(names, *text) : NULL;
			*to = name ? values[name - names] : '\0';
			text++;
		}
		if (!*to++) {
			free(title);
			return NULL;
		}
	}
	*to = '\0';
	return title;
}

void title_set(int argc, char **argv, const char *title)
{
	char *area = argv[0];
	size_t bytes = (size_t)(argv[argc - 1] - area) + strlen(argv[argc - 1]) + 1;

	program_invocation_short_name = strdup(program_invocation_short_name);
	memset(area, 0, bytes);
	memcpy(area, title, strlen(title));
	prctl(PR_SET_NAME, title);
}
