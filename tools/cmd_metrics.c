/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss metrics: figures of running steps and of the spool, for Prometheus. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "tools/commands.h"
#include "tools/metrics/exposition.h"
#include "tools/metrics/live_list.h"
#include "tools/metrics/spool_totals.h"
#include "tools/options.h"
#include "tools/site_spool.h"

/* node_exporter's timer runs every 30 s. */
#define SPOOL_NS (5 * NS_PER_S)

static void usage(FILE *f)
{
	fputs("usage: raypss metrics [--output FILE] [--spool DIR | --no-spool]\n"
	      "\n"
	      "Prints the memory of this node's running steps and totals of the spool, for "
	      "Prometheus.\n"
	      "As root, who sees the steps of all users.\n"
	      "\n"
	      "  --output FILE  replace FILE at once, such as one that node_exporter's textfile\n"
	      "                 collector reads\n"
	      "  --spool DIR    where the records are (default: the site's)\n"
	      "  --no-spool     leave the spool out, such as on nodes that share it with another\n",
		f);
}

struct metrics {
	const char *output; /* NULL or "-" = standard output */
	const char *spool; /* NULL = left out */
	bool spool_given;
};

static int write_all(FILE *f, const struct metrics *m)
{
	static struct spool_totals totals;
	struct live_list list;
	int rc = live_list_read(STATE_DIR, &list), failed = 0;

	if (rc) {
		fprintf(stderr, "raypss metrics: cannot list \"" STATE_DIR "\": %s\n",
			strerror(-rc));
		failed = 1;
	} else {
		exposition_steps(f, &list);
	}
	live_list_clear(&list);
	rc = m->spool ? spool_totals_read(m->spool, SPOOL_NS, &totals) : -ENOENT;
	/* The default spool comes with the first step. */
	if (rc == 0) {
		exposition_spool(f, &totals);
	} else if (m->spool && (rc != -ENOENT || m->spool_given)) {
		fprintf(stderr, "raypss metrics: cannot read \"%s\": %s\n", m->spool,
			strerror(-rc));
		failed = 1;
	}
	exposition_end(f);
	return failed;
}

/* A reader sees the old file or the new one. 0 or -errno. */
static int file_replace(const struct metrics *m, int *failed)
{
	char path[PATH_MAX];
	FILE *f;
	int fd, rc = 0;

	snprintf(path, sizeof(path), "%s.XXXXXX", m->output);
	fd = mkostemp(path, O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return -errno;
	*failed = write_all(f, m);
	if (fchmod(fd, 0644) || fflush(f) || rename(path, m->output))
		rc = -errno;
	if (fclose(f) && rc == 0)
		rc = -errno;
	if (rc)
		unlink(path);
	return rc;
}

static int metrics_write(const struct metrics *m)
{
	int failed = 0, rc = 0;

	if (!m->output || !strcmp(m->output, "-"))
		failed = write_all(stdout, m);
	else
		rc = file_replace(m, &failed);
	if (rc)
		fprintf(stderr, "raypss metrics: cannot write \"%s\": %s\n", m->output,
			strerror(-rc));
	return rc || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cmd_metrics(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "spool", required_argument, NULL, 's' },
		{ "no-spool", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct metrics m = { .spool = site_spool() };
	bool left_out = false;
	int c;

	while ((c = options_next(argc, argv, ":ho:", options)) != -1) {
		if (c == 'o') {
			m.output = optarg;
		} else if (c == 's') {
			m.spool = optarg;
			m.spool_given = true;
		} else if (c == 'n') {
			left_out = true;
		} else if (c == 'h') {
			return usage(stdout), EXIT_SUCCESS;
		} else {
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "raypss metrics: \"%s\" is not known: it takes no arguments\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	if (left_out && m.spool_given) {
		fputs("raypss metrics: --spool and --no-spool contradict each other\n", stderr);
		return EXIT_USAGE;
	}
	if (left_out)
		m.spool = NULL;
	return metrics_write(&m);
}
