/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/first_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void first_error_say(struct first_error *e, const char *format, ...)
{
	va_list args;

	if (*e->text)
		return;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
}

void first_error_keep(struct first_error *e, const char *what, int rc)
{
	if (rc < 0)
		first_error_say(e, "%s: %s", what, strerror(-rc));
}
