/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/file_list.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int file_list_add(struct file_list *list, const char *path)
{
	if (list->n == FILE_LIST_MAX)
		return -E2BIG;
	list->paths[list->n] = strdup(path);
	return list->paths[list->n] ? (int)(list->n++, 0) : -ENOMEM;
}

int file_list_beside(const char *file, const char *name, char *out)
{
	const char *slash = strrchr(file, '/');
	int length = *name == '/' || !slash ? 0 : (int)(slash - file) + 1;
	int n = snprintf(out, PATH_MAX, "%.*s%s", length, file, name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

unsigned file_list_include(struct file_list *list, const char *file, const char *pattern)
{
	char full[PATH_MAX];
	unsigned without = 0;
	glob_t found;

	if (file_list_beside(file, pattern, full))
		return 1;
	if (glob(full, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (file_list_add(list, found.gl_pathv[i]))
				without++;
	globfree(&found);
	return without;
}

void file_list_clear(struct file_list *list)
{
	while (list->n)
		free(list->paths[--list->n]);
}
