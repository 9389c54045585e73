/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/record_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool record_file_is(const char *name)
{
	size_t n = strlen(name);

	return strchr(name, '/') || (n > 5 && !strcmp(name + n - 5, ".json"));
}

static void unreadable(const char *path, const char *command, int error)
{
	fprintf(stderr, "raypss %s: cannot read \"%s\": %s\n", command, path, strerror(error));
}

json_t *record_file_read(const char *path, const char *command)
{
	json_t *record = NULL;
	json_error_t error;
	struct stat st;
	FILE *f = fopen(path, "re");

	if (!f) {
		unreadable(path, command, errno);
		return NULL;
	}
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		unreadable(path, command, EISDIR);
	} else {
		record = json_loadf(f, JSON_REJECT_DUPLICATES, &error);
		if (!record)
			fprintf(stderr, "raypss %s: \"%s\" is not a record: line %d is not JSON\n",
				command, path, error.line);
	}
	fclose(f);
	return record;
}
