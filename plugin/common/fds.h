/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inherited descriptors: an inherited pipe that stays open keeps whoever reads it waiting. */
#ifndef RAYPSS_FDS_H
#define RAYPSS_FDS_H

/* Closes every descriptor from first on. */
void fds_close_from(int first);

/* The same, but for some of them. */
void fds_close_but(int first, const int *kept, unsigned kept_n);

#endif
