/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/procfs/process_table.h"
#include "tests/unit/unit.h"

enum { LIMIT = 16384 };

START_TEST(a_new_entry_knows_its_pid_and_nothing_else)
{
	struct process_table *t = process_table_create(2);
	struct process *p = process_add(t, 42);

	memset(p->row, 0xff, sizeof(*p->row));
	memset((char *)p + offsetof(struct process, seen_ns), 0xff,
		sizeof(*p) - offsetof(struct process, seen_ns));
	p->statm_fd = -1;
	process_remove(t, p);
	p = process_add(t, 43);
	ck_assert_int_eq(p->pid, 43);
	ck_assert_int_eq(p->statm_fd, -1);
	ck_assert_int_eq(p->row->pid, 43);
	ck_assert_uint_eq(p->row->pss, UNKNOWN);
	ck_assert_uint_eq(p->row->uss, UNKNOWN);
	ck_assert_uint_eq(p->row->pss_at_ns, UNKNOWN);
	ck_assert(!p->row->rss && !p->row->start && !p->row->title[0] && !p->forked &&
		!p->scan.at_ns);
	process_table_destroy(t);
}
END_TEST

START_TEST(a_full_table_says_so_and_has_room_again_after_a_removal)
{
	struct process_table *t = process_table_create(100);

	for (pid_t pid = 1; pid <= 100; pid++)
		ck_assert_ptr_nonnull(process_add(t, pid));
	ck_assert_ptr_null(process_add(t, 101));
	ck_assert_uint_eq(process_count(t), 100);
	process_remove(t, process_find(t, 50));
	ck_assert_ptr_nonnull(process_add(t, 101));
	ck_assert_ptr_null(process_find(t, 50));
	process_table_destroy(t);
}
END_TEST

START_TEST(removing_closes_the_descriptor)
{
	struct process_table *t = process_table_create(2);
	int fd = open("/dev/null", O_RDONLY), other = open("/dev/null", O_RDONLY);

	process_add(t, 1)->statm_fd = fd;
	process_add(t, 2)->statm_fd = other;
	process_remove(t, process_find(t, 1));
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_assert_int_ge(fcntl(other, F_GETFD), 0);
	process_table_destroy(t);
	ck_assert_int_eq(fcntl(other, F_GETFD), -1);
}
END_TEST

START_TEST(the_last_entry_takes_the_place_of_a_removed_one)
{
	struct process_table *t = process_table_create(8);

	for (pid_t pid = 1; pid <= 3; pid++)
		process_add(t, pid)->row->rss = (uint64_t)pid * 10;
	process_remove(t, process_at(t, 0));
	ck_assert_uint_eq(process_count(t), 2);
	ck_assert_int_eq(process_at(t, 0)->pid, 3);
	ck_assert_ptr_eq(process_find(t, 3), process_at(t, 0));
	ck_assert_uint_eq(process_find(t, 3)->row->rss, 30);
	ck_assert_uint_eq(process_find(t, 2)->row->rss, 20);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_ptr_eq(process_at(t, i)->row, &process_rows(t)[i]);
		ck_assert_int_eq(process_rows(t)[i].pid, process_at(t, i)->pid);
	}
	process_table_destroy(t);
}
END_TEST

START_TEST(a_title_has_a_hash_of_its_own)
{
	static const char *const titles[] = { "", "a", "b", "ab", "ba", "ray::f()", "ray::g()",
		"ray::f() " };
	struct process_table *t = process_table_create(COUNT(titles));
	struct look_process *rows;

	for (size_t i = 0; i < COUNT(titles); i++)
		process_title(t, process_add(t, (pid_t)(i + 1)), titles[i], strlen(titles[i]));
	rows = process_rows(t);
	for (size_t i = 0; i < COUNT(titles); i++)
		for (size_t k = 0; k < COUNT(titles); k++)
			SAME(titles[i], rows[i].title_hash == rows[k].title_hash, i == k);
	process_title(t, process_at(t, 0), "ab", 2);
	SAME("equal titles", rows[0].title_hash, rows[3].title_hash);
	process_table_destroy(t);
}
END_TEST

/* Every pid of 0 to span is in the table exactly where the model says so. */
static void agrees(const struct process_table *t, const bool *model, unsigned span, pid_t stride)
{
	unsigned count = 0;

	for (unsigned i = 0; i < span; i++) {
		pid_t pid = (pid_t)(i + 1) * stride;
		struct process *p = process_find(t, pid);

		/* Each ck_assert writes to a pipe: too slow for so many. */
		if (!!p != model[i] ||
			(p && (p->pid != pid || p->row->start != i || p->row->pid != pid)))
			ck_abort_msg("pid %d is %s", pid, p ? "there or another" : "lost");
		count += p != NULL;
	}
	ck_assert_uint_eq(process_count(t), count);
}

static const struct {
	const char *what;
	unsigned span, changes;
	pid_t stride;
} mixes[] = {
	{ "neighbours", 300, 20000, 1 },
	{ "thousands", 12000, 60000, 1 },
	/* Multiples of twice the capacity fall into one slot: one long probe sequence. */
	{ "all in one slot", 100, 20000, 32768 },
	{ "in few slots", 200, 20000, 64 },
	{ "the greatest pids", 500, 20000, 4194304 },
};

START_TEST(any_mix_of_adding_and_removing_leaves_the_others_to_be_found)
{
	for (size_t k = 0; k < COUNT(mixes); k++) {
		struct process_table *t = process_table_create(LIMIT);
		bool *model = calloc(mixes[k].span, sizeof(*model));

		for (unsigned n = 0; n < mixes[k].changes; n++) {
			unsigned i = unit_random() % mixes[k].span;
			pid_t pid = (pid_t)(i + 1) * mixes[k].stride;

			if (model[i])
				process_remove(t, process_find(t, pid));
			else
				process_add(t, pid)->row->start = i;
			model[i] = !model[i];
			if (n % (mixes[k].changes / 50) == 0)
				agrees(t, model, mixes[k].span, mixes[k].stride);
		}
		agrees(t, model, mixes[k].span, mixes[k].stride);
		free(model);
		process_table_destroy(t);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("process");

	tcase_add_test(tc, a_new_entry_knows_its_pid_and_nothing_else);
	tcase_add_test(tc, a_full_table_says_so_and_has_room_again_after_a_removal);
	tcase_add_test(tc, removing_closes_the_descriptor);
	tcase_add_test(tc, the_last_entry_takes_the_place_of_a_removed_one);
	tcase_add_test(tc, a_title_has_a_hash_of_its_own);
	tcase_add_test(tc, any_mix_of_adding_and_removing_leaves_the_others_to_be_found);
	return unit_run();
}
