/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that a process inherited and does not want: a held pipe would keep srun waiting. */
#ifndef RAYPSS_FDS_H
#define RAYPSS_FDS_H

/* Closes every descriptor from first on. */
void fds_close_from(int first);

#endif
