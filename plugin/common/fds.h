/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inherited descriptors: an inherited pipe that stays open keeps srun waiting. */
#ifndef RAYPSS_FDS_H
#define RAYPSS_FDS_H

/* Closes every descriptor from first on. */
void fds_close_from(int first);

#endif
