/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/guardian.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The pause doubles from here: all pauses together are below a second. */
#define PAUSE_NS (200 * NS_PER_MS)

/* How long a stopped raypssd stays so: nobody can make the guardian busy by stopping it. */
#define STOPPED_NS (100 * NS_PER_MS)

bool guardian_starts(struct guardian *g, uint64_t now_ns, uint64_t *pause_ns)
{
	if (g->started && now_ns - g->started_ns >= GUARDIAN_TRUST_NS)
		g->started = 1;
	if (g->started == GUARDIAN_STARTS)
		return false;
	*pause_ns = g->started > 1 ? PAUSE_NS << (g->started - 2) : 0;
	g->started++;
	g->started_ns = now_ns + *pause_ns;
	return true;
}

static void pause_for(uint64_t ns)
{
	struct timespec pause = timespec_of(ns);

	nanosleep(&pause, NULL);
}

/* One raypssd, as the guardian waits for it. */
struct ward {
	struct guardian *g;
	struct shm_block *block;
	pid_t pid;
	int children; /* a signalfd for SIGCHLD */
	int socket; /* -1: not watched, or its end was told */
	bool alone; /* slurmstepd is gone */
	uint64_t alone_until_ns; /* 0 = no limit */
	bool checks; /* a look takes long */
	struct hang_read read;
};

enum { CHILDREN, TIMER, SOCKET, POLLED };

static bool is_for_slurmstepd(unsigned request)
{
	return request == MESSAGE_PUBLISH || request == MESSAGE_FINISH;
}

/* Whether slurmstepd waits: raypssd serves a request, or one is there and is not taken yet. */
static bool is_urgent(const struct ward *w)
{
	char byte;

	if (is_for_slurmstepd(atomic_load(&w->block->serving)))
		return true;
	return w->socket >= 0 && recv(w->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
		is_for_slurmstepd((unsigned char)byte);
}

/* Whether raypssd has to be given up. */
static bool is_hung(struct ward *w)
{
	struct hang_view view = hang_view_of(&w->g->watch, w->pid);
	enum hang_verdict verdict;

	view.urgent = is_urgent(w);
	verdict = hang_check(&w->read, &view);
	w->checks = verdict == HANG_WAIT;
	return verdict == HANG_HUNG;
}

static void let_go_on(struct ward *w)
{
	atomic_fetch_add(&w->block->stops, 1);
	pause_for(STOPPED_NS);
	kill(w->pid, SIGCONT);
}

/* Whether raypssd has ended, then with *status. Those that hung end some time, too. */
static bool has_ended(struct ward *w, int *status)
{
	struct signalfd_siginfo info;
	pid_t pid;

	/* All that is in the queue: waitpid tells the rest. */
	while (read(w->children, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, status, WUNTRACED | WNOHANG)) > 0) {
		bool stopped = WIFSTOPPED(*status);

		if (pid == w->pid && !stopped)
			return true;
		if (pid == w->pid)
			let_go_on(w);
		else if (!stopped)
			w->g->hung_n--;
	}
	return false;
}

static int timeout_of(const struct ward *w)
{
	uint64_t now = monotonic_ns();

	if (w->checks)
		return (int)(HANG_CHECK_NS / NS_PER_MS);
	if (!w->alone_until_ns)
		return -1;
	return now < w->alone_until_ns ? (int)((w->alone_until_ns - now) / NS_PER_MS) + 1 : 0;
}

/* raypssd with its writer. A publisher at work has a group of its own, and goes on. */
static void ward_kill(const struct ward *w)
{
	kill(-w->pid, SIGKILL);
	kill(w->pid, SIGKILL);
}

static void slurmstepd_gone(struct ward *w)
{
	w->socket = -1;
	w->alone = true;
	w->alone_until_ns = monotonic_ns() + w->g->alone_ns;
}

static void alone_end(struct ward *w)
{
	if (!w->alone_until_ns || monotonic_ns() < w->alone_until_ns)
		return;
	ward_kill(w);
	w->alone_until_ns = 0;
}

