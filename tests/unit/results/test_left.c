/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bounds left out of a record, what looks did not see, and what a step leaves in memory. */
#include <string.h>

#include "base/units.h"
#include "results/job_step.h"
#include "results/record.h"
#include "results/record_line.h"
#include "tests/unit/unit.h"

static struct account a;
static struct step_info facts;
static struct look seen;

static void begin(void)
{
	account_init(&a, UNKNOWN, NS_PER_S);
	facts = (struct step_info){ .in_slurm = true, .job = 7, .step = "0", .nodes = 1 };
	seen = (struct look){ .limit = UNKNOWN, .bound = UNKNOWN, .left.bytes = UNKNOWN };
}

static void look(uint64_t at_s, uint64_t private)
{
	uint32_t unmeasured = seen.sample.unmeasured;

	seen.sample = sample_unknown(at_s * NS_PER_S);
	seen.sample.unmeasured = unmeasured;
	seen.sample.processes = 1;
	seen.sample.private = private;
	seen.at_ns = seen.sample.at_ns;
	account_add(&a, &seen);
}

static json_t *member(const char *name)
{
	json_t *record = record_json(&facts, &a, NULL), *found = json_object_get(record, name);

	json_incref(found);
	json_decref(record);
	return found;
}

static void line_has(const char *text, bool has)
{
	char line[512];

	record_line(&facts, &a, line, sizeof(line));
	ck_assert_msg(!strstr(line, text) == !has, "%s", line);
}

START_TEST(a_full_table_is_said_for_good)
{
	json_t *list;

	look(2, GIB);
	ck_assert(account_is_complete(&a));
	line_has("at least", false);
	seen.left_out.objects = 12;
	look(3, MIB);
	seen.left_out.objects = 0;
	look(4, 2 * GIB);
	ck_assert(!account_is_complete(&a));
	line_has("peak at least 2.00 GiB", true);
	a.source = SOURCE_CGROUP;
	line_has("at least", false);
	a.source = SOURCE_PROCFS;
	list = member("left_out");
	ck_assert_uint_eq(json_array_size(list), 1);
	ck_assert_str_eq(
		json_string_value(json_object_get(json_array_get(list, 0), "what")), "objects");
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(list, 0), "count")), 12);
	json_decref(list);
}
END_TEST

START_TEST(what_a_look_did_not_see_another_near_the_peak_may_see)
{
	seen.left_out.scans = 3;
	look(2, GIB);
	ck_assert(!account_is_complete(&a));
	seen.left_out.scans = 0;
	look(3, MIB); /* far from the peak */
	ck_assert(!account_is_complete(&a));
	look(4, GIB);
	ck_assert(account_is_complete(&a));
	seen.left_out.scans = 1;
	look(5, GIB);
	ck_assert(account_is_complete(&a));
}
END_TEST

/* A later look may find out what it was, or be itself the peak. */
START_TEST(what_nobody_could_measure_may_have_been_the_peak)
{
	look(2, GIB);
	seen.left_out.scans = 1;
	look(3, MIB);
	ck_assert(account_is_complete(&a));
	seen.sample.unmeasured = 1;
	look(4, MIB);
	ck_assert(!account_is_complete(&a));
	line_has("peak at least 1.00 GiB", true);
	seen.sample.unmeasured = 0;
	seen.left_out.scans = 0;
	look(5, MIB);
	ck_assert(!account_is_complete(&a));
	look(6, 2 * GIB);
	ck_assert(account_is_complete(&a));
}
END_TEST

START_TEST(memory_of_nobody_makes_the_peak_a_lower_bound)
{
	look(2, GIB);
	a.peak.unheld = 0;
	line_has("at least", false);
	a.peak.unheld = MIB;
	line_has("at least", true);
}
END_TEST

START_TEST(what_is_left_is_known_at_the_end_only)
{
	json_t *left, *objects;

	look(2, GIB);
	left = member("left");
	ck_assert(json_is_null(left));
	objects = member("left_objects");
	ck_assert(json_is_null(objects));
	line_has("leaves", false);

	seen.left = (struct look_left){ .bytes = 0 };
	look(3, GIB);
	left = member("left");
	ck_assert_int_eq(json_integer_value(left), 0);
	json_decref(left);
	objects = member("left_objects");
	ck_assert_uint_eq(json_array_size(objects), 0);
	json_decref(objects);
	line_has("leaves", false);

	seen.left = (struct look_left){ .bytes = 48 * MIB, .count = 2, .greatest_n = 2 };
	seen.left.greatest[0] = (struct look_left_object){ 32 * MIB, 5, LEFT_FILE, "/dev/shm/x" };
	seen.left.greatest[1] = (struct look_left_object){ 16 * MIB, 0, LEFT_SYSV, "" };
	look(4, GIB);
	line_has("leaves 48.0 MiB in shared memory", true);
	objects = member("left_objects");
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(objects, 0), "name")),
		"/dev/shm/x");
	ck_assert_str_eq(
		json_string_value(json_object_get(json_array_get(objects, 1), "kind")), "sysv");
	json_decref(objects);
}
END_TEST

