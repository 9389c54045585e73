/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Suite *suite;

struct text text_of(const char *data, size_t len)
{
	struct text t = { malloc(len), len };

	ck_assert_msg(t.data || !len, "out of memory");
	if (len)
		memcpy(t.data, data, len);
	return t;
}

struct text text_of_fixture(const char *name)
{
	char path[4096], buf[64 * 1024];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	n = fread(buf, 1, sizeof(buf), f);
	ck_assert_msg(n && n < sizeof(buf), "%s is empty or too long", path);
	fclose(f);
	return text_of(buf, n);
}

void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

uint32_t unit_random(void)
{
	static uint32_t x = 2463534242;

	/* Marsaglia's xorshift. */
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* 0: the clock runs. */
static uint64_t clock_ns, leap_ns;

/* The linker gives this for monotonic_ns: its option --wrap, in local.mk. */
uint64_t __real_monotonic_ns(void);
uint64_t __wrap_monotonic_ns(void);

uint64_t __wrap_monotonic_ns(void)
{
	if (!clock_ns)
		return __real_monotonic_ns();
	clock_ns += leap_ns;
	return clock_ns;
}

void unit_clock_add(uint64_t ns)
{
	ck_assert_uint_ne(clock_ns, 0);
	clock_ns += ns;
}

void unit_clock_leap(uint64_t ns)
{
	leap_ns = ns;
}

void unit_clock_run(void)
{
	clock_ns = 0;
}

void unit_clock_stop(void)
{
	clock_ns = __real_monotonic_ns();
}

TCase *unit_suite(const char *name)
{
	TCase *tc = tcase_create(name);

	unit_clock_stop();
	/* Sanitizers and valgrind on a busy machine. */
	tcase_set_timeout(tc, 300);
	suite = suite_create(name);
	suite_add_tcase(suite, tc);
	return tc;
}

int unit_run(void)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

bool unit_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}
