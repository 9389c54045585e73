/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of raypss top as text. Pure. */
#ifndef RAYPSS_TOP_TEXT_H
#define RAYPSS_TOP_TEXT_H

#include <stdio.h>

#include "tools/top/top_view.h"

/* The least that is made use of; on a smaller terminal the rest is cut off. */
enum { TOP_COLUMNS = 80, TOP_LINES = 24, TOP_ENDLESS = 100000 };

/*
 * Prints one view with its lists, such that it fits so many columns and, with as many processes and
 * tasks as have room, so many lines. TOP_ENDLESS: whole lists.
 */
void top_text_view(const struct top_view *v, unsigned columns, unsigned lines, FILE *out);

/* Prints a line for each of some views around the selected one, which is marked: lines in all. */
void top_text_choice(const struct top_views *views, size_t selected, unsigned lines, FILE *out);

#endif
