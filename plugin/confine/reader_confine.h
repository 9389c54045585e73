/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypssd gives up before it looks into users' processes. It may read everything, since that is
 * its work, and change nothing: what must be written to files is done by its writer.
 *
 * Landlock is not for raypssd: the kernel would refuse the look (plugin/confine/landlock.h).
 */
#ifndef RAYPSS_READER_CONFINE_H
#define RAYPSS_READER_CONFINE_H

/*
 * Keeps the capabilities for looking into other users' processes, the system calls that a look is
 * made of, and files open for reading only. Descriptors that are already open keep their rights.
 * signal: the one signal it may send, 0 = none. 0 or -errno.
 */
int reader_confine(int signal);

#endif
