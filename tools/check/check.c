/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/check/check.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

static const char *const levels[] = {
	[CHECK_OK] = "ok",
	[CHECK_WARNING] = "warning",
	[CHECK_BROKEN] = "broken",
};

void check_say(struct check *c, enum check_level level, const char *what, const char *format, ...)
{
	char text[CHECK_TEXT];
	struct check_line *line;
	va_list arguments;

	if (c->n == CHECK_LINES)
		return;
	line = &c->lines[c->n++];
	line->level = level;
	line->what = what;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_clean(line->text, sizeof(line->text), text, strlen(text));
}

bool check_say_untrusted(struct check *c, const char *what, const char *path)
{
	struct stat st;

	if (stat(path, &st) || (st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH))))
		return false;
	check_say(c, CHECK_BROKEN, what,
		"%s: others than root may change what root runs: owner %u, mode %04o", path,
		st.st_uid, st.st_mode & 07777);
	return true;
}

enum check_level check_worst(const struct check *c)
{
	enum check_level worst = CHECK_OK;

	for (size_t i = 0; i < c->n; i++)
		if (c->lines[i].level > worst)
			worst = c->lines[i].level;
	return worst;
}

static void json_print(const struct check *c)
{
	json_t *lines = json_array();
	json_t *all = json_pack("{s:s, s:o}", "result", levels[check_worst(c)], "lines", lines);

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(lines,
			json_pack("{s:s, s:s, s:s}", "level", levels[c->lines[i].level], "what",
				c->lines[i].what, "text", c->lines[i].text));
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
}

void check_print(const struct check *c, bool as_json)
{
	size_t counts[CHECK_BROKEN + 1] = { 0 };

	if (as_json) {
		json_print(c);
		return;
	}
	for (size_t i = 0; i < c->n; i++) {
		counts[c->lines[i].level]++;
		printf("%-8s %-10s %s\n", levels[c->lines[i].level], c->lines[i].what,
			c->lines[i].text);
	}
	printf("\n%zu broken, %zu warnings, %zu ok.\n", counts[CHECK_BROKEN], counts[CHECK_WARNING],
		counts[CHECK_OK]);
}
