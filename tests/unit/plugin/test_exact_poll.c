/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of Slurm's figures at a poll. */
#include <string.h>

#include "tests/unit/plugin/exact_rig.h"
#include "tests/unit/unit.h"

START_TEST(each_task_has_its_own_figures)
{
	ck_assert_int_eq(take(3, 4), 0);
	tasks_launch(3, 4);
	slurm->poll(&list);
	/* Nothing is known yet: Slurm's own figures, and nobody is killed for them. */
	for (uint32_t i = 0; i < 3; i++)
		assert_task(i, 900 * MIB, 900 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 0);
	ck_assert_str_eq(logged, "");
	sample_tell(3, 4, 0);
	slurm->poll(&list);
	for (uint32_t i = 0; i < 3; i++)
		assert_task(i, (i + 1) * 10 * MIB, (i + 1) * 20 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_uint_eq(slurm->compared, 60 * MIB);
	ck_assert_uint_eq(slurm->polls, 2);
	ck_assert_uint_eq(asked, 2);
}
END_TEST

START_TEST(figures_are_whole_kib)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	sample.tasks[0].now = 1;
	sample.tasks[0].peak = 5 * KIB + 1;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, KIB, 6 * KIB);
}
END_TEST

START_TEST(virtual_memory_is_compared_too)
{
	uint64_t bytes = 7 * GIB;

	ck_assert_int_eq(take(3, 0), 0);
	tasks_launch(3, 0);
	sample_tell(3, 0, 0);
	/* The third is unset. */
	slurm->setinfo(list.infos[0], JOBACCT_DATA_TOT_VSIZE, &bytes, 0);
	slurm->setinfo(list.infos[1], JOBACCT_DATA_TOT_VSIZE, &bytes, 0);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->compared_virtual, 14 * GIB);
}
END_TEST

/* Components of a heterogeneous step, and a list in which tasks end one by one. */
START_TEST(task_ids_may_be_shifted)
{
	ck_assert_int_eq(take(5, 2), 0);
	tasks_launch(5, 102);
	sample_tell(5, 2, 0);
	slurm->poll(&list);
	for (uint32_t i = 0; i < 5; i++)
		assert_task(i, (i + 1) * 10 * MIB, (i + 1) * 20 * MIB);
	/* The first task ends, and is the last of the list. */
	slurm->destroy(list.infos[4]);
	list.n = 4;
	slurm->poll(&list);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(*value(i, 0), (i + 2) * 20 * MIB);
}
END_TEST

/* Which shift there is shows only once all tasks are there. */
START_TEST(a_list_that_is_not_complete_stays_as_it_is)
{
	ck_assert_int_eq(take(3, 0), 0);
	tasks_launch(2, 1);
	sample_tell(3, 0, 0);
	slurm->poll(&list);
	assert_task(0, 900 * MIB, 900 * MIB);
	/* The footprint of the step is known all the same. */
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_uint_eq(slurm->compared, 60 * MIB);
	/* More tasks may come. */
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(a_list_that_is_never_the_steps_is_logged_once)
{
	const struct exact_step step = { &figures, 3, 5, 0, NULL, log_line };
	const uint32_t lists[][2] = { { 2, 5 }, { 4, 5 }, { 3, 4 } };

	slurm->conf->job_acct_oom_kill = 0;
	for (size_t i = 0; i < COUNT(lists); i++) {
		ck_assert_int_eq(exact->take(&step, why), 0);
		slurm->poll(&list);
		ck_assert_str_eq(logged, "");
		tasks_launch(lists[i][0], lists[i][1]);
		sample_tell(3, 5, 0);
		slurm->poll(&list);
		assert_task(0, 900 * MIB, 900 * MIB);
		ck_assert_ptr_nonnull(strstr(logged, "MaxRSS stays Slurm's own"));
		*logged = '\0';
		slurm->poll(&list);
		ck_assert_str_eq(logged, "");
		while (list.n)
			slurm->destroy(list.infos[--list.n]);
		ck_assert_int_eq(exact->give_back(), 0);
	}
}
END_TEST

START_TEST(a_task_without_figures_keeps_slurms)
{
	ck_assert_int_eq(take(3, 0), 0);
	tasks_launch(3, 0);
	sample_tell(2, 0, 0);
	sample.tasks[1].now = sample.tasks[1].peak = UNKNOWN;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	assert_task(1, 900 * MIB, 900 * MIB);
	assert_task(2, 900 * MIB, 900 * MIB);
}
END_TEST

START_TEST(arrays_that_are_missing_are_left_out)
{
	ck_assert_int_eq(take(1, 0), 0);
	slurm->shape.broken_to = 0;
	for (slurm->shape.broken = 0; slurm->shape.broken < 7; slurm->shape.broken++) {
		tasks_launch(1, 0);
		sample_tell(1, 0, 0);
		slurm->poll(&list);
		/* Nothing is written without the id of the task, and all figures or none. */
		if (slurm->shape.broken == 2 || slurm->shape.broken % 3 == 0)
			assert_task(0, 900 * MIB, 900 * MIB);
		else
			assert_task(0, 10 * MIB, 20 * MIB);
		slurm->destroy(list.infos[0]);
		list.n = 0;
	}
	ck_assert_uint_eq(slurm->polls, 7);
}
END_TEST

START_TEST(a_silent_raypssd_kills_nobody)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 2 * FRESH_NS);
	slurm->poll(&list);
	/* The last figures stay, but are not compared. */
	assert_task(0, 10 * MIB, 20 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 0);
	ck_assert_ptr_nonnull(strstr(logged, "OverMemoryKill does not act"));
	*logged = '\0';
	slurm->poll(&list);
	ck_assert_str_eq(logged, "");
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_ptr_nonnull(strstr(logged, "OverMemoryKill acts"));
}
END_TEST

