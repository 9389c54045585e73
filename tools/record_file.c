/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/spool_file.h"

bool record_file_is(const char *name)
{
	size_t n = strlen(name);

	return strchr(name, '/') || (n > 5 && !strcmp(name + n - 5, ".json"));
}

/* A FIFO would hold up the command, and a device may have no end. 0 or -errno. */
static int text_read(const char *path, char **text, size_t *size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = spool_file_text(fd, text, size);
	close(fd);
	return rc;
}

json_t *record_file_read(const char *path, const char *command)
{
	json_t *record;
	json_error_t error;
	size_t size = 0;
	char *text = NULL;
	int rc = text_read(path, &text, &size);

	if (rc) {
		fprintf(stderr, "raypss %s: cannot read \"%s\": %s\n", command, path,
			rc == -EINVAL ? "it is no regular file" : strerror(-rc));
		return NULL;
	}
	record = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	free(text);
	if (!record)
		fprintf(stderr, "raypss %s: \"%s\" is not a record: line %d is not JSON\n", command,
			path, error.line);
	return record;
}
