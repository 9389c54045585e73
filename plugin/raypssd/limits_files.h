/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the figures of the files that the tasks of a step find in /sys/fs/cgroup with the option word
 * limits, if slurmstepd made them (plugin/spank/limits_dir.h). Formats: memory.current and memory.stat
 * of Documentation/admin-guide/cgroup-v2.rst, bytes.
 */
#ifndef RAYPSS_LIMITS_FILES_H
#define RAYPSS_LIMITS_FILES_H

#include "measure/look.h"
#include "results/step_info.h"

enum { LIMITS_TEXT = 512 };

struct limits_files {
	int current; /* descriptors, -1 = there are no such files */
	int stat;
};

/* Opens the files, before raypssd gives up its rights. 0, also where there are none, or -errno. */
int limits_files_open(struct limits_files *f, const struct step_info *info);

/* Writes the figures of a sample with processes. Without files nothing happens. */
void limits_files_write(const struct limits_files *f, const struct look *look);

/*
 * The texts of both files. Their length stays, because they are overwritten while programs read them.
 * Each returns the length.
 */
size_t limits_current_text(const struct look *look, char buf[LIMITS_TEXT]);
size_t limits_stat_text(const struct look *look, char buf[LIMITS_TEXT]);

#endif
