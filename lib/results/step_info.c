/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/step_info.h"

#include <string.h>

uint32_t step_info_restart(uint32_t count)
{
	return count <= RESTART_MAX ? count : 0;
}

bool step_info_is_enclosing(const char *step)
{
	return !strcmp(step, STEP_BATCH) || !strcmp(step, STEP_INTERACTIVE);
}
