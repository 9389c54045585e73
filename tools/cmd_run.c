/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss run: the accountant without Slurm, in the manner of /usr/bin/time -v. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/accountant.h"
#include "results/fields.h"
#include "results/host.h"
#include "results/record.h"
#include "results/record_line.h"
#include "tools/commands.h"
#include "tools/options.h"
#include "tools/run_reader.h"
#include "tools/run_state.h"
#include "tools/streams.h"

/* Marks the command's descendants, so that daemons are recognised; see members.h. */
#define MARK "RAYPSS_RUN"

/* As the shell says that a command cannot be executed or is not there. */
enum { EXIT_CANNOT_EXEC = 126, EXIT_NOT_FOUND = 127 };

struct run {
	const char *json; /* where the record goes, NULL = nowhere */
	FILE *json_file;
	struct accountant_options options;
	struct account *account;
	struct run_state *state; /* the live figures, NULL = none */
	struct run_reader *reader;
	uint64_t rss; /* greatest of a process, as the kernel tells it at the end; 0 = not known */
	struct step_info info;
	sigset_t inherited;
	pid_t child;
	int go; /* the socket to the child: the word to begin, and back why it cannot be executed */
	int wait_status;
};

static void usage(FILE *f)
{
	fputs("usage: raypss run [--json FILE] [--limit SIZE] [--interval DUR] -- COMMAND "
	      "[ARG...]\n"
	      "\n"
	      "Runs COMMAND, accounts the memory of it and all its descendants (each shared "
	      "object\n"
	      "once), and prints a summary to standard error when it ends.\n"
	      "\n"
	      "  --json FILE     write the record to FILE as JSON; - is standard output\n"
	      "  --limit SIZE    the memory that COMMAND ought to keep to, such as 4G\n"
	      "  --interval DUR  longest time between two samples (default 1s)\n",
		f);
}

/* 0 = go on, else the exit status plus one. */
static int options_parse(int argc, char **argv, struct run *run)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "limit", required_argument, NULL, 'l' },
		{ "interval", required_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = options_next(argc, argv, "+:h", options)) != -1) {
		switch (c) {
		case 'j':
			run->json = optarg;
			break;
		case 'l':
			if (size_parse(optarg, &run->options.limit) || !run->options.limit)
				return 1 + option_wrong("run", "--limit", optarg, SIZE_ALLOWED);
			break;
		case 'i':
			if (option_interval(
				    "run", optarg, NS_PER_MS, "1ms", &run->options.interval_ns))
				return 1 + EXIT_USAGE;
			break;
		case 'h':
			usage(stdout);
			return 1;
		default:
			return 1 + EXIT_USAGE;
		}
	}
	if (optind == argc) {
		fputs("raypss run: no command given: raypss run [OPTION...] -- COMMAND [ARG...]\n",
			stderr);
		return 1 + EXIT_USAGE;
	}
	return 0;
}

/* The child waits until it is accounted, so that nothing of it is missed. */
static void child_exec(const struct run *run, int go, char **argv)
{
	char byte, mark[16];
	int error;

	if (read(go, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
	snprintf(mark, sizeof(mark), "%d", getppid());
	setenv(MARK, mark, 1);
	run_state_export(run->state, run->options.limit);
	sigprocmask(SIG_SETMASK, &run->inherited, NULL);
	execvp(argv[0], argv);
	error = errno;
	(void)!send(go, &error, sizeof(error), MSG_NOSIGNAL);
	fprintf(stderr, "raypss run: cannot execute \"%s\": %s\n", argv[0], strerror(error));
	_exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC);
}

static int child_start(struct run *run, char **argv)
{
	const struct run_reader_options options = { .accountant = &run->options,
		.state = run->state };
	int go[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go))
		return -errno;
	run->child = fork();
	if (run->child < 0)
		return -errno;
	if (run->child == 0) {
		close(go[1]);
		child_exec(run, go[0], argv);
	}
	close(go[0]);
	run->go = go[1];
	rc = run_reader_create(&options, run->child, &run->reader);
	if (rc == 0 && write(run->go, "", 1) != 1)
		rc = -errno;
	return rc;
}

/* Whether the command came to be; asked after its end. */
static bool was_executed(const struct run *run)
{
	int error;

	return recv(run->go, &error, sizeof(error), MSG_DONTWAIT) != sizeof(error);
}

/* Reaps what ended; true once the command itself did. Orphans come to us as to a subreaper. */
static bool reap(struct run *run)
{
	struct rusage usage;
	bool ended = false;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		if (run_reader_reaped(run->reader, pid))
			continue;
		if ((uint64_t)usage.ru_maxrss * KIB > run->rss)
			run->rss = (uint64_t)usage.ru_maxrss * KIB;
		if (pid == run->child) {
			run->wait_status = status;
			ended = true;
		}
	}
	return ended;
}

static void follow(struct run *run, int signals)
{
	bool ended = false;

	while (!ended) {
		struct pollfd fds[1 + RUN_READER_FDS] = { { .fd = signals, .events = POLLIN } };
		struct signalfd_siginfo info;
		int timeout = run_reader_poll(run->reader, fds + 1);

		if (poll(fds, 1 + RUN_READER_FDS, timeout) < 0)
			continue;
		run_reader_check(run->reader, fds + 1);
		if (!fds[0].revents || read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo == SIGCHLD)
			ended = reap(run);
		else if (info.ssi_code <= 0)
			/* The terminal's signals (ssi_code > 0) reached the command already. */
			kill(run->child, (int)info.ssi_signo);
	}
}

