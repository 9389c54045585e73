/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss top: the memory of running steps of this node, or of a tree of processes, as it changes. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "tools/commands.h"
#include "tools/job_find.h"
#include "tools/job_name.h"
#include "tools/options.h"
#include "tools/top/top_screen.h"
#include "tools/top/top_steps.h"
#include "tools/top/top_text.h"
#include "tools/top/top_tree.h"

#define TOP_INTERVAL_LEAST_NS (100 * NS_PER_MS)

enum form { FORM_SCREEN, FORM_TEXT, FORM_JSON };

struct top {
	enum form form;
	uint64_t interval_ns;
	pid_t pid; /* 0 = steps */
	struct spools spools;
	struct job_name name; /* job 0 = whichever */
};

static void usage(FILE *f)
{
	fputs("usage: raypss top [--once | --json] [--interval DUR] [--cluster NAME] "
	      "[--spool DIR]...\n"
	      "                  [JOB[.STEP] | --pid PID]\n"
	      "\n"
	      "Shows the memory of running steps of this node: of all that you may see, or of one "
	      "job.\n"
	      "From elsewhere: srun --jobid=JOB --overlap --pty raypss top JOB\n"
	      "\n"
	      "  --pid PID       account this process and its descendants, without Slurm\n"
	      "  --once          print the present figures as text\n"
	      "  --json          print the present figures as JSON\n"
	      "  --interval DUR  longest time between two reads (default 1s, at least 100ms)\n"
	      "  --cluster NAME  whose job it is, where several clusters share a spool\n"
	      "  --spool DIR     where the records are; may be repeated\n",
		f);
}

static int pid_parse(const char *text, pid_t *out)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (*text < '1' || *text > '9' || *end || pid > INT32_MAX)
		return -EINVAL;
	*out = (pid_t)pid;
	return 0;
}

/* 0 = go on, else the exit status plus one. */
static int form_take(struct top *t, enum form form)
{
	if (t->form != FORM_SCREEN && t->form != form) {
		fputs("raypss top: --once and --json contradict each other\n", stderr);
		return 1 + EXIT_USAGE;
	}
	t->form = form;
	return 0;
}

static int option_take(struct top *t, int c)
{
	switch (c) {
	case 'o':
		return form_take(t, FORM_TEXT);
	case 'j':
		return form_take(t, FORM_JSON);
	case 'i':
		if (option_interval("top", optarg, TOP_INTERVAL_LEAST_NS, "100ms", &t->interval_ns))
			return 1 + EXIT_USAGE;
		return 0;
	case 'p':
		if (pid_parse(optarg, &t->pid))
			return 1 + option_wrong("top", "--pid", optarg, "the number of a process");
		return 0;
	case 'c':
		t->spools.cluster = optarg;
		return 0;
	case 's':
		return spools_add(&t->spools, optarg) ? 1 + EXIT_USAGE : 0;
	case 'h':
		usage(stdout);
		return 1;
	default:
		return 1 + EXIT_USAGE;
	}
}

static int options_parse(int argc, char **argv, struct top *t)
{
	static const struct option options[] = {
		{ "once", no_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "interval", required_argument, NULL, 'i' },
		{ "pid", required_argument, NULL, 'p' },
		{ "cluster", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c, rc = 0;

	while (rc == 0 && (c = options_next(argc, argv, ":h", options)) != -1)
		rc = option_take(t, c);
	if (rc)
		return rc;
	if (argc - optind > 1 || (t->pid && optind < argc)) {
		fprintf(stderr, "raypss top: \"%s\": give one JOB[.STEP], or --pid PID\n",
			argv[argc - 1]);
		return 1 + EXIT_USAGE;
	}
	return optind < argc && job_name_check("top", argv[optind], &t->name) ? 1 + EXIT_USAGE : 0;
}

static void once_print(const struct top_views *views)
{
	for (size_t i = 0; i < views->n; i++) {
		if (i)
			putchar('\n');
		top_text_view(&views->list[i], TOP_COLUMNS, TOP_ENDLESS, stdout);
	}
}

static void json_print(const struct top_views *views)
{
	json_t *list = json_array();

	for (size_t i = 0; i < views->n; i++)
		json_array_append_new(list, top_view_json(&views->list[i]));
	json_dumpf(list, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(list);
}

/* Shows the present figures once, or all figures from now on. 0 or -errno. */
static int source_show(const struct top *t, struct top_source *source)
{
	struct top_views views;
	int rc;

	if (t->form == FORM_SCREEN)
		return top_screen(source);
	rc = source->read(source, &views);
	for (size_t i = 0; source->lists && i < views.n; i++)
		source->lists(source, &views.list[i]);
	if (rc == 0)
		(t->form == FORM_JSON ? json_print : once_print)(&views);
	top_views_clear(&views);
	return rc;
}

static int tree_show(const struct top *t)
{
	struct top_source *source;
	int rc = top_tree_create(t->pid, t->interval_ns, &source);

	bool has_screen = rc == 0 && t->form == FORM_SCREEN; /* which says itself what is wrong */

	if (rc == 0)
		rc = source_show(t, source);
	if (source && top_tree_trouble(source))
		fprintf(stderr, "raypss top: %s\n", top_tree_trouble(source));
	top_tree_destroy(source);
	if (rc == -ESRCH)
		fprintf(stderr, "raypss top: --pid: there is no process %d\n", t->pid);
	else if (rc && !has_screen)
		fprintf(stderr, "raypss top: --pid: cannot account process %d: %s\n", t->pid,
			strerror(-rc));
	return rc;
}

/* Says why there is nothing to show. */
static void complain(const struct top *t, const struct top_steps *s, int rc)
{
	if (rc != -ESRCH)
		fprintf(stderr, "raypss top: cannot list \"" STATE_DIR "\": %s\n", strerror(-rc));
	else if (t->name.job)
		fprintf(stderr,
			"raypss top: no accounted step of job %s runs on this node; elsewhere: "
			"srun "
			"--jobid=%s --overlap --pty raypss top %s\n",
			t->name.id, t->name.id, t->name.id);
	else
		fputs("raypss top: no accounted step that you may see runs on this node\n", stderr);
	if (s->left_out)
		fprintf(stderr,
			"raypss top: %zu live files in \"" STATE_DIR
			"\" could not be read: root and the job's user may read one\n",
			s->left_out);
}

static int steps_show(struct top *t)
{
	const struct job_find how = { .spools = &t->spools, .command = "top" };
	struct top_steps s = {
		.interval_ns = t->interval_ns, .step = t->name.step, .spools = &t->spools
	};
	struct top_views views;
	int rc;

	if (*t->name.id && job_number_find(&how, &t->name))
		return -ENOENT;
	s.job = t->name.job;
	top_steps_init(&s);
	/* The screen appears only if there is something to show. */
	rc = s.source.read(&s.source, &views);
	top_views_clear(&views);
	if (rc == 0)
		return source_show(t, &s.source);
	complain(t, &s, rc);
	return rc;
}

int cmd_top(int argc, char **argv)
{
	struct top top = { .interval_ns = NS_PER_S };
	int rc;

	rc = options_parse(argc, argv, &top);
	if (rc)
		return rc - 1;
	rc = top.pid ? tree_show(&top) : steps_show(&top);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
