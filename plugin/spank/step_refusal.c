/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_refusal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <slurm/spank.h>

static struct {
	bool asked;
	char why[1024];
} refusal;

void step_refusal_begin(const struct step_options *options)
{
	refusal.asked = options->accounting == TRISTATE_ON;
	*refusal.why = '\0';
}

void step_refusal_keep(const char *format, ...)
{
	va_list args;

	if (!refusal.asked || *refusal.why)
		return;
	va_start(args, format);
	vsnprintf(refusal.why, sizeof(refusal.why), format, args);
	va_end(args);
}

void step_refusal_tell(void)
{
	if (!*refusal.why)
		return;
	slurm_spank_log("ray_pss: %s", refusal.why);
	*refusal.why = '\0';
	refusal.asked = false;
}
