/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What raypssd tells slurmstepd. */
#ifndef RAYPSS_REPLY_H
#define RAYPSS_REPLY_H

#include "plugin/common/shm_block.h"

/* Sends a message, cut to MESSAGE_SIZE. Never waits; if slurmstepd is gone, nothing happens. */
void reply(enum message type, const char *text);

#endif
