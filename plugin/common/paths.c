/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/paths.h"

#include <stdio.h>

char *state_path(const struct step_info *info, char *buf, size_t size)
{
	snprintf(buf, size, STATE_DIR "/%u.%s.%s", info->job, info->step, info->node);
	return buf;
}
