/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which part a process has in a Ray cluster, and the name that it has in common with others that do
 * the same: pure functions over what /proc shows of a process. Seen with Ray 2.9 to 2.60.
 */
#ifndef RAYPSS_RAY_IDENTITY_H
#define RAYPSS_RAY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/look.h"

/* What a worker's own log says of the worker; Ray writes that in front of each worker's output. */
enum worker_log { WORKER_LOG_NONE, WORKER_LOG_TASK, WORKER_LOG_ACTOR };

/* Whose log of Ray's core a process has open, told by the file's name. */
enum core_log { CORE_LOG_NONE, CORE_LOG_DRIVER, CORE_LOG_WORKER, CORE_LOG_IO };

struct ray_evidence {
	const char *command; /* the kernel's name of the process, where it has no arguments */
	const char *arguments; /* /proc/PID/cmdline: each ends with NUL, or a title */
	size_t arguments_len;
	enum worker_log log;
	const char *log_name; /* cleaned; of WORKER_LOG_NONE not read */
	enum core_log core;
	const char *actor; /* the class that an earlier title told, "" = none */
};

struct ray_identity {
	enum ray_role role;
	char name[TASK_NAME_SIZE]; /* cleaned; never "" unless all evidence is */
};

/*
 * The first that tells: the exact titles of Ray's own processes; the worker's log; the title. A
 * process of which nothing tells is ROLE_OTHER, with the name of its program.
 */
void ray_identify(const struct ray_evidence *evidence, struct ray_identity *out);

/* Whether the title is one that only Ray's workers set. */
bool ray_title_is_worker(const char *title, size_t len);

/* Whether a link of /proc/PID/fd leads to the log of a worker for tasks and actors. */
bool worker_log_is(const char *link);

/*
 * The last line ":actor_name:X" or ":task_name:x" of a piece of a worker's log. WORKER_LOG_NONE:
 * there is none, and the name is not changed. The name is cleaned.
 */
enum worker_log worker_log_parse(const char *buf, size_t len, char name[TASK_NAME_SIZE]);

/* Whose core log a link of /proc/PID/fd leads to. */
enum core_log core_log_of(const char *link);

#endif
