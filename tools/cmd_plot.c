/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss plot: a step's memory over time as a picture, drawn by gnuplot. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/job_name.h"
#include "tools/options.h"
#include "tools/plot/plot_script.h"
#include "tools/plot/record_find.h"
#include "tools/whole_file.h"

/* Of a terminal that does not tell its size, and the least that gnuplot draws well. */
enum { COLUMNS_USUAL = 80, LINES_USUAL = 24, COLUMNS_LEAST = 40, LINES_LEAST = 20 };

static void usage(FILE *f)
{
	fputs("usage: raypss plot [-o FILE] [--node NODE] [--cluster NAME] [--spool DIR]... "
	      "JOB[.STEP]|RECORD.json\n"
	      "\n"
	      "Draws the memory of a step over time, with gnuplot. The record needs a series: the\n"
	      "option word series, or raypss run --json.\n"
	      "\n"
	      "  -o, --output FILE  .svg, .png or .pdf; - draws in the terminal (default)\n"
	      "  --node NODE        of a step on several nodes, this one (default: the worst)\n"
	      "  --cluster NAME     whose job it is, where several clusters share a spool\n"
	      "  --spool DIR        where the records are; may be repeated (default: the site's)\n",
		f);
}

static void terminal_size(unsigned *columns, unsigned *lines)
{
	struct winsize size;

	*columns = COLUMNS_USUAL;
	*lines = LINES_USUAL;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
		*columns = size.ws_col;
		*lines = size.ws_row;
	}
	if (*columns < COLUMNS_LEAST)
		*columns = COLUMNS_LEAST;
	if (*lines < LINES_LEAST)
		*lines = LINES_LEAST;
	/* The line of the prompt. */
	(*lines)--;
}

/*
 * Draws into memory and then writes to fd: gnuplot itself does not say when it cannot write. name: of
 * the file, for messages. 0 or -errno after a line on standard error.
 */
static int picture_write(const char *script, int fd, const char *name)
{
	int memory = memfd_create("raypss-picture", MFD_CLOEXEC);
	int rc = memory < 0 ? -errno : plot_draw(script, memory, "plot");
	char buf[4096];
	off_t at = 0;
	ssize_t n, written;

	if (memory < 0)
		fprintf(stderr, "raypss plot: no memory for a picture: %s\n", strerror(errno));
	/* In a terminal gnuplot begins with a form feed, whatever its option feed says. */
	if (rc == 0 && pread(memory, buf, 1, 0) == 1 && *buf == '\f')
		at = 1;
	while (rc == 0 && (n = pread(memory, buf, sizeof(buf), at)) > 0) {
		written = write(fd, buf, (size_t)n);
		if (written >= 0) {
			at += written;
			continue;
		}
		rc = -errno;
		fprintf(stderr, "raypss plot: cannot write \"%s\": %s\n", name, strerror(errno));
	}
	if (memory >= 0)
		close(memory);
	return rc;
}

/* 0 or -errno after a line on standard error. */
static int file_draw(const char *script, const char *path)
{
	struct whole_file picture;
	int rc = whole_file_begin(&picture, path), drawn;

	if (rc == 0) {
		drawn = picture_write(script, fileno(picture.file), path);
		rc = whole_file_end(&picture, 0644, drawn);
		if (drawn)
			return drawn;
	}
	if (rc)
		fprintf(stderr, "raypss plot: cannot write \"%s\": %s\n", path, strerror(-rc));
	return rc;
}

static int record_draw(const json_t *record, const char *output, enum plot_form form)
{
	static struct plot_data data;
	unsigned columns, lines;
	char *script;
	int rc = plot_data_read(record, &data);

	if (rc == -ENODATA) {
		fprintf(stderr,
			"raypss plot: %s: the record has no series: run the step with "
			"--ray-pss-accounting=series\n",
			data.title);
		return rc;
	}
	if (rc) {
		fputs("raypss plot: this is no record of spank-ray-pss\n", stderr);
		return rc;
	}
	terminal_size(&columns, &lines);
	script = plot_script(&data, form, columns, lines);
	if (!script)
		return -ENOMEM;
	rc = form == PLOT_TERMINAL ? picture_write(script, STDOUT_FILENO, output)
				   : file_draw(script, output);
	free(script);
	return rc;
}

int cmd_plot(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "node", required_argument, NULL, 'n' },
		{ "cluster", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static struct spools spools;
	struct record_find find = { .spools = &spools, .command = "plot" };
	enum plot_form form = PLOT_TERMINAL;
	const char *output = "-";
	json_t *record;
	int c, rc;

	while ((c = options_next(argc, argv, ":ho:", options)) != -1) {
		if (c == 'o')
			output = optarg;
		else if (c == 'n')
			find.node = optarg;
		else if (c == 'c')
			spools.cluster = optarg;
		else if (c == 's' && spools_add(&spools, optarg) == 0)
			continue;
		else if (c == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return EXIT_USAGE;
	}
	if (job_name_only("plot", argv + optind, argc - optind))
		return EXIT_USAGE;
	if (plot_form_of(output, &form))
		return option_wrong("plot", "-o", output, PLOT_FORMS_ALLOWED);
	rc = record_find(&find, argv[optind], &record);
	if (rc)
		return rc == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	rc = record_draw(record, output, form);
	json_decref(record);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
