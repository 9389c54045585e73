/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's library is linked into this program, as with configure --without-shared-libslurm. */
#include <errno.h>
#include <string.h>

#include "plugin/spank/exact/exact.h"
#include "tests/unit/plugin/fake_slurm.h"
#include "tests/unit/unit.h"

START_TEST(a_slurm_without_a_library_of_its_own_is_refused)
{
	const struct exact_step step = { .tasks = 1 };
	char why[EXACT_WHY] = "";

	fake_slurm()->conf->job_acct_oom_kill = 1;
	ck_assert(!exact_possible(1, why));
	ck_assert_str_eq(why, "Slurm's library is linked into slurmstepd");
	ck_assert_int_eq(exact_take(&step, why), -ENOTSUP);
	ck_assert_int_eq(exact_give_back(), 0);
	ck_assert_uint_eq(fake_slurm()->conf->job_acct_oom_kill, 1);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("exact_static");

	tcase_add_test(c, a_slurm_without_a_library_of_its_own_is_refused);
	return unit_run();
}
