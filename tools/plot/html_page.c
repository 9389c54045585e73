/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/plot/html_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "results/explain.h"
#include "tools/plot/plot_script.h"

/* A picture of 256 points has some 50 KiB. */
#define PICTURE_MOST (4 * MIB)

/* A short word is not broken to make room for a long name. */
enum { TEXT_CELL = 128, TEXT_SHORT = 12 };

static const char head[] =
	"<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<style>\n"
	":root { color-scheme: light dark; }\n"
	"body { font: 16px/1.4 sans-serif; max-width: 62em; margin: 1em auto; padding: 0 1em; }\n"
	"table { border-collapse: collapse; margin: 0.5em 0 1.5em; }\n"
	"th, td { padding: 0.2em 0.8em; text-align: left; border-bottom: 1px solid #8888; }\n"
	"td { overflow-wrap: anywhere; }\n"
	".s { white-space: nowrap; }\n"
	".n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }\n"
	"tr, svg { break-inside: avoid; }\n"
	"svg { max-width: 100%; height: auto; }\n"
	"</style>\n";

/*
 * Names come from users' processes: no character of theirs marks up the page, controls a terminal or
 * turns the direction of text.
 */
static void escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*text < ' ' || *text > '~' ? '?' : *text, f);
		}
	}
}

/* A member, or "peak.footprint": a member of a member. NULL if it is missing. */
static const json_t *member(const json_t *object, const char *path)
{
	const char *dot = strchr(path, '.');
	char first[32];

	if (!dot)
		return json_object_get(object, path);
	snprintf(first, sizeof(first), "%.*s", (int)(dot - path), path);
	return json_object_get(json_object_get(object, first), dot + 1);
}

struct column {
	const char *title;
	const char *path; /* of the member */
	enum { CELL_TEXT, CELL_BYTES, CELL_COUNT } kind;
};

static void cell(FILE *f, const struct column *c, const json_t *value)
{
	char size[SIZE_TEXT], text[TEXT_CELL] = "-";

	if (json_is_string(value))
		snprintf(text, sizeof(text), "%s", json_string_value(value));
	else if (json_is_integer(value) && c->kind == CELL_BYTES)
		snprintf(text, sizeof(text), "%s",
			size_format((uint64_t)json_integer_value(value), size));
	else if (json_is_integer(value))
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (c->kind != CELL_TEXT)
		fputs("<td class=\"n\">", f);
	else
		fputs(strlen(text) <= TEXT_SHORT ? "<td class=\"s\">" : "<td>", f);
	escaped(f, text);
	fputs("</td>", f);
}

static void table(FILE *f, const struct column *columns, const json_t *rows)
{
	const json_t *row;
	size_t i;

	fputs("<table><thead><tr>", f);
	for (const struct column *c = columns; c->title; c++)
		fprintf(f, "<th%s>%s</th>", c->kind == CELL_TEXT ? "" : " class=\"n\"", c->title);
	fputs("</tr></thead><tbody>\n", f);
	json_array_foreach (rows, i, row) {
		if (i == HTML_ROWS)
			break;
		fputs("<tr>", f);
		for (const struct column *c = columns; c->title; c++)
			cell(f, c, member(row, c->path));
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table>\n", f);
	if (json_array_size(rows) > HTML_ROWS)
		fprintf(f, "<p>%zu more are left out.</p>\n", json_array_size(rows) - HTML_ROWS);
}

/* Copies the picture from a descriptor, without the lines that a file of its own would need. */
static int picture_copy(FILE *f, int fd)
{
	struct stat st;
	const char *begin;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > (off_t)PICTURE_MOST)
		return -EIO;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	n = pread(fd, text, (size_t)st.st_size, 0);
	text[n > 0 ? n : 0] = '\0';
	begin = strstr(text, "<svg");
	if (begin)
		fputs(begin, f);
	free(text);
	return begin ? 0 : -EIO;
}

/* 0 or -errno; a line on standard error says why. */
static int picture(FILE *f, const struct plot_data *data)
{
	char *script = plot_script(data, PLOT_SVG, 0, 0);
	int fd = memfd_create("raypss-picture", MFD_CLOEXEC);
	int rc = script && fd >= 0 ? plot_draw(script, fd, "report") : -ENOMEM;

	if (rc == 0)
		rc = picture_copy(f, fd);
	if (fd >= 0)
		close(fd);
	free(script);
	return rc;
}

