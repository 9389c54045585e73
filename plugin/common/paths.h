/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installed paths: configure sets them through the Makefile. */
#ifndef RAYPSS_PATHS_H
#define RAYPSS_PATHS_H

#define RAYPSSD_PATH PKGLIBEXECDIR "/raypssd"
#define DORMANT_PATH PKGLIBEXECDIR "/raypss-dormant"
#define PUBLISHER_PATH PKGLIBEXECDIR "/raypss-publisher"
#define JOBS_PATH PKGLIBEXECDIR "/raypss-jobs"
#define HTTP_PATH PKGLIBEXECDIR "/raypss-http"
#define SPOOL_DEFAULT LOCALSTATEDIR "/spool/raypss"

/* Live figures of running steps, on a tmpfs. */
#define STATE_DIR "/run/raypss"

/* The files that programs find in /sys/fs/cgroup with the option word limits, and their names. */
#define LIMITS_MAX "memory.max"
#define LIMITS_CURRENT "memory.current"
#define LIMITS_STAT "memory.stat"

#include <stddef.h>

#include "results/step_info.h"

enum { LIMITS_PATH = NODE_SIZE + 64 };

/* The path of a running step's live figures. Returns buf. */
char *state_path(const struct step_info *info, char *buf, size_t size);

/* The path of the directory with a running step's LIMITS_ files. Returns buf. */
char *limits_path(const struct step_info *info, char buf[LIMITS_PATH]);

#endif
