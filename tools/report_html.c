/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/report_html.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/plot/html_page.h"
#include "tools/plot/record_find.h"
#include "tools/record_file.h"
#include "tools/whole_file.h"

/* 0 or -errno. */
static int page_write(const char *path, const char *title, const json_t *records)
{
	struct whole_file page;
	int rc;

	if (!strcmp(path, "-")) {
		html_page_write(stdout, title, records);
		return 0;
	}
	rc = whole_file_begin(&page, path);
	if (rc)
		return rc;
	html_page_write(page.file, title, records);
	/* A record is its user's: the page is not for everybody. */
	return whole_file_end(&page, 0600, 0);
}

int report_html(const struct spools *spools, const char *output, const char *name)
{
	const struct record_find find = { .spools = spools, .command = "report" };
	char title[128];
	json_t *records;
	int rc = record_find_all(&find, name, &records);

	if (rc)
		return rc == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	snprintf(title, sizeof(title), "%s%.100s", record_file_is(name) ? "" : "Job ", name);
	rc = page_write(output, title, records);
	json_decref(records);
	if (rc)
		fprintf(stderr, "raypss report: cannot write \"%s\": %s\n", output, strerror(-rc));
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
