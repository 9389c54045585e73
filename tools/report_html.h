/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss report --html FILE JOB[.STEP]|RECORD.json: the records as one page. */
#ifndef RAYPSS_REPORT_HTML_H
#define RAYPSS_REPORT_HTML_H

#include "tools/spools.h"

/*
 * Writes the page to a file, which is replaced at once; output "-" is standard output. name: of a
 * job, a step or a file. Returns the exit status, after a line on standard error if it is not 0.
 */
int report_html(const struct spools *spools, const char *output, const char *name);

#endif
