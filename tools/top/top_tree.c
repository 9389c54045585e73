/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/top/top_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "account/account.h"
#include "account/ray.h"
#include "base/units.h"
#include "measure/accountant.h"
#include "measure/procfs/procfs.h"
#include "results/figure.h"
#include "results/live_text.h"
#include "results/record_lists.h"

struct tree {
	struct top_source source;
	struct accountant_options options;
	struct accountant *accountant;
	struct account account;
	struct live_text text;
	pid_t pid;
};

/* For qsort of pointers: the greatest estimated part first. */
static int by_share(const void *a, const void *b)
{
	const struct look_process *x = *(const struct look_process *const *)a;
	const struct look_process *y = *(const struct look_process *const *)b;

	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return x->pid < y->pid ? -1 : 1;
}

/* The processes of the look, as the list top of a record has them. NULL when out of memory. */
static json_t *processes_json(const struct look *look)
{
	const struct look_process **order = calloc(look->processes_n + 1, sizeof(*order));
	json_t *list = json_array();

	for (unsigned i = 0; order && i < look->processes_n; i++)
		order[i] = &look->processes[i];
	if (order)
		qsort(order, look->processes_n, sizeof(*order), by_share);
	for (unsigned i = 0; order && i < look->processes_n; i++)
		json_array_append_new(list,
			json_pack("{s:i, s:s, s:s, s:o, s:o, s:o}", "pid", order[i]->pid, "role",
				ray_role_name(order[i]->role), "name", order[i]->title, "share",
				figure_json(order[i]->share), "pss", figure_json(order[i]->pss),
				"rss", figure_json(order[i]->rss)));
	free(order);
	return list;
}

static void view_fill(struct tree *t, const struct look *look, struct top_view *v)
{
	const struct record r = { .account = &t->account, .sample = &t->account.last };
	char text[LIVE_TEXT_SIZE];

	live_text_make(&t->text, &t->account, text);
	/* A text that was just made is whole. */
	(void)live_parse(text, &v->step.figures);
	v->pid = t->pid;
	v->unreadable = t->account.last.unreadable;
	v->top = processes_json(look);
	v->tasks = record_tasks(&r);
}

static int tree_read(struct top_source *source, struct top_views *out)
{
	struct tree *t = (struct tree *)source;
	const struct look *look;

	*out = (struct top_views){ 0 };
	/* An error leaves a look at what could be seen. */
	(void)accountant_look(t->accountant, &look);
	if (!look->processes_n)
		return -ESRCH;
	account_add(&t->account, look);
	out->list = calloc(1, sizeof(*out->list));
	if (!out->list)
		return -ENOMEM;
	out->n = 1;
	view_fill(t, look, out->list);
	return 0;
}

static uint64_t tree_due_ns(const struct top_source *source)
{
	return accountant_due_ns(((const struct tree *)source)->accountant);
}

int top_tree_create(pid_t pid, uint64_t interval_ns, struct top_source **out)
{
	struct tree *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t)
		return -ENOMEM;
	t->source = (struct top_source){ tree_read, NULL, tree_due_ns };
	t->pid = pid;
	t->options = (struct accountant_options){
		.proc_root = "/proc",
		.sys_root = "/sys",
		.interval_ns = interval_ns,
		.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
		.budget = BUDGET_DEFAULT,
		.duty = DUTY_DEFAULT,
		.limit = UNKNOWN,
		.places = accountant_places,
		.members = { .uid = getuid() },
	};
	procfs_raise_descriptors();
	account_init(&t->account, UNKNOWN, monotonic_ns());
	rc = accountant_create(&t->options, &t->accountant);
	if (rc == 0)
		rc = accountant_add_task(t->accountant, pid, 0);
	if (rc) {
		top_tree_destroy(&t->source);
		return rc;
	}
	*out = &t->source;
	return 0;
}

void top_tree_destroy(struct top_source *source)
{
	struct tree *t = (struct tree *)source;

	if (!t)
		return;
	if (t->accountant)
		accountant_destroy(t->accountant);
	free(t);
}
