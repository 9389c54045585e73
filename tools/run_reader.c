/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/run_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account/account_slots.h"
#include "base/units.h"
#include "measure/hang.h"
#include "measure/procfs/procfs.h"
#include "plugin/common/fds.h"

/* More than that many accountants in one run, and there is something that no further one would help. */
enum { STARTS_MOST = 4 };

/* The accountant needs milliseconds for each. The others are for the samples of all accountants. */
#define READY_NS (10 * NS_PER_S)
#define END_NS (4 * NS_PER_S)
#define LOOK_NS (30 * NS_PER_S)

/* Over the socket, to the accountant: a sample, or the last one. */
enum ask { ASK_NOTHING, ASK_LOOK, ASK_END };

/* From the accountant: 0 = it has the root, DONE = it took the sample that was asked for, -errno. */
enum { DONE = 1 };

/* Memory that raypss run and its accountants share. */
struct shared {
	struct account_slots account;
	atomic_ullong due_ns; /* as run_reader_look() tells it */
	atomic_int readers[STARTS_MOST]; /* their pids, so that none counts itself; 0 = none */
};

struct run_reader {
	struct run_reader_options options;
	struct shared *shared;
	struct hang_watch watch;
	struct hang_read read;
	struct shunned shunned;
	pid_t root;
	unsigned starts;
	pid_t pid; /* of the accountant at work, 0 = there is none any more */
	int socket;
	bool checks; /* a sample takes long */
	enum ask asked; /* last */
	bool done; /* what was asked for */
	char trouble[160];
};

/* What an accountant that hangs keeps open, others may wait for: nothing of raypss run's own. */
static void descriptors_close(int socket, int timer, int state)
{
	const int kept[] = { socket, timer, state };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		dup2(null, fd);
	fds_close_but(STDERR_FILENO + 1, kept, sizeof(kept) / sizeof(*kept));
}

static void sample_take(struct run_reader *r, struct accountant *accountant,
	struct account *account, int (*how)(struct accountant *, const struct look **))
{
	const struct look *look;

	hang_look_begin(&r->watch);
	/* An error leaves a look at what could be seen. */
	(void)how(accountant, &look);
	hang_look_end(&r->watch);
	account_add(account, look);
	if (r->options.sink)
		r->options.sink(r->options.context, look);
	account_slots_write(&r->shared->account, account);
	atomic_store(&r->shared->due_ns, accountant_due_ns(accountant));
	run_state_write(r->options.state, account);
}

static void tell(int socket, int what)
{
	(void)!send(socket, &what, sizeof(what), MSG_NOSIGNAL);
}

static void ask(struct run_reader *r)
{
	char what = (char)r->asked;

	(void)!send(r->socket, &what, 1, MSG_NOSIGNAL);
}

static int accountant_begin(struct run_reader *r, struct accountant **out)
{
	struct accountant_options options = *r->options.accountant;
	int rc;

	options.members.strangers = r->shared->readers;
	options.members.strangers_n = STARTS_MOST;
	options.shunned = &r->shunned;
	if (r->watch.shared)
		options.reading = &r->watch.shared->reading;
	procfs_raise_descriptors(); /* a command of raypss run keeps its own */
	rc = accountant_create(&options, out);
	if (rc)
		return rc;
	rc = accountant_add_task(*out, r->root, 0);
	/* One that was started anew may find only descendants. */
	return rc == -ESRCH && r->starts > 1 ? 0 : rc;
}

/* Takes the samples that are due until something is asked for. */
static enum ask ask_wait(
	struct run_reader *r, struct accountant *accountant, struct account *account, int socket)
{
	struct pollfd fd = { .fd = socket, .events = POLLIN };
	bool when_asked = r->options.when_asked;
	char what = ASK_END;

