/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/enclosing_step.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what, *text;
	uint32_t job;
	bool enclosed;
} rows[] = {
	{ "the job's batch step", "65.batch", 65, true },
	{ "the job's interactive step", "65.interactive", 65, true },
	{ "a component of a het job", "65.batch", 66, false },
	{ "a job submitted from the job, with a longer number", "65.batch", 650, false },
	{ "a job with a shorter number", "650.batch", 65, false },
	{ "a step that encloses nothing", "65.0", 65, false },
	{ "a text that only begins well", "65.batches", 65, false },
	{ "no step", "65.", 65, false },
	{ "no number", ".batch", 0, false },
	{ "what 0.1.0 wrote", "1", 1, false },
	{ "nothing", "", 65, false },
	{ "the greatest number", "4294967295.batch", UINT32_MAX, true },
};

START_TEST(a_step_is_enclosed_by_steps_of_its_own_job_only)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		SAME(rows[i].what, enclosing_step_is_of_job(rows[i].text, rows[i].job),
			rows[i].enclosed);
}
END_TEST

START_TEST(the_text_names_job_and_step)
{
	struct step_info info = { .job = UINT32_MAX, .step = "interactive" };
	char text[ENCLOSING_STEP_SIZE];

	ck_assert_str_eq(enclosing_step_format(&info, text), "4294967295.interactive");
	ck_assert(enclosing_step_is_of_job(text, info.job));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("enclosing_step");

	tcase_add_test(tc, a_step_is_enclosed_by_steps_of_its_own_job_only);
	tcase_add_test(tc, the_text_names_job_and_step);
	return unit_run();
}
