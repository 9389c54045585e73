/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/report_html.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/plot/html_page.h"
#include "tools/plot/record_find.h"

/* A reader sees the old file or the new one. 0 or -errno. */
static int file_write(const char *path, const char *title, const json_t *records)
{
	char part[PATH_MAX];
	int fd, rc = 0;
	FILE *f;

	if (!strcmp(path, "-")) {
		html_page_write(stdout, title, records);
		return 0;
	}
	snprintf(part, sizeof(part), "%s.XXXXXX", path);
	fd = mkostemp(part, O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return -errno;
	html_page_write(f, title, records);
	/* A record is its user's: the page is not for everybody. */
	if (fflush(f) || fchmod(fd, 0600) || rename(part, path))
		rc = -errno;
	if (fclose(f) && rc == 0)
		rc = -errno;
	if (rc)
		unlink(part);
	return rc;
}

int report_html(const struct spools *spools, const char *output, const char *name)
{
	const struct record_find find = { .spools = spools, .command = "report" };
	char title[128];
	json_t *records;
	int rc = record_find_all(&find, name, &records);

	if (rc)
		return rc == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	snprintf(title, sizeof(title), "%s%.100s", strchr(name, '/') ? "" : "Job ", name);
	rc = file_write(output, title, records);
	json_decref(records);
	if (rc)
		fprintf(stderr, "raypss report: cannot write \"%s\": %s\n", output, strerror(-rc));
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
