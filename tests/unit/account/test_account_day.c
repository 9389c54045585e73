/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A day of looks, with a clock that the test moves on: what is kept stays bounded, and right. */
#include <stdio.h>

#include "account/account.h"
#include "base/units.h"
#include "measure/duty.h"
#include "measure/pace.h"
#include "measure/shares.h"
#include "tests/unit/unit.h"

enum {
	DAY_S = 86400,
	PROCESSES = 16,
	NAMES = 5000, /* far more than an account has room for */
	SPIKE_S = 70000,
};

#define STEADY (100 * MIB)
#define SPIKE (900 * MIB)
#define LOOK_NS (2 * NS_PER_MS)

static struct account a;
static struct look_process rows[PROCESSES];

/* Workers that come and go: one of them has a new pid and another name at each look. */
static void processes_change(unsigned at, uint64_t private)
{
	struct look_process *p = &rows[at % PROCESSES];

	*p = (struct look_process){
		.pid = (pid_t)(at + 1), .pss = UNKNOWN, .uss = UNKNOWN, .pss_at_ns = UNKNOWN
	};
	snprintf(p->title, sizeof(p->title), "ray::worker_%u", at % NAMES);
	p->title_hash = (at % NAMES + 1) * 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < PROCESSES; i++) {
		rows[i].private = private / PROCESSES;
		rows[i].rss = rows[i].private + MIB;
	}
}

static void look(uint64_t now, unsigned at, uint64_t private)
{
	struct look seen = {
		.at_ns = now,
		.limit = 1000 * MIB,
		.bound = UNKNOWN,
		.processes = rows,
		.processes_n = PROCESSES,
		.sample = { .at_ns = now,
			.processes_ns = now,
			.private = private,
			.rss = private + PROCESSES * MIB,
			.swap = UNKNOWN,
			.processes = PROCESSES },
		.cost = { .looks = at + 1, .cpu_ns = (at + 1) * LOOK_NS },
	};

	processes_change(at, private);
	shares_estimate(rows, PROCESSES, &seen.sample, &seen.rest);
	account_add(&a, &seen);
}

START_TEST(a_day_of_looks_is_bounded_and_right)
{
	const uint64_t begin = NS_PER_S, end = begin + DAY_S * NS_PER_S;
	struct pace pace;
	struct duty duty;
	unsigned at = 0;

	account_init(&a, 1000 * MIB, begin);
	pace_init(&pace, NS_PER_S, 50 * NS_PER_MS);
	duty_init(&duty, DUTY_DEFAULT, begin);
	for (uint64_t now = begin; now < end; at++) {
		bool spike = (now - begin) / (10 * NS_PER_S) == SPIKE_S / 10;
		uint64_t private = spike ? SPIKE : STEADY + at % 2 * MIB, next, earliest;

		look(now, at, private);
		duty_spend(&duty, now, LOOK_NS);
		next = now + pace_next(&pace, now, private, 1000 * MIB);
		earliest = duty_earliest_ns(&duty);
		now = next > earliest ? next : earliest;
	}
	/* About one look a second, and some more where the footprint rose. */
	ck_assert_uint_ge(at, DAY_S - 60);
	ck_assert_uint_le(at, DAY_S + 600);
	ck_assert(account_is_sane(&a));
	ck_assert_uint_eq(a.samples, at);
	ck_assert_uint_eq(a.cpu_ns, at * LOOK_NS);
	ck_assert_uint_eq(sample_footprint(&a.peak), SPIKE);
	ck_assert_uint_ge(a.peak.at_ns, begin + SPIKE_S * NS_PER_S);
	ck_assert_uint_lt(a.peak.at_ns, begin + (SPIKE_S + 10) * NS_PER_S);
	ck_assert_uint_ge(distribution_quantile(&a.footprint, 0.95), STEADY);
	ck_assert_uint_le(distribution_quantile(&a.footprint, 0.95), STEADY + 3 * MIB);
	ck_assert_uint_ge(a.footprint.weight, (DAY_S - 2) * NS_PER_S);
	/* The series still spans the day, with the spike in it. */
	ck_assert_uint_ge(a.series.points[a.series.count - 1].at_ns, (DAY_S - 1000) * NS_PER_S);
	for (unsigned i = 0; i < a.series.count; i++)
		if (a.series.points[i].footprint == SPIKE)
			return;
	ck_abort_msg("the series lost the spike");
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account_day");

	tcase_add_test(tc, a_day_of_looks_is_bounded_and_right);
	return unit_run();
}
