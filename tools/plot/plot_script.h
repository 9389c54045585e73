/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A picture as commands for gnuplot, which the caller runs. */
#ifndef RAYPSS_PLOT_SCRIPT_H
#define RAYPSS_PLOT_SCRIPT_H

#include "base/units.h"
#include "tools/plot/plot_data.h"

enum plot_form { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_TERMINAL };

/* The form for a file's name, by what stands behind its last dot. 0 or -EINVAL. */
int plot_form_of(const char *name, enum plot_form *form);

#define PLOT_FORMS_ALLOWED "a name that ends with .svg, .png or .pdf, or -"

/*
 * The commands, to be freed; NULL when out of memory. The picture goes to gnuplot's standard output.
 * columns, lines: size of the terminal, for PLOT_TERMINAL.
 */
char *plot_script(const struct plot_data *d, enum plot_form form, unsigned columns, unsigned lines);

/*
 * Runs gnuplot, whose standard output is out_fd. 0, or -errno after a line on standard error that
 * begins with "raypss COMMAND:".
 */
int plot_draw(const char *script, int out_fd, const char *command);

#endif
