/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/top/top_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "account/account.h"
#include "account/ray.h"
#include "base/units.h"
#include "measure/accountant.h"
#include "results/figure.h"
#include "results/live_text.h"
#include "results/record_lists.h"
#include "tools/run_reader.h"

/* The processes of the last look, from the accountant's process: only the pages in use are there. */
struct rows {
	unsigned n;
	struct look_process list[LOOK_PROCESSES];
};

struct tree {
	struct top_source source;
	struct accountant_options options;
	struct run_reader *reader;
	struct rows *rows;
	uint64_t due_ns;
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

/* In the accountant's process, which does not go on before these are read. */
static void rows_fill(void *context, const struct look *look)
{
	struct rows *rows = context;

	rows->n = look->processes_n;
	memcpy(rows->list, look->processes, rows->n * sizeof(*rows->list));
}

/* The processes of the look, as the list top of a record has them. NULL when out of memory. */
static json_t *processes_json(const struct rows *rows)
{
	const struct look_process **order = calloc(rows->n + 1, sizeof(*order));
	json_t *list = json_array();

	for (unsigned i = 0; order && i < rows->n; i++)
		order[i] = &rows->list[i];
	if (order)
		qsort(order, rows->n, sizeof(*order), by_share);
	for (unsigned i = 0; order && i < rows->n; i++)
		json_array_append_new(list,
			json_pack("{s:i, s:s, s:s, s:o, s:o, s:o}", "pid", order[i]->pid, "role",
				ray_role_name(order[i]->role), "name", order[i]->title, "share",
				figure_json(order[i]->share), "pss", figure_json(order[i]->pss),
				"rss", figure_json(order[i]->rss)));
	free(order);
	return list;
}

static void view_fill(struct tree *t, struct top_view *v)
{
	const struct record r = { .account = &t->account, .sample = &t->account.last };
	char text[LIVE_TEXT_SIZE];

	live_text_make(&t->text, &t->account, text);
	/* A text that was just made is whole. */
	(void)live_parse(text, &v->step.figures);
	v->pid = t->pid;
	v->unreadable = t->account.last.unreadable;
	v->top = processes_json(t->rows);
	v->tasks = record_tasks(&r);
}

static int tree_read(struct top_source *source, struct top_views *out)
{
	struct tree *t = (struct tree *)source;
	int rc = run_reader_look(t->reader, &t->account, &t->due_ns);

	*out = (struct top_views){ 0 };
	if (rc)
		return rc;
	if (!t->rows->n)
		return -ESRCH;
	out->list = calloc(1, sizeof(*out->list));
	if (!out->list)
		return -ENOMEM;
	out->n = 1;
	view_fill(t, out->list);
	return 0;
}

static uint64_t tree_due_ns(const struct top_source *source)
{
	return ((const struct tree *)source)->due_ns;
}

static int reader_start(struct tree *t)
{
	const struct run_reader_options options = {
		.accountant = &t->options, .when_asked = true, .sink = rows_fill, .context = t->rows
	};

	return run_reader_create(&options, t->pid, &t->reader);
}

int top_tree_create(pid_t pid, uint64_t interval_ns, struct top_source **out)
{
	struct tree *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t)
		return -ENOMEM;
	t->rows = mmap(NULL, sizeof(*t->rows), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (t->rows == MAP_FAILED) {
		free(t);
		return -ENOMEM;
	}
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
	rc = reader_start(t);
	if (rc) {
		top_tree_destroy(&t->source);
		return rc;
	}
	*out = &t->source;
	return 0;
}

const char *top_tree_trouble(const struct top_source *source)
{
	return run_reader_trouble(((const struct tree *)source)->reader);
}

void top_tree_destroy(struct top_source *source)
{
	struct tree *t = (struct tree *)source;

	if (!t)
		return;
	run_reader_destroy(t->reader);
	munmap(t->rows, sizeof(*t->rows));
	free(t);
}
