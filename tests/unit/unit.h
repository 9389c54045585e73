/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests have in common. */
#ifndef RAYPSS_UNIT_H
#define RAYPSS_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

/* Compares two numbers; row says which line of a table it is. */
#define SAME(row, got, want)                                                                       \
	do {                                                                                       \
		const uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                   \
		ck_assert_msg(got_ == want_, "%s: " #got " is %ju, not %ju", (row),                \
			(uintmax_t)got_, (uintmax_t)want_);                                        \
	} while (0)

struct text {
	char *data;
	size_t len;
};

/* A copy without a byte to spare behind it, so that sanitizers see who reads on. */
struct text text_of(const char *data, size_t len);

/* A file of tests/fixtures, in the same way. */
struct text text_of_fixture(const char *name);

void text_free(struct text *t);

/* valgrind preloads libraries of its own into what it runs. */
bool unit_under_valgrind(void);

/* The same numbers at each run. */
uint32_t unit_random(void);

/*
 * The clock of the code under test, monotonic_ns(). It stands still, so that a test that the machine holds up
 * for seconds sees the same as any other. A test moves it on, lets it move by so much whenever the code reads it, as on
 * a machine that stands still between any two statements, or lets it run until it stops it again.
 */
void unit_clock_add(uint64_t ns);
void unit_clock_leap(uint64_t ns);
void unit_clock_run(void);
void unit_clock_stop(void);

/* A program: one suite of one case. unit_run returns the exit status. */
TCase *unit_suite(const char *name);
int unit_run(void);

#endif
