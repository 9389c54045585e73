/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What raypssd does when tasks are killed or end: publishing, the line for people, the record. */
#ifndef RAYPSS_DAEMON_END_H
#define RAYPSS_DAEMON_END_H

#include "plugin/raypssd/daemon.h"

/* The kernel killed a process for memory. */
void daemon_end_kill(struct daemon *d);

/* MESSAGE_PUBLISH: the last task of this node ended. */
void daemon_end_tasks(struct daemon *d);

/* MESSAGE_FINISH: all processes are dead. */
void daemon_end_step(struct daemon *d);

/* Makes the record final and answers slurmstepd. Does nothing the second time. */
void daemon_end_record(struct daemon *d);

/* The publisher has answered, or is gone. */
void daemon_end_published(struct daemon *d);

#endif
