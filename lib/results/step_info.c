/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/step_info.h"

#include <string.h>

bool step_info_is_enclosing(const char *step)
{
	return !strcmp(step, "batch") || !strcmp(step, "interactive");
}
