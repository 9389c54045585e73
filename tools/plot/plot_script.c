/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/plot/plot_script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/child.h"

/* A limit that is so many times higher than all else would press the rest to the ground. */
#define LIMIT_SHOWN 4

/* Of light, medium and dark grey where there are no colours. */
#define COLOUR_PRIVATE "#1f4e79"
#define COLOUR_SHARED "#e69f00"
#define COLOUR_KERNEL "#d4d4d4"
#define COLOUR_LIMIT "#c00000"

/* Characters of a title that a picture surely has room for. */
enum { TITLE_WIDTH = 90 };

#define DRAW_NS (60 * NS_PER_S)

int plot_form_of(const char *name, enum plot_form *form)
{
	static const struct {
		const char *suffix;
		enum plot_form form;
	} forms[] = { { ".svg", PLOT_SVG }, { ".png", PLOT_PNG }, { ".pdf", PLOT_PDF } };
	const char *dot = strrchr(name, '.');

	if (!strcmp(name, "-")) {
		*form = PLOT_TERMINAL;
		return 0;
	}
	for (size_t i = 0; dot && i < sizeof(forms) / sizeof(*forms); i++) {
		if (!strcmp(dot, forms[i].suffix)) {
			*form = forms[i].form;
			return 0;
		}
	}
	return -EINVAL;
}

/* In which units the axes are. */
struct scale {
	double bytes;
	const char *bytes_name;
	double seconds;
	const char *seconds_name;
	double top; /* of the vertical axis, in its unit */
	double right;
	bool with_limit;
};

static uint64_t greatest_drawn(const struct plot_data *d, bool *with_limit)
{
	struct plot_data *without = malloc(sizeof(*without));
	uint64_t most = plot_data_greatest(d);

	*with_limit = d->limit != UNKNOWN;
	if (without && *with_limit) {
		uint64_t rest;

		*without = *d;
		without->limit = UNKNOWN;
		rest = plot_data_greatest(without);
		if (rest && d->limit / LIMIT_SHOWN > rest) {
			*with_limit = false;
			most = rest;
		}
	}
	free(without);
	return most;
}

static struct scale scale_of(const struct plot_data *d)
{
	struct scale s = { .seconds = 1, .seconds_name = "s" };
	uint64_t most = greatest_drawn(d, &s.with_limit);
	double last = d->points[d->n - 1].seconds;

	s.bytes = (double)(most < 4 * GIB ? MIB : GIB);
	s.bytes_name = most < 4 * GIB ? "MiB" : "GiB";
	if (last < d->elapsed)
		last = d->elapsed;
	/* A kill of the last process is seen after the last sample. */
	for (unsigned i = 0; i < d->marks_n; i++)
		if (last < d->marks[i].seconds)
			last = d->marks[i].seconds;
	if (last >= 3 * 3600) {
		s.seconds = 3600;
		s.seconds_name = "h";
	} else if (last >= 600) {
		s.seconds = 60;
		s.seconds_name = "min";
	}
	s.top = 1.15 * (double)(most ? most : 1) / s.bytes;
	s.right = (last > 0 ? last : 1) / s.seconds;
	return s;
}

