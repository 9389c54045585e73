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

/*
 * Whether path is the group or lies below it. The log shows the whole path, /proc in a container
 * perhaps only its end.
 */
static bool is_below(const char *path, const char *group)
{
	size_t n = strlen(group);

	if (!n)
		return false;
	for (const char *p = path; (p = strstr(p, group)); p++)
		if (p[n] == '/' || p[n] == '\0')
			return true;
	return false;
}

static enum kill_scope scope_of(const struct victims *v, const struct kmsg_oom *oom)
{
	if (!*oom->oom_memcg)
		return SCOPE_NODE;
	if (is_below(oom->oom_memcg, v->group))
		return SCOPE_STEP;
	/* Between the step and its job: a step's directory around its processes' own. */
	if (is_below(oom->oom_memcg, v->top))
		return strlen(oom->oom_memcg) > strlen(v->top) &&
				!strncmp(oom->oom_memcg, v->group, strlen(oom->oom_memcg))
			? SCOPE_STEP
			: SCOPE_JOB;
	return SCOPE_NODE;
}

static void cause_take(struct victims *v, const struct kmsg_oom *oom)
{
	unsigned i = v->pending_n % VICTIMS_PENDING;

	v->all = false;
	if (!is_below(oom->task_memcg, v->group))
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

/* False where it was told before: of a group killed as a whole the chosen one is told twice. */
static bool victim_add(struct account *a, const struct kmsg_oom *oom)
{
	struct account_victim *victim;

	for (uint32_t i = 0; i < a->victims_n; i++)
		if (a->victims[i].pid == oom->pid)
			return false;
	if (a->victims_n == ACCOUNT_VICTIMS)
		return true;
	victim = &a->victims[a->victims_n++];
	victim->pid = oom->pid;
	snprintf(victim->name, sizeof(victim->name), "%s", oom->name);
	victim->anon = oom->anon;
	victim->file = oom->file;
	victim->shmem = oom->shmem;
	return true;
}

/* As in cgroup.h: a job's limit counts as the step's where the step reached it nearly alone. */
static bool is_at_limit(const struct account *a)
{
	return a->limit != UNKNOWN &&
		(double)sample_footprint(&a->peak) >= VERDICT_NEAR_PART * (double)a->limit;
}

void victims_take(struct victims *v, struct account *account,
	bool (*is_member)(const void *context, pid_t pid), const void *context)
{
	char buf[KMSG_RECORD];
	struct kmsg_oom oom;
	ssize_t n;

	if (v->kmsg < 0)
		return;
	while ((n = kmsg_read(v->kmsg, buf)) >= 0) {
		enum kill_scope scope;

		if (kmsg_oom_parse(buf, (size_t)n, &oom))
			continue;
		if (oom.kind == KMSG_CAUSE)
			cause_take(v, &oom);
		if (oom.kind == KMSG_GROUP)
			v->all = is_below(oom.oom_memcg, v->group);
		if (oom.kind != KMSG_KILLED)
			continue;
		scope = pending_take(v, oom.pid);
		/* Causes are told a few times in five seconds only. */
		if (scope == SCOPE_NONE && (v->all || is_member(context, oom.pid)))
			scope = account->kill_scope ? account->kill_scope : SCOPE_NODE;
		if (scope == SCOPE_NONE)
			continue;
		if (!victim_add(account, &oom) || account->source == SOURCE_CGROUP)
			continue;
		account->kills++;
		account->kill_scope =
			scope == SCOPE_JOB && is_at_limit(account) ? SCOPE_STEP : scope;
	}
}