static void summary_print(const struct run *run)
{
	const struct account *a = run->account;
	const struct record r = { &run->info, a, &a->peak, NULL };
	char line[512], text[FIELD_TEXT];

	if (run_reader_trouble(run->reader))
		fprintf(stderr, "raypss run: %s\n", run_reader_trouble(run->reader));
	fprintf(stderr, "raypss: %s\n", record_line(&run->info, a, line, sizeof(line)));
	if (!a->samples)
		return;
	for (const struct field *f = fields; f->name; f++)
		if (f->summary)
			fprintf(stderr, "\t%-32s %12s\n", f->summary,
				field_text(
					f, field_figure(f, &r), sample_footprint(&a->peak), text));
	if (a->peak.unreadable)
		fprintf(stderr, "\t%-32s %12u\n", "Not readable, counted by RSS",
			a->peak.unreadable);
	if (a->peak.unmeasured)
		fputs("\tsome shared objects could be measured only through PSS: run as root for "
		      "exact figures\n",
			stderr);
}

/* Opened before the command runs: a record that cannot be written is no reason to run it twice. */
static int json_open(struct run *run)
{
	if (!run->json)
		return 0;
	/* Descriptors of ours are not for the command. */
	run->json_file = strcmp(run->json, "-") ? fopen(run->json, "we") : stdout;
	if (run->json_file)
		return 0;
	fprintf(stderr, "raypss run: cannot write \"%s\": %s\n", run->json, strerror(errno));
	return -EIO;
}

static int json_write(const struct run *run)
{
	json_t *host, *record;
	int rc;

	if (!run->json)
		return 0;
	host = host_json();
	record = record_json(&run->info, run->account, host);
	rc = json_dumpf(record, run->json_file, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', run->json_file);
	if (run->json_file == stdout) {
		rc = streams_end();
	} else if (rc || fflush(run->json_file)) {
		rc = -1;
		fprintf(stderr, "raypss run: cannot write \"%s\": %s\n", run->json,
			strerror(errno));
	}
	json_decref(record);
	json_decref(host);
	return rc;
}

/* Ends as the command ended: with its status, or by its signal. */
static int pass_on(const struct run *run)
{
	int status = run->wait_status;

	/* They wait where the summary found no reader or no room, which is no end of the command. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigprocmask(SIG_SETMASK, &run->inherited, NULL);
	if (WIFSIGNALED(status)) {
		const struct rlimit no_core = { 0, 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

static void info_fill(struct run *run)
{
	struct step_info *f = &run->info;

	f->uid = getuid();
	f->tasks = 1;
	f->task_rss = run->rss;
	f->task_had_rss = run->rss > 0;
	f->rss_compared = true; /* what people see in top and ps */
	f->with_series = true;
	f->ended = true;
	f->ended_s = (int64_t)time(NULL);
	f->signalled = WIFSIGNALED(run->wait_status);
	f->status = f->signalled ? WTERMSIG(run->wait_status) : WEXITSTATUS(run->wait_status);
}

int cmd_run(int argc, char **argv)
{
	static const int kept[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGSEGV, SIGBUS, SIGFPE,
		SIGILL, SIGTRAP };
	char mark[32];
	struct run run = {
		.options = {
			.proc_root = "/proc",
			.sys_root = "/sys",
			.interval_ns = INTERVAL_DEFAULT_NS,
			.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
			.budget = BUDGET_DEFAULT,
			.duty = DUTY_DEFAULT,
			.limit = UNKNOWN,
			.places = accountant_places,
			.members = { .uid = getuid(), .required = { mark }, .reaper = getpid() },
			.launcher = getpid(),
		},
	};
	sigset_t passed;
	int rc, signals;

	rc = options_parse(argc, argv, &run);
	if (rc)
		return rc - 1;
	if (json_open(&run))
		return EXIT_FAILURE;
	run.account = calloc(1, sizeof(*run.account));
	if (!run.account)
		return EXIT_FAILURE;
	snprintf(mark, sizeof(mark), MARK "=%d", getpid());
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigfillset(&passed);
	/* Job control is the shell's with both of us; faults are our own. */
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		sigdelset(&passed, kept[i]);
	sigprocmask(SIG_SETMASK, &passed, &run.inherited);
	signals = signalfd(-1, &passed, SFD_CLOEXEC);
	/* Without live figures the command runs all the same. */
	(void)run_state_create(&run.state);
	rc = child_start(&run, argv + optind);
	if (rc || signals < 0) {
		fprintf(stderr, "raypss run: cannot account: %s\n", strerror(rc ? -rc : errno));
		run_state_destroy(run.state);
		free(run.account);
		return EXIT_FAILURE;
	}
	follow(&run, signals);
	run_reader_end(run.reader, run.account);
	run_state_destroy(run.state);
	info_fill(&run);
	if (was_executed(&run))
		summary_print(&run);
	else /* what was seen was raypss itself */
		account_init(run.account, run.options.limit, monotonic_ns());
	run_reader_destroy(run.reader);
	rc = json_write(&run);
	free(run.account);
	return rc ? EXIT_FAILURE : pass_on(&run);
}