START_TEST(a_raypssd_that_never_tells_is_logged)
{
	const struct exact_step step = { &figures, 1, 0, 0, NULL, log_line };

	tasks_launch(1, 0);
	/* Each time that we take over. */
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(exact->take(&step, why), 0);
		slurm->poll(&list);
		ck_assert_ptr_nonnull(strstr(logged, "OverMemoryKill does not act"));
		*logged = '\0';
		ck_assert_uint_eq(slurm->comparisons, 0);
		ck_assert_int_eq(exact->give_back(), 0);
	}
}
END_TEST

START_TEST(samples_from_before_taking_over_do_not_count)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_int_eq(exact->give_back(), 0);
	memset(&figures, 0, sizeof(figures));
	ck_assert_int_eq(take(1, 0), 0);
	slurm->poll(&list);
	assert_task(0, 900 * MIB, 900 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 1);
}
END_TEST

START_TEST(a_sample_of_the_future_is_not_fresh)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	sample.at_ns = UINT64_MAX;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->comparisons, 0);
}
END_TEST

START_TEST(impossible_figures_are_not_used)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	sample.tasks[0].peak = UINT64_C(1) << 60;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	sample.tasks_n = 0;
	task_figures_write(&figures, &sample);
	figures.samples[0].tasks_n = figures.samples[1].tasks_n = UINT32_MAX;
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
}
END_TEST

START_TEST(without_over_memory_kill_nothing_is_compared)
{
	slurm->conf->job_acct_oom_kill = 0;
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	sample_tell(1, 0, 2 * FRESH_NS);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 0);
	ck_assert_str_eq(logged, "");
	ck_assert_int_eq(exact->give_back(), 0);
	ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, 0);
}
END_TEST

START_TEST(more_tasks_in_the_list_than_launched_stay_as_they_are)
{
	ck_assert_int_eq(take(TASK_FIGURES_MAX, 0), 0);
	tasks_launch(TASK_FIGURES_MAX, 0);
	sample_tell(TASK_FIGURES_MAX, 0, 0);
	for (uint32_t i = 0; i < TASK_FIGURES_MAX; i++)
		sample.tasks[i].now = sample.tasks[i].peak = MIB;
	sample.footprint = GIB;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, MIB, MIB);
	assert_task(TASK_FIGURES_MAX - 1, MIB, MIB);
	/* An array too small would be written beyond its end. */
	while (list.n)
		slurm->destroy(list.infos[--list.n]);
	tasks_launch(TASK_FIGURES_MAX + 500, 0);
	slurm->poll(&list);
	assert_task(0, 900 * MIB, 900 * MIB);
	assert_task(TASK_FIGURES_MAX - 1, 900 * MIB, 900 * MIB);
	/* The first 500 end. */
	while (list.n > TASK_FIGURES_MAX)
		slurm->destroy(list.infos[--list.n]);
	slurm->poll(&list);
	ck_assert_uint_eq(*value(0, 6), MIB);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("exact_poll");

	tcase_add_checked_fixture(c, slurmstepd_start, slurmstepd_end);
	tcase_add_test(c, each_task_has_its_own_figures);
	tcase_add_test(c, figures_are_whole_kib);
	tcase_add_test(c, virtual_memory_is_compared_too);
	tcase_add_test(c, task_ids_may_be_shifted);
	tcase_add_test(c, a_list_that_is_not_complete_stays_as_it_is);
	tcase_add_test(c, a_list_that_is_never_the_steps_is_logged_once);
	tcase_add_test(c, a_task_without_figures_keeps_slurms);
	tcase_add_test(c, arrays_that_are_missing_are_left_out);
	tcase_add_test(c, a_silent_raypssd_kills_nobody);
	tcase_add_test(c, a_raypssd_that_never_tells_is_logged);
	tcase_add_test(c, samples_from_before_taking_over_do_not_count);
	tcase_add_test(c, a_sample_of_the_future_is_not_fresh);
	tcase_add_test(c, impossible_figures_are_not_used);
	tcase_add_test(c, without_over_memory_kill_nothing_is_compared);
	tcase_add_test(c, more_tasks_in_the_list_than_launched_stay_as_they_are);
	return unit_run();
}
