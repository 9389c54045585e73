/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live figures of a running step in a small file that the job's user can read, named to the tasks
 * by RAYPSS_STATE. The text is that of results/live_text.h.
 */
#ifndef RAYPSS_LIVE_FILE_H
#define RAYPSS_LIVE_FILE_H

#include "account/account.h"
#include "results/step_info.h"

struct live_file;

/* Makes the file. 0, or -errno: there are no live figures. */
int live_file_create(const struct step_info *info, struct live_file **out);

/* Writes the last sample. Does nothing with NULL. */
void live_file_write(struct live_file *s, const struct account *account);

/* Removes the file that a raypssd left behind. */
void live_file_discard(const struct step_info *info);

/* Closes the file, which stays. Does nothing with NULL. */
void live_file_close(struct live_file *s);

#endif