/* The lines as paragraphs. */
static void paragraphs(FILE *f, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		fputs("<p>", f);
		escaped(f, line);
		fputs("</p>\n", f);
	}
}

/* The record in sentences, as raypss explain tells them. */
static void explanation(FILE *f, const json_t *record)
{
	char who[EXPLAIN_WHO], *text = NULL;
	struct job_node node;
	size_t size = 0;
	FILE *out;

	if (job_node_read(record, &node))
		return;
	out = open_memstream(&text, &size);
	if (out) {
		const struct explain e = { explain_who(&node, who), &node, record, NULL, UNKNOWN };

		explain_print(&e, out);
		if (fclose(out) == 0)
			paragraphs(f, text);
	}
	free(text);
	job_node_clear(&node);
}

static void record_write(FILE *f, const json_t *record)
{
	static const struct column top[] = { { "Process", "pid", CELL_COUNT },
		{ "Role", "role", CELL_TEXT }, { "Name", "name", CELL_TEXT },
		{ "Estimated part", "share", CELL_BYTES }, { "PSS", "pss", CELL_BYTES },
		{ "RSS", "rss", CELL_BYTES }, { NULL, NULL, CELL_TEXT } };
	static const struct column tasks[] = { { "Name", "name", CELL_TEXT },
		{ "Kind", "kind", CELL_TEXT }, { "Processes", "processes", CELL_COUNT },
		{ "Average", "private.avg", CELL_BYTES }, { "p95", "private.p95", CELL_BYTES },
		{ "Peak", "private.peak", CELL_BYTES }, { "Together", "together.peak", CELL_BYTES },
		{ NULL, NULL, CELL_TEXT } };
	static struct plot_data data;
	int rc = plot_data_read(record, &data);

	if (rc && rc != -ENODATA)
		return;
	fputs("<h2>", f);
	escaped(f, data.title);
	fputs("</h2>\n", f);
	explanation(f, record);
	if (rc == -ENODATA)
		fputs("<p>No picture: the record has no series (option word series).</p>\n", f);
	else if (picture(f, &data))
		fputs("<p>No picture: gnuplot could not draw it.</p>\n", f);
	if (json_array_size(json_object_get(record, "top"))) {
		fputs("<h3>Largest processes near the peak</h3>\n", f);
		table(f, top, json_object_get(record, "top"));
	}
	if (json_array_size(json_object_get(record, "tasks"))) {
		fputs("<h3>Processes by name</h3>\n", f);
		table(f, tasks, json_object_get(record, "tasks"));
	}
}

void html_page_write(FILE *f, const char *title, const json_t *records)
{
	static const struct column columns[] = { { "Step", "step", CELL_TEXT },
		{ "Node", "node", CELL_TEXT }, { "Peak", "peak.footprint", CELL_BYTES },
		{ "Limit", "limit", CELL_BYTES }, { "Private", "peak.private", CELL_BYTES },
		{ "Shared", "peak.shared", CELL_BYTES }, { "Store", "peak.store", CELL_BYTES },
		{ "Sum of RSS", "rss_max", CELL_BYTES }, { "OOM", "oom.verdict", CELL_TEXT },
		{ "End", "end.how", CELL_TEXT }, { NULL, NULL, CELL_TEXT } };
	size_t n = json_array_size(records);

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>", f);
	escaped(f, title);
	fprintf(f, "</title>\n%s</head>\n<body>\n<h1>", head);
	escaped(f, title);
	fputs("</h1>\n<p>Each shared object counts once. The worst step comes first.</p>\n", f);
	table(f, columns, records);
	for (size_t i = 0; i < n && i < HTML_PICTURES; i++)
		record_write(f, json_array_get(records, i));
	if (n > HTML_PICTURES)
		fprintf(f, "<p>Pictures of %zu more records are left out.</p>\n",
			n - HTML_PICTURES);
	fputs("</body>\n</html>\n", f);
}