START_TEST(the_field_of_the_job_has_what_is_left_unless_it_is_nothing)
{
	struct job_node node;
	struct job_step step, more;
	struct job_steps steps = { .steps = &step, .n = 1 }, again;
	json_t *json;

	look(2, GIB);
	a.left.bytes = 0;
	job_node_of(&facts, &a, &node);
	step = job_step_of(&node);
	json = job_steps_json(&steps);
	ck_assert_ptr_null(json_object_get(json_object_get(json, "0"), "left"));
	json_decref(json);

	a.left.bytes = MIB;
	job_node_of(&facts, &a, &node);
	more = job_step_of(&node);
	job_step_add(&step, &more);
	job_step_add(&step, &more);
	json = job_steps_json(&steps);
	ck_assert_int_eq(
		json_integer_value(json_object_get(json_object_get(json, "0"), "left")), 2 * MIB);
	ck_assert_int_eq(job_steps_read(json, &again), 0);
	ck_assert_uint_eq(again.steps[0].left, 2 * MIB);
	job_steps_clear(&again);
	json_decref(json);
}
END_TEST

START_TEST(a_list_from_a_shared_block_is_checked)
{
	ck_assert(account_is_sane(&a));
	a.left.greatest_n = LOOK_LEFT + 1;
	ck_assert(!account_is_sane(&a));
	a.left.greatest_n = 1;
	memset(a.left.greatest[0].name, 'x', LEFT_NAME);
	ck_assert(!account_is_sane(&a));
	a.left.greatest[0].name[1] = '\0';
	ck_assert(account_is_sane(&a));
	a.left.greatest[0].kind = LEFT_SYSV + 1;
	ck_assert(!account_is_sane(&a));
}
END_TEST

START_TEST(what_no_look_saw_is_in_the_bound)
{
	look(2, GIB);
	a.bound = 3 * GIB;
	SAME("what looks saw", record_bound(&facts, &a), 3 * GIB);
	facts.tasks = 4;
	facts.task_rss = 5 * GIB;
	SAME("no task need have had it", record_bound(&facts, &a), 3 * GIB);
	facts.task_had_rss = true;
	SAME("a task had it", record_bound(&facts, &a), 5 * GIB);
	a.bound = 6 * GIB;
	SAME("less than what looks saw", record_bound(&facts, &a), 6 * GIB);
	line_has("only seen since Ray was found", false);
	facts.begun_late = true;
	SAME("what ended before the first look", record_bound(&facts, &a), UNKNOWN);
	line_has("only seen since Ray was found", true);
	a.source = SOURCE_CGROUP;
	a.bound = 4 * GIB;
	SAME("the group's counter has it", record_bound(&facts, &a), 4 * GIB);
}
END_TEST

START_TEST(a_step_whose_program_no_look_saw_has_a_bound)
{
	seen.bound = 64 * KIB;
	look(2, 16 * KIB);
	a.peak.rss = 0;
	facts.tasks = 4;
	facts.task_rss = 5 * GIB;
	SAME("for each task", record_bound(&facts, &a), 20 * GIB + 64 * KIB);
	line_has("ended before a sample of its program, which had at most 20.0 GiB", true);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("left");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_full_table_is_said_for_good);
	tcase_add_test(tc, what_a_look_did_not_see_another_near_the_peak_may_see);
	tcase_add_test(tc, what_nobody_could_measure_may_have_been_the_peak);
	tcase_add_test(tc, what_no_look_saw_is_in_the_bound);
	tcase_add_test(tc, a_step_whose_program_no_look_saw_has_a_bound);
	tcase_add_test(tc, memory_of_nobody_makes_the_peak_a_lower_bound);
	tcase_add_test(tc, what_is_left_is_known_at_the_end_only);
	tcase_add_test(tc, the_field_of_the_job_has_what_is_left_unless_it_is_nothing);
	tcase_add_test(tc, a_list_from_a_shared_block_is_checked);
	return unit_run();
}
