/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "measure/hang.h"
#include "tests/unit/plugin/children.h"
#include "tests/unit/unit.h"

/* Checks of one look, one after the other; more: as many before it that saw the same. */
struct check {
	uint64_t ms;
	unsigned more;
	unsigned count;
	bool runs, urgent, free, over;
	enum hang_verdict verdict;
};

enum { CHECKS = 6 };

START_TEST(a_read_hangs_when_raypssd_waits_in_it_without_a_pause)
{
	static const struct check rows[][CHECKS] = {
		/* The same read, nobody waits for raypssd. */
		{ { .ms = 50, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 1049, .more = 30, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 1050, .count = 7, .verdict = HANG_HUNG } },
		/* slurmstepd waits. */
		{ { .ms = 50, .count = 7, .urgent = true, .verdict = HANG_WAIT },
			{ .ms = 149, .count = 7, .urgent = true, .verdict = HANG_WAIT },
			{ .ms = 150, .count = 7, .urgent = true, .verdict = HANG_HUNG } },
		/* It begins to wait when the read has hung for some time. */
		{ { .ms = 50, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 190, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 200, .count = 7, .urgent = true, .verdict = HANG_HUNG } },
		/* What holds raypssd waits for a CPU itself. */
		{ { .ms = 50, .count = 7, .urgent = true, .free = true, .verdict = HANG_WAIT },
			{ .ms = 1049,
				.more = 30,
				.count = 7,
				.urgent = true,
				.free = true,
				.verdict = HANG_WAIT },
			{ .ms = 1050,
				.count = 7,
				.urgent = true,
				.free = true,
				.verdict = HANG_HUNG } },
		/* The machine stood still. */
		{ { .ms = 50, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 9000, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 9025, .count = 8, .urgent = true, .verdict = HANG_WAIT },
			{ .ms = 20000, .count = 8, .urgent = true, .verdict = HANG_WAIT } },
		/* Other reads, each of which takes long. */
		{ { .ms = 50, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 900, .count = 8, .verdict = HANG_WAIT },
			{ .ms = 1800, .count = 9, .verdict = HANG_WAIT },
			{ .ms = 2799, .more = 30, .count = 9, .verdict = HANG_WAIT } },
		/* Work, or a wait for a CPU. */
		{ { .ms = 50, .count = 7, .runs = true, .verdict = HANG_WAIT },
			{ .ms = 5000, .count = 7, .runs = true, .verdict = HANG_WAIT },
			{ .ms = 5900, .more = 30, .count = 7, .verdict = HANG_WAIT } },
		/* The look ended. */
		{ { .ms = 50, .count = 7, .verdict = HANG_WAIT },
			{ .ms = 5000, .count = 7, .over = true, .verdict = HANG_OVER } },
	};
	struct hang_read read = { 0 };

	for (const struct check *c = rows[_i]; c < rows[_i] + CHECKS && c->ms; c++) {
		struct hang_view view = {
			.now_ns = c->ms * NS_PER_MS,
			.looking = !c->over,
			.count = c->count,
			.waits = !c->runs,
			.held = !c->free,
			.urgent = c->urgent,
		};

		for (unsigned i = 0; i < c->more; i++)
			ck_assert_int_eq(hang_check(&read, &view), c->verdict);
		ck_assert_int_eq(hang_check(&read, &view), c->verdict);
	}
}
END_TEST

START_TEST(the_timer_tells_of_long_looks_alone)
{
	struct hang_watch w;
	struct pollfd timer;

	ck_assert_int_eq(hang_watch_create(&w), 0);
	timer = (struct pollfd){ .fd = w.timer, .events = POLLIN };
	hang_look_begin(&w);
	ck_assert(hang_view_of(&w, getpid()).looking);
	ck_assert(!hang_view_of(&w, getpid()).waits);
	ck_assert_int_eq(poll(&timer, 1, 10000), 1);
	hang_timer_take(&w);
	ck_assert_int_eq(poll(&timer, 1, 0), 0);
	hang_look_begin(&w);
	hang_look_end(&w);
	ck_assert(!hang_view_of(&w, getpid()).looking);
	ck_assert_int_eq(poll(&timer, 1, 2 * (int)(HANG_FIRST_NS / NS_PER_MS)), 0);
}
END_TEST

/* A process that runs, or was stopped, lets go by itself. */
START_TEST(only_a_process_that_sleeps_holds)
{
	struct hang_watch w;
	pid_t child = child_start();

	ck_assert_int_eq(hang_watch_create(&w), 0);
	hang_look_begin(&w);
	ck_assert(!hang_view_of(&w, getpid()).held);
	reading_note(&w.shared->reading, getpid());
	ck_assert(!hang_view_of(&w, getpid()).held);
	reading_note(&w.shared->reading, child);
	/* The time limit of the test ends a wait in vain. */
	while (!hang_view_of(&w, child).held)
		poll(NULL, 0, 1);
	ck_assert(hang_view_of(&w, child).waits);
	ck_assert_int_eq(kill(child, SIGSTOP), 0);
	while (hang_view_of(&w, child).held)
		poll(NULL, 0, 1);
	child_end(child);
	ck_assert(!hang_view_of(&w, child).held);
}
END_TEST

START_TEST(without_a_watch_looks_go_on)
{
	const struct hang_watch none = { .timer = -1 };

	hang_look_begin(&none);
	hang_look_end(&none);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("hang");

	unit_clock_run();
	tcase_add_loop_test(tc, a_read_hangs_when_raypssd_waits_in_it_without_a_pause, 0, 8);
	tcase_add_test(tc, the_timer_tells_of_long_looks_alone);
	tcase_add_test(tc, only_a_process_that_sleeps_holds);
	tcase_add_test(tc, without_a_watch_looks_go_on);
	return unit_run();
}
