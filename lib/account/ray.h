/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role of a process in a Ray cluster, from its title. */
#ifndef RAYPSS_RAY_H
#define RAYPSS_RAY_H

#include <stddef.h>

enum ray_role {
	ROLE_OTHER, /* not one of Ray's: drivers, wrappers, anything */
	ROLE_SYSTEM, /* raylet, gcs_server, agents, dashboard, log monitor */
	ROLE_IDLE, /* a worker without work */
	ROLE_TASK, /* a worker that runs a task: "ray::NAME()" */
	ROLE_ACTOR, /* one that is an actor: "ray::CLASS" or "ray::CLASS.METHOD()" */
};

/* title: as setproctitle of Ray writes it (ray_constants.py, worker.py), or a command's name. */
enum ray_role ray_role_of(const char *title);

const char *ray_role_name(enum ray_role role);

/*
 * The name that all calls of a task or actor have in common: "ray::Server.send()" and "ray::Server"
 * both give "Server". Other titles give their first word. dst has size bytes.
 */
void ray_task_name(const char *title, char *dst, size_t size);

#endif
