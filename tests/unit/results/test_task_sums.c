/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of one name over nodes and steps: those of all histograms together. */
#include <string.h>

#include "account/account.h"
#include "base/units.h"
#include "results/record.h"
#include "results/record_lists.h"
#include "results/task_sums.h"
#include "tests/unit/unit.h"

static struct task_sums sums;
static struct account a;
static struct step_info facts;

static void begin(void)
{
	sums = (struct task_sums){ 0 };
	account_init(&a, UNKNOWN, NS_PER_S);
	facts = (struct step_info){ .in_slurm = true, .job = 7, .step = "0", .nodes = 1 };
}

static void end(void)
{
	task_sums_clear(&sums);
}

/* The member tasks of a record in which a process of the name held size for seconds. */
static json_t *tasks_of(const char *name, uint64_t size, uint64_t seconds)
{
	const struct record r = { &facts, &a, &a.peak, NULL };
	struct account_profile *p = &a.profiles[0];

	memset(p, 0, sizeof(*p));
	strcpy(p->name, name);
	p->role = ROLE_TASK;
	p->processes = 2;
	usage_add(&p->private, size, 1000 * seconds);
	usage_add(&p->together, 2 * size, 1000 * seconds);
	a.profiles_n = 1;
	return record_tasks(&r);
}

static void add(const char *name, uint64_t size, uint64_t seconds)
{
	json_t *tasks = tasks_of(name, size, seconds);

	task_sums_add(&sums, tasks);
	json_decref(tasks);
}

static void is_near(uint64_t value, uint64_t expected)
{
	ck_assert_msg(
		(double)value > 0.91 * (double)expected && (double)value < 1.09 * (double)expected,
		"%llu instead of %llu", (unsigned long long)value, (unsigned long long)expected);
}

START_TEST(quantiles_are_of_all_nodes_together)
{
	/* One node in twenty-five is large: it must not decide p50 and p95. */
	for (int i = 0; i < 24; i++)
		add("load", 100 * MIB, 10);
	add("load", 900 * MIB, 10);
	ck_assert_uint_eq(sums.n, 1);
	ck_assert_uint_eq(sums.list[0].processes, 50);
	ck_assert_uint_eq(sums.list[0].private.peak, 900 * MIB);
	ck_assert_uint_eq(sums.list[0].together, 1800 * MIB);
	ck_assert_uint_eq(usage_mean(&sums.list[0].private), 132 * MIB);
	is_near(usage_quantile(&sums.list[0].private, 0.5), 100 * MIB);
	is_near(usage_quantile(&sums.list[0].private, 0.95), 100 * MIB);
}
END_TEST

/* Whoever reads p50 and p95 of one record has the same figures as who computes them anew. */
START_TEST(quantiles_of_one_record_are_those_in_it)
{
	static const double parts[] = { 0.5, 0.95 };
	static const char *const names[] = { "p50", "p95" };

	for (uint64_t size = 50 * KIB; size < 100 * GIB; size = size * 13 / 9) {
		json_t *tasks = tasks_of("load", size, 60), *private;

		usage_add(&a.profiles[0].private, size / 3, 61000);
		json_decref(tasks);
		tasks = record_tasks(&(const struct record){ &facts, &a, &a.peak, NULL });
		private = json_object_get(json_array_get(tasks, 0), "private");
		task_sums_add(&sums, tasks);
		for (int i = 0; i < 2; i++)
			ck_assert_uint_eq(usage_quantile(&sums.list[0].private, parts[i]),
				(uint64_t)json_integer_value(json_object_get(private, names[i])));
		json_decref(tasks);
		task_sums_clear(&sums);
	}
}
END_TEST

START_TEST(time_is_the_weight)
{
	add("load", 100 * MIB, 30);
	add("load", 500 * MIB, 10);
	ck_assert_uint_eq(usage_mean(&sums.list[0].private), 200 * MIB);
	is_near(usage_quantile(&sums.list[0].private, 0.95), 500 * MIB);
}
END_TEST

