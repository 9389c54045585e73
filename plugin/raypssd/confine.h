/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What raypssd gives up before it reads anything that users' processes wrote. */
#ifndef RAYPSS_CONFINE_H
#define RAYPSS_CONFINE_H

/*
 * Keeps only the capabilities for looking into other users' processes and for its own files, and
 * only the system calls it uses: no exec, no sockets, no ptrace. 0 or -errno.
 */
int confine(void);

#endif
