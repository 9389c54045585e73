/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/enclosing_step.h"

#include <stdio.h>
#include <string.h>

char *enclosing_step_format(const struct step_info *info, char buf[ENCLOSING_STEP_SIZE])
{
	snprintf(buf, ENCLOSING_STEP_SIZE, "%u.%s", info->job, info->step);
	return buf;
}

bool enclosing_step_is_of_job(const char *text, uint32_t job)
{
	char number[16];
	size_t n = (size_t)snprintf(number, sizeof(number), "%u.", job);

	return !strncmp(text, number, n) && step_info_is_enclosing(text + n);
}
