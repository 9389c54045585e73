/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "plugin/common/task_figures.h"
#include "tests/unit/unit.h"

#define MOST (4 * GIB)

static struct task_figures figures;
static struct task_sample sample, got;

static void fill(uint32_t n, uint64_t bytes)
{
	sample = (struct task_sample){ .at_ns = 7, .footprint = bytes, .tasks_n = n };
	for (uint32_t i = 0; i < n; i++)
		sample.tasks[i] = (struct task_figure){ .task = i, .now = bytes, .peak = bytes };
}

static int read_back(void)
{
	memset(&got, 0x55, sizeof(got));
	return task_figures_read(&figures, MOST, &got);
}

START_TEST(what_was_written_is_read)
{
	const uint32_t counts[] = { 0, 1, 3, TASK_FIGURES_MAX };

	memset(&figures, 0, sizeof(figures));
	ck_assert_int_eq(read_back(), -ENODATA);
	for (size_t i = 0; i < COUNT(counts); i++) {
		fill(counts[i], i * MIB);
		task_figures_write(&figures, &sample);
		ck_assert_int_eq(read_back(), 0);
		ck_assert_uint_eq(got.tasks_n, counts[i]);
		ck_assert_uint_eq(got.footprint, i * MIB);
		ck_assert_mem_eq(got.tasks, sample.tasks, counts[i] * sizeof(*got.tasks));
	}
}
END_TEST

START_TEST(the_counter_skips_0)
{
	memset(&figures, 0, sizeof(figures));
	atomic_store(&figures.written, UINT32_MAX);
	fill(1, MIB);
	task_figures_write(&figures, &sample);
	ck_assert_int_eq(read_back(), 0);
	ck_assert_uint_eq(got.tasks[0].now, MIB);
}
END_TEST

START_TEST(figures_that_cannot_be_are_refused)
{
	const struct {
		const char *what;
		uint64_t footprint, now, peak;
		uint32_t tasks_n;
		int rc;
	} rows[] = {
		{ "all of the node", MOST, MOST, MOST, 2, 0 },
		{ "nothing", 0, 0, 0, 2, 0 },
		{ "not known", 0, UNKNOWN, UNKNOWN, 2, 0 },
		{ "footprint above the node", MOST + 1, 0, 0, 2, -EINVAL },
		{ "footprint not known", UNKNOWN, 0, 0, 2, -EINVAL },
		{ "peak above the node", 0, 0, MOST + 1, 2, -EINVAL },
		{ "now above the node", 0, MOST + 1, MOST + 1, 2, -EINVAL },
		{ "now above peak", 0, 2, 1, 2, -EINVAL },
		{ "peak not known", 0, 1, UNKNOWN, 2, -EINVAL },
		{ "now not known", 0, UNKNOWN, 1, 2, -EINVAL },
		{ "too many tasks", 0, 0, 0, TASK_FIGURES_MAX + 1, -EINVAL },
		{ "far too many tasks", 0, 0, 0, UINT32_MAX, -EINVAL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct task_sample *s = &figures.samples[1];

		memset(&figures, 0, sizeof(figures));
		s->footprint = rows[i].footprint;
		s->tasks_n = rows[i].tasks_n;
		s->tasks[1].now = rows[i].now;
		s->tasks[1].peak = rows[i].peak;
		atomic_store(&figures.written, 1);
		SAME(rows[i].what, read_back(), rows[i].rc);
	}
}
END_TEST

static atomic_bool stop;

/* All figures of a sample are the same number, so that a mixture shows. */
static void *write_on(void *arg)
{
	static struct task_sample mine;

	mine.tasks_n = 64;
	for (uint64_t n = 1; !atomic_load(&stop); n++) {
		mine.footprint = n % MOST;
		for (uint32_t i = 0; i < mine.tasks_n; i++)
			mine.tasks[i].now = mine.tasks[i].peak = mine.footprint;
		task_figures_write(&figures, &mine);
	}
	return arg;
}

START_TEST(a_sample_is_never_a_mixture)
{
	/* valgrind lets one thread run at a time, for long. */
	const unsigned enough = unit_under_valgrind() ? 100 : 20000;
	pthread_t writer;
	unsigned whole = 0, mixed = 0;

	memset(&figures, 0, sizeof(figures));
	atomic_store(&stop, false);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_on, NULL), 0);
	while (whole < enough) {
		if (read_back())
			continue;
		for (uint32_t i = 0; i < got.tasks_n; i++)
			mixed += got.tasks[i].now != got.footprint;
		whole++;
	}
	ck_assert_uint_eq(mixed, 0);
	atomic_store(&stop, true);
	pthread_join(writer, NULL);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("task_figures");

	tcase_add_test(c, what_was_written_is_read);
	tcase_add_test(c, the_counter_skips_0);
	tcase_add_test(c, figures_that_cannot_be_are_refused);
	tcase_add_test(c, a_sample_is_never_a_mixture);
	return unit_run();
}
