/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live view of raypss top on a terminal, by ncurses. */
#ifndef RAYPSS_TOP_SCREEN_H
#define RAYPSS_TOP_SCREEN_H

#include "tools/top/top_view.h"

/*
 * Shows what the source has until the user wants no more or all has ended. 0, or -errno after a line
 * on standard error: there is no terminal, or this raypss was built without ncurses.
 */
int top_screen(struct top_source *source);

#endif
