/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypssd's writer gives up before it reads or writes the spool. It cannot look into a process,
 * and changes files in the spool only.
 */
#ifndef RAYPSS_WRITER_CONFINE_H
#define RAYPSS_WRITER_CONFINE_H

/*
 * Files are read, written and removed beneath spool, a descriptor or negative; read and removed
 * beneath state, a directory's path that may be missing; and nowhere else (Landlock, from Linux 5.13
 * on; without it, wherever root may). No capability is kept, but CAP_DAC_OVERRIDE where the spool
 * belongs to another user. 0 or -errno.
 */
int writer_confine(int spool, const char *state);

#endif
