/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_source.h"

#include <sys/socket.h>
#include <unistd.h>

/* How often a step's group is looked for once there is a task. */
enum { TRIES = 20 };

int step_source_begin(struct step_source *s, int socket)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	s->stepd = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? 0 : peer.pid;
	if (step_cgroup_find("/proc", getpid(), &s->cgroup))
		return 0;
	return step_cgroup_leave(&s->cgroup);
}

void step_source_use(struct step_source *s, struct accountant *a)
{
	if (s->cgroup.version && step_cgroup_use(&s->cgroup, a, s->stepd))
		s->cgroup.version = 0;
	if (!s->cgroup.version)
		return;
	/* Both come from arrays of PATH_MAX, so neither is too long. */
	(void)accountant_name_cgroup(a, s->cgroup.group, s->cgroup.job);
}

void step_source_seek(struct step_source *s, struct accountant *a, pid_t task)
{
	if (s->cgroup.version || s->tries >= TRIES)
		return;
	s->tries++;
	if (step_cgroup_find("/proc", task, &s->cgroup) == 0)
		step_source_use(s, a);
}
