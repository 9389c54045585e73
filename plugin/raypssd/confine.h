/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives up rights before raypssd reads anything that users' processes wrote. */
#ifndef RAYPSS_CONFINE_H
#define RAYPSS_CONFINE_H

/*
 * Keeps only the capabilities for looking into other users' processes, for notify= and for raypssd's
 * own files, and only the system calls that raypssd uses: no exec, no sockets, no ptrace. 0 or
 * -errno.
 */
int confine(void);

#endif
