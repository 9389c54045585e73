/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/confinement.h"

#include <linux/capability.h>
#include <stdio.h>

#include "config.h"
#include "plugin/confine/landlock.h"
#include "plugin/confine/privileges.h"

#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

#ifdef WITH_SANITIZERS
#define CALLS "no, built with sanitizers"
#else
#define CALLS "yes"
#endif

char *confinement_describe(char *buf, size_t size)
{
	int version = landlock_version();
	char landlock[96] = "no: files are protected by capabilities and system calls only";

	if (version)
		snprintf(landlock, sizeof(landlock), "yes, version %d", version);
	snprintf(buf, size,
		"seccomp: " CALLS "\n"
		"capability for map_files: %s\n"
		"Landlock: %s\n",
		privileges_known(CAP_CHECKPOINT_RESTORE) ? "CAP_CHECKPOINT_RESTORE"
							 : "CAP_SYS_ADMIN, before Linux 5.9",
		landlock);
	return buf;
}

const char *confinement_missing(void)
{
	return landlock_version() ? NULL
				  : "this kernel has no Landlock (Linux 5.13, lsm=landlock): the "
				    "writer of raypssd is not bound to the spool";
}
