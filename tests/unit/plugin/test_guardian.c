/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/raypssd/guardian.h"
#include "tests/unit/unit.h"

static struct shm_block *block;

static void begin(void)
{
	block = mmap(
		NULL, sizeof(*block), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(block, MAP_FAILED);
}

static void end(void)
{
	munmap(block, sizeof(*block));
}

/* What a raypssd of the test does; signal: what guardian_run said. */
typedef void raypssd_fn(int signal);

/* The status of a guardian whose raypssd does that. block->serving counts the starts. */
static int status_of(raypssd_fn *raypssd)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int signal = guardian_run(block);

		atomic_fetch_add(&block->serving, 1);
		raypssd(signal);
		_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void ends(int signal)
{
	_exit(signal ? 98 : 3);
}

static void dies_once(int signal)
{
	if (!signal)
		raise(SIGKILL);
	_exit(signal == SIGKILL ? 5 : 98);
}

static void dies(int signal)
{
	(void)signal;
	raise(SIGKILL);
}

static void dies_when_all_is_done(int signal)
{
	(void)signal;
	atomic_store(&block->finished, 1);
	raise(SIGKILL);
}

static void stops(int signal)
{
	raise(SIGSTOP);
	_exit(signal ? 98 : 6);
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
	};

	ck_assert_int_eq(status_of(rows[_i].raypssd), rows[_i].status);
	ck_assert_uint_eq(atomic_load(&block->serving), rows[_i].starts);
	ck_assert_uint_eq(atomic_load(&block->stops), rows[_i].stops);
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
		guardian_run(block);
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

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, raypssd_is_started_anew_when_a_signal_ended_it, 0, 5);
	tcase_add_test(tc, raypssd_ends_with_its_guardian);
	tcase_add_test(tc, starts_are_bounded_and_ever_later);
	return unit_run();
}
