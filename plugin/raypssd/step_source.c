/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_source.h"

#include <unistd.h>

#include "plugin/common/process_ref.h"

/* How often a task is asked for the step's group. */
enum { TRIES = 20 };

/* 0 or -errno. */
static int group_use(const struct step_cgroup *s, struct accountant *a, pid_t stepd)
{
	bool v2 = s->version == 2;

	/* In v1 slurmstepd itself may be in the group of its tasks. */
	return accountant_use_cgroup(a, s->dir, v2 ? s->job_dir : NULL, v2 ? 0 : stepd);
}

int step_source_begin(struct step_source *s, int socket)
{
	s->stepd = process_ref_peer(socket);
	if (step_group_find("/proc", getpid(), &s->cgroup))
		return 0;
	return step_group_leave(&s->cgroup);
}

void step_source_use(struct step_source *s, struct accountant *a)
{
	if (s->cgroup.version && group_use(&s->cgroup, a, s->stepd))
		s->cgroup.version = 0;
	if (!s->cgroup.version)
		return;
	/* Both come from arrays of PATH_MAX, so neither is too long. */
	(void)accountant_name_cgroup(a, s->cgroup.group, s->cgroup.job);
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
