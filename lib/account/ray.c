/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/ray.h"

#include <stdio.h>
#include <string.h>

#define WORKER_PREFIX "ray::"
#define LOCALS ".<locals>."

enum ray_role ray_role_of(const char *title)
{
	static const char *const system[] = {
		"raylet",
		"gcs_server",
		"ray::DashboardAgent",
		"ray::RuntimeEnvAgent",
		"ray-dashboard",
		"log_monitor.py",
		"monitor.py",
		"plasma_store",
		"ray::LogMonitor",
		"ray::Dashboard",
		"ray::Monitor",
	};

	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		if (!strncmp(title, system[i], strlen(system[i])))
			return ROLE_SYSTEM;
	if (strncmp(title, WORKER_PREFIX, strlen(WORKER_PREFIX)))
		return ROLE_OTHER;
	title += strlen(WORKER_PREFIX);
	if (!strncmp(title, "IDLE", 4) && (!title[4] || title[4] == '_'))
		return ROLE_IDLE;
	/* A function within a function has dots in its name, too: "main.<locals>.f()". */
	if (strstr(title, LOCALS))
		return ROLE_TASK;
	return strchr(title, '.') || !strchr(title, '(') ? ROLE_ACTOR : ROLE_TASK;
}

const char *ray_role_name(enum ray_role role)
{
	static const char *const names[] = {
		[ROLE_OTHER] = "other",
		[ROLE_SYSTEM] = "system",
		[ROLE_IDLE] = "idle",
		[ROLE_TASK] = "task",
		[ROLE_ACTOR] = "actor",
	};

	return names[role];
}

void ray_task_name(const char *title, char *dst, size_t size)
{
	const char *end = " ";
	size_t n;

	if (!strncmp(title, WORKER_PREFIX, strlen(WORKER_PREFIX))) {
		const char *local;

		title += strlen(WORKER_PREFIX);
		while ((local = strstr(title, LOCALS)))
			title = local + strlen(LOCALS);
		end = ".( ";
	}
	n = strcspn(title, end);
	snprintf(dst, size, "%.*s", (int)(n ? n : strlen(title)), title);
}
