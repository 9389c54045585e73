/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory with the files of a cgroup v2 that programs read to learn their memory: memory.max,
 * memory.current, memory.stat. For steps whose own cgroup has no limit or that have none. slurmstepd
 * makes and removes it, raypssd keeps the figures (plugin/raypssd/limits_files.h).
 */
#ifndef RAYPSS_LIMITS_DIR_H
#define RAYPSS_LIMITS_DIR_H

#include <stdint.h>

#include "results/step_info.h"

/* limit: bytes. 0 or -errno: there is no such directory. */
int limits_dir_make(const struct step_info *info, uint64_t limit);

/* Nothing happens if there is none. */
void limits_dir_remove(const struct step_info *info);

#endif
