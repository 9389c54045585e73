/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tasks read in memory.current and memory.stat without a cgroup v2 of their own. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "plugin/raypssd/limits_files.h"
#include "tests/unit/unit.h"

static struct look look_of(enum look_source source)
{
	struct look look = { .source = source, .sample = sample_unknown(1) };

	look.sample.processes = 1;
	look.sample.private = 100 * MIB;
	look.sample.shared = 40 * MIB;
	look.sample.kernel = 2 * MIB;
	look.sample.file = 30 * MIB;
	return look;
}

static uint64_t figure(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	uint64_t value;

	ck_assert_msg(at && sscanf(at + strlen(key), " %" SCNu64, &value) == 1, "%s", text);
	return value;
}

START_TEST(mapped_files_are_in_use_where_slurm_counts_them)
{
	struct look look = look_of(SOURCE_PROCFS);
	char buf[LIMITS_TEXT];

	limits_current_text(&look, buf);
	ck_assert_uint_eq(figure(buf, ""), 172 * MIB);
	limits_stat_text(&look, buf);
	ck_assert_uint_eq(figure(buf, "anon"), 100 * MIB);
	ck_assert_uint_eq(figure(buf, "file"), 70 * MIB);
	ck_assert_uint_eq(figure(buf, "shmem"), 40 * MIB);
	ck_assert_uint_eq(figure(buf, "kernel"), 2 * MIB);
	ck_assert_uint_eq(figure(buf, "inactive_file"), 0);
	ck_assert_uint_eq(figure(buf, "active_file"), 0);
}
END_TEST

START_TEST(page_cache_of_a_cgroup_can_be_dropped)
{
	struct look look = look_of(SOURCE_CGROUP);
	char buf[LIMITS_TEXT];

	limits_current_text(&look, buf);
	ck_assert_uint_eq(figure(buf, ""), 172 * MIB);
	limits_stat_text(&look, buf);
	ck_assert_uint_eq(figure(buf, "inactive_file"), 30 * MIB);
}
END_TEST

START_TEST(the_lengths_stay_whatever_is_known)
{
	struct look some = look_of(SOURCE_PROCFS), none = { .sample = sample_unknown(1) };
	char buf[LIMITS_TEXT];
	size_t current = limits_current_text(&some, buf), stat = limits_stat_text(&some, buf);

	some.sample.private = UINT64_MAX / 2;
	ck_assert_uint_eq(limits_current_text(&some, buf), current);
	ck_assert_uint_eq(limits_stat_text(&some, buf), stat);
	ck_assert_uint_eq(limits_stat_text(&none, buf), stat);
	ck_assert_uint_eq(figure(buf, "anon"), 0);
	ck_assert_uint_eq(limits_current_text(&none, buf), current);
	ck_assert_str_eq(buf, "0                   \n");
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("limits_files");

	tcase_add_test(tc, mapped_files_are_in_use_where_slurm_counts_them);
	tcase_add_test(tc, page_cache_of_a_cgroup_can_be_dropped);
	tcase_add_test(tc, the_lengths_stay_whatever_is_known);
	return unit_run();
}
