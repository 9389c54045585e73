/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_source.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/common/process_ref.h"

/* How often a task is asked for the step's group. */
enum { TRIES = 20 };

int step_source_begin(struct step_source *s, int socket)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	s->stepd = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? 0 : peer.pid;
	/* Without the kernel log the record has no names of victims. */
	victims_open(&s->victims, "/dev/kmsg");
	if (step_group_find("/proc", getpid(), &s->cgroup))
		return 0;
	return step_group_leave(&s->cgroup);
}

void step_source_use(struct step_source *s, struct accountant *a)
{
	if (s->cgroup.version && step_group_use(&s->cgroup, a, s->stepd))
		s->cgroup.version = 0;
	if (!s->cgroup.version)
		return;
	snprintf(s->victims.group, sizeof(s->victims.group), "%s", s->cgroup.group);
	snprintf(s->victims.top, sizeof(s->victims.top), "%s", s->cgroup.job);
}

void step_source_seek(struct step_source *s, struct accountant *a, const struct shm_task *task)
{
	if (s->cgroup.version || s->tries >= TRIES)
		return;
	s->tries++;
	if (step_group_find("/proc", task->pid, &s->cgroup))
		return;
	/* The task may have ended, and its pid may lead to the group of another step. */
	if (task->start && process_ref_check(task->pid, task->start))
		s->cgroup.version = 0;
	else
		step_source_use(s, a);
}

static bool is_member(const void *context, pid_t pid)
{
	return accountant_has(context, pid);
}

int step_source_look(struct step_source *s, struct accountant *a, struct account *account,
	int (*look)(struct accountant *a))
{
	int rc;

	/* Before it, since a process that was killed is no member after it. */
	victims_take(&s->victims, account, is_member, a);
	rc = look(a);
	if (account->kills > account->victims_n)
		victims_take(&s->victims, account, is_member, a);
	return rc;
}

void step_source_end(struct step_source *s)
{
	victims_close(&s->victims);
}
