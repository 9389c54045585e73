/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss metrics: figures of running steps and of the spool, for Prometheus. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "tools/commands.h"
#include "tools/metrics/listen_address.h"
#include "tools/metrics/metrics_text.h"
#include "tools/metrics/scrape_reader.h"
#include "tools/options.h"
#include "tools/site_spool.h"
#include "tools/whole_file.h"
#include "config.h"

/* node_exporter's timer runs every 30 s. */
#define SPOOL_NS (5 * NS_PER_S)

static void usage(FILE *f)
{
	fputs("usage: raypss metrics [--output FILE | --listen ADDRESS] [--spool DIR | "
	      "--no-spool]\n"
	      "\n"
	      "Prints the memory of this node's running steps and totals of the spool, for "
	      "Prometheus.\n"
	      "As root, who sees the steps of all users.\n"
	      "\n"
	      "  --output FILE  replace FILE at once, such as one that node_exporter's textfile\n"
	      "                 collector reads\n"
	      "  --listen ADDRESS:PORT  answer HTTP requests for /metrics, until SIGTERM; such as\n"
	      "                 127.0.0.1:9793\n"
	      "  --spool DIR    where the records are (default: the site's)\n"
	      "  --no-spool     leave the spool out, such as on nodes that share it with another\n",
		f);
}

struct metrics {
	const char *output; /* NULL or "-" = standard output */
	const char *listen; /* NULL = write once */
	struct metrics_source source;
};

/* Everybody may read it, as node_exporter has to. 0 or -errno. */
static int file_replace(const struct metrics *m, int *failed)
{
	struct whole_file file;
	int rc = whole_file_begin(&file, m->output);

	if (rc)
		return rc;
	*failed = metrics_text_write(file.file, &m->source);
	return whole_file_end(&file, 0644, 0);
}

static int metrics_write(const struct metrics *m)
{
	int failed = 0, rc = 0;

	if (!m->output || !strcmp(m->output, "-"))
		failed = metrics_text_write(stdout, &m->source);
	else
		rc = file_replace(m, &failed);
	if (rc)
		fprintf(stderr, "raypss metrics: cannot write \"%s\": %s\n", m->output,
			strerror(-rc));
	return rc || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#ifdef HAVE_MICROHTTPD
static int metrics_listen(const struct metrics *m)
{
	struct listen_address address;
	char text[LISTEN_TEXT];
	int fd;

	if (listen_address_parse(m->listen, &address))
		return option_wrong("metrics", "--listen", m->listen, LISTEN_ALLOWED);
	fd = listen_address_open(&address);
	if (fd < 0) {
		fprintf(stderr, "raypss metrics: cannot listen on \"%s\": %s\n", m->listen,
			strerror(-fd));
		return EXIT_FAILURE;
	}
	fprintf(stderr, "raypss metrics: listening on %s%s\n", listen_address_text(&address, text),
		listen_address_is_loopback(&address)
			? ""
			: ": other hosts, too, can read the figures of all users");
	return scrape_reader_run(fd, &m->source) ? EXIT_FAILURE : EXIT_SUCCESS;
}
#else
static int metrics_listen(const struct metrics *m)
{
	fprintf(stderr,
		"raypss metrics: --listen: \"%s\" is not possible: raypss was built without "
		"libmicrohttpd\n",
		m->listen);
	return EXIT_FAILURE;
}
#endif

int cmd_metrics(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "listen", required_argument, NULL, 'l' },
		{ "spool", required_argument, NULL, 's' },
		{ "no-spool", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct metrics m = { .source = { .spool = site_spool(), .spool_ns = SPOOL_NS } };
	bool left_out = false;
	int c;

	while ((c = options_next(argc, argv, ":ho:", options)) != -1) {
		if (c == 'o') {
			m.output = optarg;
		} else if (c == 'l') {
			m.listen = optarg;
		} else if (c == 's') {
			m.source.spool = optarg;
			m.source.spool_given = true;
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
	if (left_out && m.source.spool_given) {
		fputs("raypss metrics: --spool and --no-spool contradict each other\n", stderr);
		return EXIT_USAGE;
	}
	if (m.output && m.listen) {
		fputs("raypss metrics: --output and --listen contradict each other\n", stderr);
		return EXIT_USAGE;
	}
	if (left_out)
		m.source.spool = NULL;
	return m.listen ? metrics_listen(&m) : metrics_write(&m);
}