	while (!fd.revents) {
		uint64_t now = monotonic_ns();
		uint64_t due = when_asked ? UINT64_MAX : accountant_due_ns(accountant);
		struct timespec timeout = timespec_of(due > now ? due - now : 0);

		if (due <= now)
			sample_take(r, accountant, account, accountant_tick);
		else if (ppoll(&fd, 1, when_asked ? NULL : &timeout, NULL) < 0)
			fd.revents = 0;
	}
	/* An end with something unread would come before the word that it follows. */
	(void)!recv(socket, &what, 1, 0);
	return (enum ask)what;
}

/* The accountant's process, until raypss has what it wants. */
static _Noreturn void reader_run(struct run_reader *r, int socket)
{
	struct accountant *accountant = NULL;
	static struct account account;
	int rc;

	descriptors_close(socket, r->watch.timer, run_state_fd(r->options.state));
	if (account_slots_read(&r->shared->account, &account) == 0)
		account_resume(&account);
	else
		account_init(&account, r->options.accountant->limit, monotonic_ns());
	rc = accountant_begin(r, &accountant);
	tell(socket, rc);
	if (rc)
		_exit(EXIT_FAILURE);
	while (ask_wait(r, accountant, &account, socket) == ASK_LOOK) {
		sample_take(r, accountant, &account, accountant_look);
		tell(socket, DONE);
	}
	sample_take(r, accountant, &account, accountant_end);
	tell(socket, DONE);
	_exit(EXIT_SUCCESS);
}

static int reader_start(struct run_reader *r)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	if (r->starts == STARTS_MOST)
		return -EAGAIN;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	r->starts++;
	/* The sample in which the one before it died is no sample of this one. */
	hang_look_end(&r->watch);
	r->checks = false;
	r->read = (struct hang_read){ 0 };
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		prctl(PR_SET_NAME, "raypss-reader");
		r->shared->readers[r->starts - 1] = getpid();
		reader_run(r, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		int error = errno;

		close(ends[0]);
		return -error;
	}
	r->shared->readers[r->starts - 1] = pid;
	r->pid = pid;
	r->socket = ends[0];
	/* One that is started anew takes the sample that the one before it did not. */
	if (r->asked != ASK_NOTHING)
		ask(r);
	return 0;
}

static void reader_stop(struct run_reader *r)
{
	if (r->pid)
		kill(r->pid, SIGKILL);
	if (r->socket >= 0)
		close(r->socket);
	r->pid = 0;
	r->socket = -1;
}

static void reader_replace(struct run_reader *r)
{
	int rc;

	reader_stop(r);
	rc = reader_start(r);
	if (rc)
		snprintf(r->trouble, sizeof(r->trouble), "samples ended before the processes: %s",
			rc == -EAGAIN ? "each accountant hung or was killed" : strerror(-rc));
}

static bool is_hung(struct run_reader *r)
{
	struct hang_view view = hang_view_of(&r->watch, r->pid);
	enum hang_verdict verdict;

	view.urgent = r->asked == ASK_END;
	verdict = hang_check(&r->read, &view);
	r->checks = verdict == HANG_WAIT;
	return verdict == HANG_HUNG;
}

static void hang_end(struct run_reader *r)
{
	pid_t by = atomic_load(&r->watch.shared->reading.pid);

	shunned_add(&r->shunned, by, monotonic_ns());
	if (by)
		snprintf(r->trouble, sizeof(r->trouble),
			"process %d let nobody read its files in /proc: not all of it is counted",
			by);
	else
		snprintf(r->trouble, sizeof(r->trouble),
			"a sample did not end, and another accountant was started");
	reader_replace(r);
}

/* The accountant's word, or that it is gone. */
static void word_take(struct run_reader *r)
{
	int word;

	if (recv(r->socket, &word, sizeof(word), MSG_DONTWAIT) == sizeof(word)) {
		r->done = word == DONE;
		if (word < 0)
			reader_replace(r);
	} else if (!r->done) {
		snprintf(r->trouble, sizeof(r->trouble),
			"the accountant was killed, and another one was started");
		reader_replace(r);
	}
}

