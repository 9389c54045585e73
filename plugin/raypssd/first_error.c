/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/first_error.h"

#include <stdio.h>
#include <string.h>

void first_error_keep(struct first_error *e, const char *what, int rc)
{
	if (rc < 0 && !*e->text)
		snprintf(e->text, sizeof(e->text), "%s: %s", what, strerror(-rc));
}
