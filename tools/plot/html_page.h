/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as one page of HTML that needs no network: styles and pictures are in it. */
#ifndef RAYPSS_HTML_PAGE_H
#define RAYPSS_HTML_PAGE_H

#include <jansson.h>
#include <stdio.h>

/* Rows, and pictures with the lists of their record; the page says what was left out. */
enum { HTML_ROWS = 200, HTML_PICTURES = 4 };

/*
 * Writes the page to f. records: array of records, the worst first. title: such as "Job 65". Where a
 * picture cannot be drawn, the page says so, and a line on standard error says why.
 */
void html_page_write(FILE *f, const char *title, const json_t *records);

#endif