int run_reader_poll(const struct run_reader *r, struct pollfd fds[RUN_READER_FDS])
{
	fds[0] = (struct pollfd){ .fd = r->socket, .events = POLLIN };
	/* The last accountant may have set the timer before it was killed. Nobody takes that news. */
	fds[1] = (struct pollfd){ .fd = r->pid ? r->watch.timer : -1, .events = POLLIN };
	return r->checks && r->pid ? (int)(HANG_CHECK_NS / NS_PER_MS) : -1;
}

void run_reader_check(struct run_reader *r, const struct pollfd fds[RUN_READER_FDS])
{
	if (!r->pid)
		return;
	if (fds[1].revents) {
		hang_timer_take(&r->watch);
		r->checks = true;
	}
	if (fds[0].revents)
		word_take(r);
	else if (r->checks && is_hung(r))
		hang_end(r);
}

bool run_reader_reaped(struct run_reader *r, pid_t pid)
{
	for (unsigned i = 0; i < r->starts; i++) {
		if (r->shared->readers[i] != pid)
			continue;
		/* Another process may have the pid from now on. */
		r->shared->readers[i] = 0;
		return true;
	}
	return false;
}

static int ready_wait(struct run_reader *r)
{
	struct pollfd fd = { .fd = r->socket, .events = POLLIN };
	int rc;

	if (poll(&fd, 1, (int)(READY_NS / NS_PER_MS)) != 1)
		return -ETIMEDOUT;
	return recv(r->socket, &rc, sizeof(rc), 0) == sizeof(rc) ? rc : -ECHILD;
}

int run_reader_create(const struct run_reader_options *options, pid_t root, struct run_reader **out)
{
	struct run_reader *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	*r = (struct run_reader){ .options = *options, .root = root, .socket = -1 };
	r->shared = mmap(NULL, sizeof(*r->shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->shared == MAP_FAILED) {
		free(r);
		return -ENOMEM;
	}
	/* Without it a sample that hangs is not noticed before the end. */
	(void)hang_watch_create(&r->watch);
	rc = reader_start(r);
	if (rc == 0)
		rc = ready_wait(r);
	if (rc) {
		run_reader_destroy(r);
		return rc;
	}
	*out = r;
	return 0;
}

void run_reader_destroy(struct run_reader *r)
{
	if (!r)
		return;
	reader_stop(r);
	if (r->watch.timer >= 0)
		close(r->watch.timer);
	if (r->watch.shared)
		munmap(r->watch.shared, sizeof(*r->watch.shared));
	munmap(r->shared, sizeof(*r->shared));
	free(r);
}

/* Asks, waits until that is done, and takes over the account as it is then. */
static void sample_have(
	struct run_reader *r, enum ask what, uint64_t bound, struct account *account)
{
	uint64_t until = monotonic_ns() + bound, now;

	r->asked = what;
	r->done = false;
	if (r->pid)
		ask(r);
	while (r->pid && !r->done && (now = monotonic_ns()) < until) {
		struct pollfd fds[RUN_READER_FDS];
		int most = (int)((until - now) / NS_PER_MS) + 1, timeout = run_reader_poll(r, fds);

		(void)poll(fds, RUN_READER_FDS, timeout < 0 ? most : timeout);
		run_reader_check(r, fds);
	}
	if (!r->done && !*r->trouble)
		snprintf(r->trouble, sizeof(r->trouble), "the last sample did not end in time");
	if (account_slots_read(&r->shared->account, account))
		account_init(account, r->options.accountant->limit, monotonic_ns());
}

int run_reader_look(struct run_reader *r, struct account *account, uint64_t *due_ns)
{
	sample_have(r, ASK_LOOK, LOOK_NS, account);
	*due_ns = atomic_load(&r->shared->due_ns);
	if (r->done)
		return 0;
	return r->pid ? -ETIMEDOUT : -ECHILD;
}

void run_reader_end(struct run_reader *r, struct account *account)
{
	sample_have(r, ASK_END, END_NS, account);
}

const char *run_reader_trouble(const struct run_reader *r)
{
	return *r->trouble ? r->trouble : NULL;
}
