/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/victims.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "measure/cgroup/kmsg.h"

int victims_open(struct victims *v, const char *path)
{
	v->kmsg = kmsg_open(path);
	return v->kmsg < 0 ? v->kmsg : 0;
}

void victims_close(struct victims *v)
{
	if (v->kmsg >= 0)
		close(v->kmsg);
	v->kmsg = -1;
}

int victims_name(struct victims *v, const char *group, const char *top)
{
	if (strlen(group) >= sizeof(v->group) || strlen(top) >= sizeof(v->top)) {
		*v->group = *v->top = '\0';
		return -ENAMETOOLONG;
	}
	strcpy(v->group, group);
	strcpy(v->top, top);
	return 0;
}

/*
 * Whether path is the group or lies below it. The log shows the whole path, /proc in a container
 * perhaps only its end. Where path has more before the group, *whole is false: another user may
 * have made a directory of that name in a group of his own.
 */
static bool is_below(const char *path, const char *group, bool *whole)
{
	size_t n = strlen(group);

	for (const char *p = path; n && (p = strstr(p, group)); p++) {
		if (p[n] != '/' && p[n] != '\0')
			continue;
		*whole = p == path;
		return true;
	}
	return false;
}

static enum kill_scope scope_of(const struct victims *v, const struct kmsg_oom *oom)
{
	bool whole;

	if (!*oom->oom_memcg)
		return SCOPE_NODE;
	if (is_below(oom->oom_memcg, v->group, &whole))
		return SCOPE_STEP;
	/* Between the step and its job: a step's directory around its processes' own. */
	if (is_below(oom->oom_memcg, v->top, &whole))
		return strlen(oom->oom_memcg) > strlen(v->top) &&
				!strncmp(oom->oom_memcg, v->group, strlen(oom->oom_memcg))
			? SCOPE_STEP
			: SCOPE_JOB;
	return SCOPE_NODE;
}

static bool is_member(const struct victims_step *step, pid_t pid)
{
	return step->is_member && step->is_member(step->members, pid);
}

/* Whether the kernel chose a process of the step. */
static bool chose_ours(
	const struct victims *v, const struct victims_step *step, const struct kmsg_oom *oom)
{
	bool whole;

	if (!is_below(oom->task_memcg, v->group, &whole))
		return false;
	return whole || is_member(step, oom->pid);
}

static void cause_take(
	struct victims *v, const struct victims_step *step, const struct kmsg_oom *oom)
{
	unsigned i = v->pending_n % VICTIMS_PENDING;

	v->all = false;
	if (!chose_ours(v, step, oom))
		return;
	v->pending[i].pid = oom->pid;
	v->pending[i].scope = scope_of(v, oom);
	v->pending_n++;
}

/* The scope of an announced kill of the step, SCOPE_NONE = not announced. */
static enum kill_scope pending_take(struct victims *v, pid_t pid)
{
	for (unsigned i = 0; i < VICTIMS_PENDING; i++) {
		if (!v->pending[i].pid || v->pending[i].pid != pid)
			continue;
		v->pending[i].pid = 0;
		return v->pending[i].scope;
	}
	return SCOPE_NONE;
}

/* False where the process was added before: the kernel logs the chosen one of a group twice. */
static bool victim_add(struct look_kills *kills, const struct kmsg_oom *oom)
{
	struct look_victim *victim;

	for (uint32_t i = 0; i < kills->victims_n; i++)
		if (kills->victims[i].pid == oom->pid)
			return false;
	if (kills->victims_n == LOOK_VICTIMS)
		return true;
	victim = &kills->victims[kills->victims_n++];
	victim->pid = oom->pid;
	snprintf(victim->name, sizeof(victim->name), "%s", oom->name);
	victim->anon = oom->anon;
	victim->file = oom->file;
	victim->shmem = oom->shmem;
	return true;
}

static void killed_take(struct victims *v, const struct victims_step *step,
	const struct kmsg_oom *oom, struct look_kills *kills)
{
	enum kill_scope scope = pending_take(v, oom->pid);

	/* The kernel announces the chosen ones only a few times in five seconds. */
	if (scope == SCOPE_NONE && (v->all || is_member(step, oom->pid)))
		scope = kills->scope ? kills->scope : SCOPE_NODE;
	if (scope == SCOPE_NONE || !victim_add(kills, oom) || step->counted)
		return;
	kills->count++;
	/* As in memcg.c: a job's limit counts as the step's where the step nearly filled it. */
	kills->scope = scope == SCOPE_JOB && step->at_limit ? SCOPE_STEP : scope;
}

void victims_take(struct victims *v, const struct victims_step *step, struct look_kills *kills)
{
	char buf[KMSG_RECORD];
	struct kmsg_oom oom;
	bool whole;
	ssize_t n;

	if (v->kmsg < 0)
		return;
	while ((n = kmsg_read(v->kmsg, buf)) >= 0) {
		if (kmsg_oom_parse(buf, (size_t)n, &oom))
			continue;
		if (oom.kind == KMSG_CAUSE)
			cause_take(v, step, &oom);
		if (oom.kind == KMSG_GROUP)
			v->all = is_below(oom.oom_memcg, v->group, &whole) && whole;
		if (oom.kind == KMSG_KILLED)
			killed_take(v, step, &oom, kills);
	}
	/* The kernel logs a group's kills at once: a later one is of another group. */
	v->all = false;
}
