/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/raypssd/guardian.h"
#include "tests/unit/unit.h"

static struct shm_block *block;
static pid_t test; /* waits, as a process does that holds another one */

static void begin(void)
{
	block = mmap(
		NULL, sizeof(*block), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(block, MAP_FAILED);
	test = getpid();
}

static void end(void)
{
	munmap(block, sizeof(*block));
}

/* What a raypssd of the test does. */
typedef void raypssd_fn(const struct guardian *g);

/* The status of a guardian whose raypssd does that. block->tasks_n counts the starts. */
static int status_of(raypssd_fn *raypssd)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct guardian g = { 0 };

		guardian_run(&g, block, -1);
		atomic_fetch_add(&block->tasks_n, 1);
		raypssd(&g);
		_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void ends(const struct guardian *g)
{
	_exit(g->signal || g->hung ? 98 : 3);
}

static void dies_once(const struct guardian *g)
{
	if (!g->signal)
		raise(SIGKILL);
	_exit(g->signal == SIGKILL ? 5 : 98);
}

static void dies(const struct guardian *g)
{
	(void)g;
	raise(SIGKILL);
}

static void dies_when_all_is_done(const struct guardian *g)
{
	(void)g;
	atomic_store(&block->finished, 1);
	raise(SIGKILL);
}

static void stops(const struct guardian *g)
{
	raise(SIGSTOP);
	_exit(g->signal ? 98 : 6);
}

/* A look that slurmstepd waits for, in which process 7 holds raypssd. */
static void hang(const struct guardian *g)
{
	atomic_store(&block->serving, MESSAGE_FINISH);
	hang_look_begin(&g->watch);
	reading_note(&g->watch.shared->reading, 7);
	for (;;)
		pause();
}

static void hangs_once(const struct guardian *g)
{
	if (!g->hung)
		hang(g);
	_exit(g->hung_by == 7 && shunned_has(&g->shunned, 7, monotonic_ns()) &&
				!shunned_has(&g->shunned, 8, monotonic_ns())
			? 7
			: 98);
}

/* A child such as the writer, which waits for raypssd. */
static void hangs_with_a_child(const struct guardian *g)
{
	if (!g->hung && fork() == 0) {
		poll(NULL, 0, 30000);
		_exit(0);
	}
	if (!g->hung)
		hang(g);
	_exit(10);
}

static void hangs(const struct guardian *g)
{
	/* Once everybody is shunned, another hang counts as a death. */
	if (shunned_all(&g->shunned, monotonic_ns()))
		atomic_fetch_add(&block->stops, 1);
	hang(g);
}

static void dies_in_a_look(const struct guardian *g)
{
	if (!g->signal) {
		atomic_store(&block->serving, MESSAGE_FINISH);
		hang_look_begin(&g->watch);
		reading_note(&g->watch.shared->reading, test);
		raise(SIGKILL);
	}
	/* It looks at nothing, and waits longer than a read may. */
	poll(NULL, 0, 4 * (int)((HANG_FIRST_NS + HANG_URGENT_NS) / NS_PER_MS));
	_exit(g->hung ? 98 : 9);
}

/* Looks that end, however long they take together. */
static void looks_often(const struct guardian *g)
{
	uint64_t until = monotonic_ns() + 3 * (HANG_FIRST_NS + HANG_URGENT_NS);

	atomic_store(&block->serving, MESSAGE_FINISH);
	while (monotonic_ns() < until) {
		hang_look_begin(&g->watch);
		reading_note(&g->watch.shared->reading, 7);
		hang_look_end(&g->watch);
		poll(NULL, 0, 1);
	}
	_exit(g->hung ? 98 : 8);
}

START_TEST(raypssd_is_started_anew_when_a_signal_ended_it)
{
	static const struct {
		raypssd_fn *raypssd;
		int status;
		unsigned starts;
		unsigned stops;
	} rows[] = {
		{ ends, 3, 1, 0 },
		{ dies_once, 5, 2, 0 },
		{ dies, EXIT_FAILURE, GUARDIAN_STARTS, 0 },
		{ dies_when_all_is_done, EXIT_FAILURE, 1, 0 },
		{ stops, 6, 1, 1 },
		{ hangs_once, 7, 2, 0 },
		{ looks_often, 8, 1, 0 },
		{ dies_in_a_look, 9, 2, 0 },
	};

	ck_assert_int_eq(status_of(rows[_i].raypssd), rows[_i].status);
	ck_assert_uint_eq(atomic_load(&block->tasks_n), rows[_i].starts);
	ck_assert_uint_eq(atomic_load(&block->stops), rows[_i].stops);
}
END_TEST

START_TEST(the_children_of_a_raypssd_that_hangs_end_with_it)
{
	struct pollfd end;
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(status_of(hangs_with_a_child), 10);
	close(pipes[1]);
	/* The end of the pipe, which all of them have open. */
	end = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
	ck_assert_int_eq(poll(&end, 1, 20000), 1);
	close(pipes[0]);
}
END_TEST

/* Each hang shuns the process that holds; with no pid to shun everybody is, and then there is an end. */
START_TEST(starts_after_hangs_are_bounded)
{
	ck_assert_int_eq(status_of(hangs), EXIT_FAILURE);
	ck_assert_uint_gt(atomic_load(&block->stops), 0);
	ck_assert_uint_eq(atomic_load(&block->tasks_n), GUARDIAN_STARTS + 2);
}
END_TEST

/*
 * slurmstepd waits for an answer to what raypssd has not taken yet. Each look at the clock takes 60 ms
 * here, so the time of the hang tells how often the guardian has checked.
 */
START_TEST(a_hang_is_urgent_while_a_request_waits)
{
	int pair[2], status;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_int_eq(write(pair[0], &(char){ MESSAGE_FINISH }, 1), 1);
	pid = fork();
	if (pid == 0) {
		struct guardian g = { .alone_ns = NS_PER_S };
		uint64_t begun_ns;

		unit_clock_stop();
		unit_clock_leap(60 * NS_PER_MS);
		begun_ns = monotonic_ns();
		guardian_run(&g, block, pair[1]);
		if (g.hung)
			_exit(g.shunned.processes[0].until_ns - SHUN_NS - begun_ns < HANG_NS ? 11
											     : 98);
		hang_look_begin(&g.watch);
		reading_note(&g.watch.shared->reading, test);
		for (;;)
			pause();
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 11);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

/* slurmstepd is gone, and raypssd does not notice. */
START_TEST(raypssd_does_not_outlive_slurmstepd)
{
	int pair[2], status;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		struct guardian g = { .alone_ns = 50 * NS_PER_MS };

		close(pair[0]);
		guardian_run(&g, block, pair[1]);
		if (g.signal == SIGKILL)
			_exit(9);
		for (;;)
			pause();
	}
	close(pair[1]);
	close(pair[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 9);
}
END_TEST

START_TEST(raypssd_ends_with_its_guardian)
{
	int pipes[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct guardian g = { 0 };

		guardian_run(&g, block, -1);
		(void)!write(pipes[1], "x", 1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	/* The end of the pipe: nobody is left who could write. A raypssd that stays lets this wait. */
	ck_assert_int_eq(read(pipes[0], &byte, 1), 0);
	close(pipes[0]);
}
END_TEST

START_TEST(starts_are_bounded_and_ever_later)
{
	struct guardian g = { 0 };
	uint64_t now = 1000 * NS_PER_S, pause, before = 0;

	for (int i = 0; i < GUARDIAN_STARTS; i++) {
		ck_assert(guardian_starts(&g, now, &pause));
		ck_assert_uint_ge(pause, before);
		ck_assert_uint_lt(pause, NS_PER_S);
		ck_assert(i > 1 || pause == 0);
		before = pause;
		now += pause + NS_PER_MS;
	}
	ck_assert(!guardian_starts(&g, now, &pause));
	/* One that lived long is worth as much as the first. */
	ck_assert(guardian_starts(&g, now + 2 * GUARDIAN_TRUST_NS, &pause));
	ck_assert_uint_eq(pause, 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("guardian");

	unit_clock_run();
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, raypssd_is_started_anew_when_a_signal_ended_it, 0, 8);
	tcase_add_test(tc, the_children_of_a_raypssd_that_hangs_end_with_it);
	tcase_add_test(tc, starts_after_hangs_are_bounded);
	tcase_add_test(tc, a_hang_is_urgent_while_a_request_waits);
	tcase_add_test(tc, raypssd_does_not_outlive_slurmstepd);
	tcase_add_test(tc, raypssd_ends_with_its_guardian);
	tcase_add_test(tc, starts_are_bounded_and_ever_later);
	return unit_run();
}
