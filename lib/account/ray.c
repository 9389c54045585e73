/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/ray.h"

const char *ray_role_name(enum ray_role role)
{
	static const char *const names[] = {
		[ROLE_OTHER] = "other",
		[ROLE_SYSTEM] = "system",
		[ROLE_IDLE] = "idle",
		[ROLE_TASK] = "task",
		[ROLE_ACTOR] = "actor",
		[ROLE_DRIVER] = "driver",
		[ROLE_STARTING] = "starting",
		[ROLE_IO] = "io",
	};

	return names[role];
}
