/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "measure/duty.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what;
	double part;
	uint64_t look_ms,
		wanted_ms; /* what each look costs, and the time that the pace wants between */
	uint64_t most_permille; /* of a core over an hour, the savings among it */
	uint64_t least_looks; /* in the first 10 s */
} steps[] = {
	{ "a usual step", 0.02, 1, 1000, 2, 10 },
	{ "small looks may crowd", 0.02, 1, 50, 20, 199 },
	{ "looks that crowd at first", 0.02, 10, 50, 21, 130 },
	{ "a step that makes looks dear", 0.02, 300, 50, 21, 4 },
	{ "a look longer than the savings", 0.02, 3000, 50, 21, 1 },
	{ "another duty", 0.1, 300, 50, 102, 22 },
	{ "no bound", 0, 300, 50, 1000, 28 },
};

START_TEST(looks_keep_to_the_duty_whatever_they_cost)
{
	for (size_t i = 0; i < COUNT(steps); i++) {
		uint64_t now = NS_PER_S, end = now + 3600 * NS_PER_S, cpu = 0, early = 0;
		struct duty duty;

		duty_init(&duty, steps[i].part, now);
		while (now < end) {
			uint64_t wanted = now + steps[i].wanted_ms * NS_PER_MS, earliest;

			now += steps[i].look_ms * NS_PER_MS;
			cpu += steps[i].look_ms * NS_PER_MS;
			early += now <= 11 * NS_PER_S;
			duty_spend(&duty, now, steps[i].look_ms * NS_PER_MS);
			earliest = duty_earliest_ns(&duty);
			if (wanted < earliest)
				wanted = earliest;
			if (now < wanted)
				now = wanted;
		}
		ck_assert_msg(cpu <= steps[i].most_permille * 3600 * NS_PER_MS +
					steps[i].look_ms * NS_PER_MS,
			"%s: %ju ms in an hour", steps[i].what, (uintmax_t)(cpu / NS_PER_MS));
		ck_assert_msg(early >= steps[i].least_looks, "%s: %ju looks in 10 s", steps[i].what,
			(uintmax_t)early);
	}
}
END_TEST

START_TEST(a_quiet_hour_saves_for_a_short_burst_only)
{
	uint64_t now = 3600 * NS_PER_S;
	struct duty duty;

	duty_init(&duty, 0.02, 0);
	duty_spend(&duty, now, 1200 * NS_PER_MS);
	SAME("all savings", duty_earliest_ns(&duty), now);
	duty_spend(&duty, now, 20 * NS_PER_MS);
	SAME("20 ms owed", duty_earliest_ns(&duty), now + NS_PER_S);
	duty_spend(&duty, now + NS_PER_S / 2, 10 * NS_PER_MS);
	SAME("10 of them paid, 10 more spent", duty_earliest_ns(&duty), now + NS_PER_S * 3 / 2);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("duty");

	tcase_add_test(tc, looks_keep_to_the_duty_whatever_they_cost);
	tcase_add_test(tc, a_quiet_hour_saves_for_a_short_burst_only);
	return unit_run();
}
