/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installed paths: configure sets them through the Makefile. */
#ifndef RAYPSS_PATHS_H
#define RAYPSS_PATHS_H

#define RAYPSSD_PATH PKGLIBEXECDIR "/raypssd"
#define PUBLISHER_PATH PKGLIBEXECDIR "/raypss-publisher"
#define JOBS_PATH PKGLIBEXECDIR "/raypss-jobs"
#define SPOOL_DEFAULT LOCALSTATEDIR "/spool/raypss"

/* Live figures of running steps, on a tmpfs. */
#define STATE_DIR "/run/raypss"

#include <stddef.h>

#include "results/step_info.h"

/* The path of a running step's live figures. Returns buf. */
char *state_path(const struct step_info *info, char *buf, size_t size);

#endif
