/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/plugstack_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugin/common/file_list.h"

#define PLUGIN_FILE "ray_pss.so"
#define SEPARATORS " \t\n"

enum plugstack_kind plugstack_line_parse(char *text, struct plugstack_line *out)
{
	char *kind, *word, *rest;
	bool include;

	*out = (struct plugstack_line){ 0 };
	text[strcspn(text, "#")] = '\0';
	kind = strtok_r(text, SEPARATORS, &rest);
	if (!kind)
		return PLUGSTACK_NOTHING;
	include = !strcmp(kind, "include");
	out->required = !strcmp(kind, "required");
	if (!include && !out->required && strcmp(kind, "optional"))
		return PLUGSTACK_WRONG;
	out->path = strtok_r(NULL, SEPARATORS, &rest);
	if (!out->path)
		return PLUGSTACK_WRONG;
	while (out->ac < PLUGSTACK_WORDS && (word = strtok_r(NULL, SEPARATORS, &rest)))
		out->av[out->ac++] = word;
	return include ? PLUGSTACK_INCLUDE : PLUGSTACK_PLUGIN;
}

static bool is_ours(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, PLUGIN_FILE);
}

static void place_set(struct plugstack_place *place, const char *file, unsigned line)
{
	snprintf(place->file, sizeof(place->file), "%s", file);
	place->line = line;
}

static void line_take(struct file_list *files, const char *file, unsigned number, char *text,
	struct plugstack_file *out)
{
	char copy[PLUGSTACK_LINE];
	struct plugstack_line line;

	strcpy(copy, text);
	switch (plugstack_line_parse(text, &line)) {
	case PLUGSTACK_INCLUDE:
		out->unread += file_list_include(files, file, line.path);
		break;
	case PLUGSTACK_PLUGIN:
		if (is_ours(line.path) && !out->entries++) {
			place_set(&out->place, file, number);
			strcpy(out->text, copy);
			plugstack_line_parse(out->text, &out->entry);
		}
		break;
	case PLUGSTACK_WRONG:
		if (!out->wrong++)
			place_set(&out->wrong_place, file, number);
		break;
	default:
		break;
	}
}

static int file_read(struct file_list *files, const char *path, struct plugstack_file *out)
{
	FILE *file = fopen(path, "re");
	char text[PLUGSTACK_LINE];
	unsigned number = 0;
	int rc;

	if (!file)
		return -errno;
	errno = 0;
	while (fgets(text, sizeof(text), file))
		line_take(files, path, ++number, text, out);
	rc = ferror(file) ? -errno : 0;
	fclose(file);
	return rc;
}

int plugstack_file_read(const char *path, struct plugstack_file *out)
{
	struct file_list files = { 0 };
	int rc;

	*out = (struct plugstack_file){ 0 };
	rc = file_list_add(&files, path);
	for (unsigned i = 0; i < files.n; i++) {
		int one = file_read(&files, files.paths[i], out);

		if (i == 0)
			rc = one;
		else if (one)
			out->unread++;
	}
	file_list_clear(&files);
	return rc;
}
