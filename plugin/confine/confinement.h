/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the confinement the running kernel can enforce, for people. */
#ifndef RAYPSS_CONFINEMENT_H
#define RAYPSS_CONFINEMENT_H

#include <stddef.h>

/*
 * Writes a line for each part to buf: its name, "yes" or "no", and what that means; for example
 *   "seccomp: yes\ncapability for map_files: CAP_CHECKPOINT_RESTORE\nLandlock: yes, version 7\n".
 * Returns buf. True of a process that runs as root on this kernel, whether or not the caller does.
 */
char *confinement_describe(char *buf, size_t size);

/* What the site's log should say where a part is missing; NULL where nothing is. */
const char *confinement_missing(void);

#endif