/* A text of gnuplot in double quotes; it was cleaned before. */
static void quoted(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void terminal_write(FILE *f, enum plot_form form, unsigned columns, unsigned lines)
{
	switch (form) {
	case PLOT_SVG:
		fputs("set terminal svg noenhanced size 900,460 dynamic font 'sans-serif,14' "
		      "background 'white'\n",
			f);
		break;
	case PLOT_PNG:
		fputs("set terminal pngcairo noenhanced size 1200,620 font 'sans,14'\n", f);
		break;
	case PLOT_PDF:
		fputs("set terminal pdfcairo noenhanced size 9in,4.6in font 'sans,12'\n", f);
		break;
	case PLOT_TERMINAL:
		fprintf(f, "set terminal dumb noenhanced size %u,%u\n", columns, lines);
		break;
	}
}

/* Whether the title has to give the node a line of its own. */
static bool title_is_long(const struct plot_data *d, enum plot_form form, unsigned columns)
{
	return *d->node && strlen(d->title) > (form == PLOT_TERMINAL ? columns : TITLE_WIDTH);
}

/* One text of one to three lines. */
static void title_write(FILE *f, const struct plot_data *d, bool is_long)
{
	quoted(f, is_long ? d->title_alone : d->title);
	if (is_long) {
		fputs(".\"\\n\".", f);
		quoted(f, d->node);
	}
	if (*d->largest) {
		fputs(".\"\\n\".", f);
		quoted(f, d->largest);
	}
}

static double value(uint64_t bytes, const struct scale *s)
{
	return (double)bytes / s->bytes;
}

/* Columns: time, private, + shared, + kernel and all else (the footprint), sum of RSS. */
static void data_write(FILE *f, const struct plot_data *d, const struct scale *s)
{
	fprintf(f, "$peak << END\n%.6g %.6g\nEND\n$data << END\n", d->peak_at / s->seconds,
		value(d->peak, s));
	/* A single point has no area: it stands for the whole time. */
	for (size_t i = 0; i < d->n + (d->n == 1); i++) {
		const struct plot_point *p = &d->points[d->n == 1 ? 0 : i];
		double at = d->n == 1 ? (double)i * s->right : p->seconds / s->seconds;

		fprintf(f, "%.6g ", at);
		if (d->has_parts)
			fprintf(f, "%.6g %.6g ", value(p->private, s),
				value(p->private + p->shared, s));
		else
			fputs("NaN NaN ", f);
		fprintf(f, "%.6g ", value(p->footprint, s));
		if (p->rss == UNKNOWN)
			fputs("NaN\n", f);
		else
			fprintf(f, "%.6g\n", value(p->rss, s));
	}
	fputs("END\n", f);
}

/*
 * Texts stand above the frame, where no curve crosses them. Marks may be at the same time: each text
 * has a line of its own.
 */
static void marks_write(FILE *f, const struct plot_data *d, const struct scale *s,
	enum plot_form form, unsigned title_lines)
{
	/* gnuplot rounds to whole characters in a terminal: the lines would reach into the texts. */
	double lowest = form == PLOT_TERMINAL ? 1 : 0.6, top = form == PLOT_TERMINAL ? 0.95 : 1;

	fprintf(f, "set tmargin %u\n", d->marks_n + 2 + title_lines);
	for (unsigned i = 0; i < d->marks_n; i++) {
		double x = d->marks[i].seconds / s->seconds;

		fprintf(f,
			"set arrow %u from %.6g,graph 0 to %.6g,graph %g nohead dashtype 3 front\n"
			"set label %u ",
			i + 1, x, x, top, i + 1);
		quoted(f, d->marks[i].text);
		fprintf(f, " at %.6g,graph 1 %s offset 0,%.1f front\n", x,
			x < 0.5 * s->right ? "left" : "right", lowest + (d->marks_n - 1 - i));
	}
}

static void curves_write(
	FILE *f, const struct plot_data *d, const struct scale *s, enum plot_form form)
{
	const char *area = form == PLOT_TERMINAL ? "lines" : "filledcurves y1=0";

	/* What is on top comes first, and the lower parts are drawn over it. */
	fprintf(f, "plot $data using 1:4 with %s linecolor rgb '%s' title '%s'", area,
		d->has_parts ? COLOUR_KERNEL : COLOUR_PRIVATE,
		d->has_parts ? "kernel and swap" : "footprint");
	if (d->has_parts)
		fprintf(f,
			", $data using 1:3 with %s linecolor rgb '" COLOUR_SHARED
			"' title 'shared', $data using 1:2 with %s linecolor rgb '" COLOUR_PRIVATE
			"' title 'private'",
			area, area);
	fputs(", $data using 1:5 with lines linewidth 2 dashtype 2 linecolor rgb 'black' title "
	      "'sum of RSS'",
		f);
	if (s->with_limit)
		fprintf(f,
			", %.6g with lines linewidth 2 linecolor rgb '" COLOUR_LIMIT
			"' title 'limit'",
			value(d->limit, s));
	if (d->peak_at >= 0 && d->peak != UNKNOWN)
		fputs(", $peak with points pointtype 7 pointsize 1 linecolor rgb 'black' title "
		      "'peak'",
			f);
	fputc('\n', f);
}

char *plot_script(const struct plot_data *d, enum plot_form form, unsigned columns, unsigned lines)
{
	struct scale s = scale_of(d);
	bool is_long = title_is_long(d, form, columns);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	terminal_write(f, form, columns, lines);
	fputs("set encoding utf8\nset title ", f);
	title_write(f, d, is_long);
	fprintf(f, " offset 0,%u", d->marks_n);
	fprintf(f, "\nset xrange [0:%.6g]\nset yrange [0:%.6g]\n", s.right, s.top);
	fprintf(f, "set format x '%%g %s'\nset ylabel '%s'\n", s.seconds_name, s.bytes_name);
	fputs("set key outside bottom center horizontal samplen 2 width -2\nset border 3\nset tics "
	      "nomirror out\n"
	      "set style fill solid 1.0 noborder\nset grid ytics linecolor rgb '#b0b0b0'\n",
		f);
	data_write(f, d, &s);
	marks_write(f, d, &s, form, 1U + is_long + !!*d->largest);
	curves_write(f, d, &s, form);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

int plot_draw(const char *script, int out_fd, const char *command)
{
	char *const argv[] = { "gnuplot", "-", NULL };
	const struct child child = {
		.argv = argv, .input = script, .timeout_ns = DRAW_NS, .out_fd = out_fd
	};
	char said[4096];
	int status = 0, rc = child_run(&child, said, sizeof(said), &status);

	if (rc == -ENOENT)
		fprintf(stderr,
			"raypss %s: gnuplot is not installed, or not in PATH: it draws the "
			"picture (Debian: gnuplot-nox)\n",
			command);
	else if (rc)
		fprintf(stderr, "raypss %s: cannot run gnuplot: %s\n", command, strerror(-rc));
	else if (status)
		fprintf(stderr, "raypss %s: gnuplot says: %s\n", command, said);
	return rc ? rc : status ? -EIO : 0;
}
