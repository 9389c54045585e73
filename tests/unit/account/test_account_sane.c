/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of an account in shared memory is not safe to read. */
#include <math.h>
#include <string.h>

#include "account/account.h"
#include "base/units.h"
#include "tests/unit/unit.h"

static void sane(struct account *x)
{
	(void)x;
}
#define SPOIL(name, change)                                                                        \
	static void name(struct account *x)                                                        \
	{                                                                                          \
		change;                                                                            \
	}
SPOIL(top_beyond, x->top_n = ACCOUNT_TOP + 1)
SPOIL(profiles_beyond, x->profiles_n = ACCOUNT_PROFILES + 1)
SPOIL(objects_beyond, x->objects_n = ACCOUNT_OBJECTS + 1)
SPOIL(victims_beyond, x->victims_n = UINT32_MAX)
SPOIL(no_bool, memset(&x->objects[0].sysv, 2, 1))
SPOIL(no_bool_of_fallback, memset(&x->objects[0].fallback, 2, 1))
SPOIL(series_beyond, x->series.count = SERIES_POINTS + 1)
SPOIL(endless_name, memset(x->top[0].name, 'x', TITLE_SIZE))
SPOIL(endless_profile, memset(x->profiles[0].name, 'x', TASK_NAME_SIZE))
SPOIL(endless_victim, (x->victims_n = 1, memset(x->victims[0].name, 'x', TITLE_SIZE)))
SPOIL(no_text, strcpy(x->top[0].name, "\377"))
SPOIL(an_escape, strcpy(x->profiles[0].name, "\033[2J"))
SPOIL(role_beyond, x->top[0].role = ROLE_LAST + 1)
SPOIL(others_role, x->other_names.role = 4711)
SPOIL(role_below, x->profiles[0].role = -1)
SPOIL(no_mean, (x->footprint.weight = 1, x->footprint.sum = NAN))
SPOIL(negative_mean, (x->footprint.weight = 1, x->footprint.sum = -1))
SPOIL(endless_mean, (x->profiles[0].private.weight = 1, x->profiles[0].private.sum = 1e300))
SPOIL(no_time, (x->footprint.weight = 0, x->footprint.sum = NAN))
SPOIL(behind_the_count, x->top[1].role = 4711)

static const struct {
	const char *what;
	void (*spoil)(struct account *);
	bool sane;
} spoilt[] = {
	{ "as it is", sane, true },
	{ "too many processes", top_beyond, false },
	{ "too many names", profiles_beyond, false },
	{ "too many objects", objects_beyond, false },
	{ "too many victims", victims_beyond, false },
	{ "a bool that is neither", no_bool, false },
	{ "another one", no_bool_of_fallback, false },
	{ "too many points", series_beyond, false },
	{ "a process's name without end", endless_name, false },
	{ "a task's name without end", endless_profile, false },
	{ "a victim's name without end", endless_victim, false },
	{ "bytes that are no text", no_text, false },
	{ "a terminal escape", an_escape, false },
	{ "a role that there is not", role_beyond, false },
	{ "a role of the other names that there is not", others_role, false },
	{ "a negative role", role_below, false },
	{ "a mean that is no number", no_mean, false },
	{ "a negative mean", negative_mean, false },
	{ "a mean that is no size", endless_mean, false },
	{ "the sum of no time does not matter", no_time, true },
	{ "what lies behind the count does not matter", behind_the_count, true },
};

START_TEST(an_account_that_cannot_be_read_safely_is_told)
{
	const struct look_process process = { .pid = 1,
		.rss = 2 * MIB,
		.private = MIB,
		.share = MIB,
		.name_hash = 5381,
		.name = "f",
		.title = "ray::f" };
	const struct look_object object = { .dev = 1, .ino = 2, .bytes = MIB };
	const struct look look = { .limit = UNKNOWN,
		.sample = { .at_ns = NS_PER_S,
			.processes_ns = NS_PER_S,
			.private = MIB,
			.rss = MIB,
			.processes = 1 },
		.processes = &process,
		.processes_n = 1,
		.objects = &object,
		.objects_n = 1 };
	static struct account a;

	account_init(&a, UNKNOWN, NS_PER_S);
	account_add(&a, &look);
	ck_assert_uint_eq(a.top_n, 1);
	ck_assert_uint_eq(a.profiles_n, 1);
	ck_assert_uint_eq(a.objects_n, 1);
	for (size_t i = 0; i < COUNT(spoilt); i++) {
		static struct account b;

		b = a;
		spoilt[i].spoil(&b);
		SAME(spoilt[i].what, account_is_sane(&b), spoilt[i].sane);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account_sane");

	tcase_add_test(tc, an_account_that_cannot_be_read_safely_is_told);
	return unit_run();
}