/* No status of a process that ended. */
enum { HANGS = -1 };

/* Waits for the end of raypssd. Its status, or HANGS. */
static int end_wait(struct ward *w)
{
	int status;

	while (!has_ended(w, &status)) {
		struct pollfd fds[POLLED] = {
			[CHILDREN] = { .fd = w->children, .events = POLLIN },
			[TIMER] = { .fd = w->g->watch.timer, .events = POLLIN },
			[SOCKET] = { .fd = w->socket }, /* its end is always told */
		};

		if (poll(fds, POLLED, timeout_of(w)) < 0 && errno != EINTR)
			pause_for(STOPPED_NS);
		if (fds[TIMER].revents) {
			hang_timer_take(&w->g->watch);
			w->checks = true;
		}
		if (fds[SOCKET].revents)
			slurmstepd_gone(w);
		alone_end(w);
		if (w->checks && is_hung(w))
			return HANGS;
	}
	return status;
}

/* In raypssd. A guardian that is gone already can protect nothing, and nobody ends raypssd then. */
static void guardian_bind(const struct ward *w, pid_t guardian)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guardian)
		_exit(EXIT_FAILURE);
	setpgid(0, 0);
	close(w->children);
	prctl(PR_SET_NAME, "raypssd");
}

/* Gives up a raypssd that hangs. False: there was nothing left to shun, so it counts as a death. */
static bool hang_end(struct ward *w)
{
	struct guardian *g = w->g;
	uint64_t now_ns = monotonic_ns();
	bool all = shunned_all(&g->shunned, now_ns);

	g->hung = true;
	g->hung_by = atomic_load(&g->watch.shared->reading.pid);
	shunned_add(&g->shunned, g->hung_by, now_ns);
	g->hung_n++;
	if (g->hung_n >= GUARDIAN_HUNG)
		g->shunned.all_until_ns = UINT64_MAX;
	ward_kill(w);
	return !all;
}

/* SIGCHLD arrives through a descriptor; raypssd has all signals blocked anyway. */
static int children_watch(void)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Forks raypssd. True in it, false in the guardian. */
static bool ward_start(struct ward *w, pid_t guardian)
{
	/* The look in which the one before it died is no look of this one. */
	hang_look_end(&w->g->watch);
	w->pid = fork();
	w->checks = false;
	w->read = (struct hang_read){ 0 };
	if (w->alone)
		w->alone_until_ns = monotonic_ns() + w->g->alone_ns;
	if (w->pid == 0)
		guardian_bind(w, guardian);
	return w->pid == 0;
}

/* Whether to start raypssd again, and after which pause. status: as end_wait says. */
static bool starts_again(struct ward *w, int status, uint64_t *pause_ns)
{
	struct guardian *g = w->g;

	*pause_ns = 0;
	g->hung = w->pid > 0 && status == HANGS;
	if (g->hung && hang_end(w))
		return true;
	if (!g->hung) {
		if (w->pid < 0 || !WIFSIGNALED(status) || atomic_load(&w->block->finished))
			return false;
		g->signal = WTERMSIG(status);
	}
	return guardian_starts(g, monotonic_ns(), pause_ns);
}

void guardian_run(struct guardian *g, struct shm_block *block, int socket)
{
	struct ward w = { .g = g, .block = block, .children = children_watch(), .socket = socket };
	pid_t guardian = getpid();
	uint64_t pause_ns;
	int status = 0;

	(void)hang_watch_create(&g->watch);
	/* Without a guardian raypssd is as good as before, until it dies or hangs. */
	if (w.children < 0 || !guardian_starts(g, monotonic_ns(), &pause_ns) ||
		ward_start(&w, guardian))
		return;
	if (w.pid < 0) {
		close(w.children);
		return;
	}
	prctl(PR_SET_NAME, "raypss-guardian");
	while (starts_again(&w, status = end_wait(&w), &pause_ns)) {
		pause_for(pause_ns);
		if (ward_start(&w, guardian))
			return;
		if (w.pid < 0)
			break;
	}
	_exit(status != HANGS && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}