START_TEST(each_bucket_stays_what_it_was)
{
	struct usage expected = { 0 };

	/* Sizes in the middle, at and just below the edges of buckets. */
	for (uint64_t size = 1; size < 64 * GIB; size += size / 7 + 1)
		usage_add(&expected, size, 1000);
	for (unsigned bit = 10; bit < 40; bit++)
		usage_add(&expected, UINT64_C(1) << bit, 1000);
	a.profiles[0] =
		(struct account_profile){ .name = "x", .processes = 1, .private = expected };
	a.profiles_n = 1;
	json_t *tasks = record_tasks(&(struct record){ &facts, &a, &a.peak, NULL });
	task_sums_add(&sums, tasks);
	json_decref(tasks);
	ck_assert_mem_eq(sums.list[0].private.buckets, expected.buckets, sizeof(expected.buckets));
	ck_assert_uint_eq(sums.list[0].private.weight, expected.weight);
	ck_assert_uint_eq(sums.list[0].private.peak, expected.peak);
}
END_TEST

START_TEST(a_name_of_two_kinds_is_two)
{
	json_t *tasks = tasks_of("fit", GIB, 1), *actor = json_deep_copy(tasks);

	json_object_set_new(json_array_get(actor, 0), "kind", json_string("actor"));
	task_sums_add(&sums, tasks);
	task_sums_add(&sums, actor);
	ck_assert_uint_eq(sums.n, 2);
	json_decref(tasks);
	json_decref(actor);
}
END_TEST

START_TEST(records_of_old_releases_have_sums_alone)
{
	json_t *old = json_pack("[{s:s, s:s, s:i, s:i, s:i}]", "name", "fit", "kind", "actor",
		"processes", 3, "p95", 5, "peak", 7);

	task_sums_add(&sums, old);
	ck_assert_uint_eq(sums.list[0].together, 7);
	ck_assert_uint_eq(sums.list[0].is_measured, 0);
	json_decref(old);
}
END_TEST

START_TEST(the_greatest_sums_stand_first)
{
	add("small", MIB, 1);
	add("great", GIB, 1);
	task_sums_sort(&sums);
	ck_assert_str_eq(sums.list[0].name, "great");
}
END_TEST

START_TEST(what_is_no_list_of_tasks_does_no_harm)
{
	static const char *const texts[] = { "null", "{}", "[]", "[null]", "[1, \"x\", []]",
		"[{\"name\": 1, \"private\": {\"peak\": -1}}]",
		"[{\"private\": {\"peak\": 1, \"histogram\": 7}}]",
		("[{\"private\": {\"peak\": 1, \"avg\": 9223372036854775807, \"histogram\": "
		 "[{\"bytes\": 9223372036854775807, \"seconds\": 1e300}, {\"seconds\": -1}]}}]") };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *tasks = json_loads(texts[i], JSON_DECODE_ANY, NULL);

		ck_assert_ptr_nonnull(tasks);
		task_sums_add(&sums, tasks);
		json_decref(tasks);
	}
	task_sums_add(&sums, NULL);
	for (size_t i = 0; i < sums.n; i++)
		ck_assert_uint_le(usage_mean(&sums.list[i].private), UINT64_C(1) << 63);
}
END_TEST

START_TEST(names_are_bounded_in_number)
{
	char name[32];

	for (int i = 0; i < TASK_SUMS_MOST + 3; i++) {
		snprintf(name, sizeof(name), "task-%d", i);
		add(name, MIB, 1);
	}
	ck_assert_uint_eq(sums.n, TASK_SUMS_MOST);
	ck_assert_uint_eq(sums.left_out, 3);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("task sums");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, quantiles_are_of_all_nodes_together);
	tcase_add_test(tc, quantiles_of_one_record_are_those_in_it);
	tcase_add_test(tc, time_is_the_weight);
	tcase_add_test(tc, each_bucket_stays_what_it_was);
	tcase_add_test(tc, a_name_of_two_kinds_is_two);
	tcase_add_test(tc, records_of_old_releases_have_sums_alone);
	tcase_add_test(tc, the_greatest_sums_stand_first);
	tcase_add_test(tc, what_is_no_list_of_tasks_does_no_harm);
	tcase_add_test(tc, names_are_bounded_in_number);
	return unit_run();
}
