/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main loop of raypssd. */
#ifndef RAYPSS_DAEMON_LOOP_H
#define RAYPSS_DAEMON_LOOP_H

#include "plugin/raypssd/daemon.h"

/* Takes samples and serves slurmstepd until slurmstepd closes the socket or dies. */
void daemon_loop_run(struct daemon *d);

#endif
