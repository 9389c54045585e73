/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/paths.h"

#include <stdio.h>

char *state_path(const struct step_info *info, char *buf, size_t size)
{
	snprintf(buf, size, STATE_DIR "/%u.%s.%s", info->job, info->step, info->node);
	return buf;
}

char *limits_path(const struct step_info *info, char buf[LIMITS_PATH])
{
	snprintf(buf, LIMITS_PATH, STATE_DIR "/%u.%s.%s.cgroup", info->job, info->step, info->node);
	return buf;
}
