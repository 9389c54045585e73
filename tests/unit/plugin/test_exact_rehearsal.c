/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer for a node, with a fake of Slurm's library. The child inherits what a test sets. */
#include "plugin/spank/exact/exact_rehearsal.h"

#include <string.h>

#include "base/units.h"
#include "tests/unit/plugin/exact_rig.h"
#include "tests/unit/unit.h"

/* Longer than a busy machine takes for an answer. */
#define LONG_NS (60 * NS_PER_S)

#define LIBRARY MODULES "/fake_slurm.so"

static void assert_answer(enum exact_answer got, enum exact_answer want, const char *reason)
{
	ck_assert_msg(got == want, "%d: %s", (int)got, why);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_ptr_null(strchr(why, '\n'));
	assert_as_before();
	ck_assert_uint_eq(slurm->specimens, 0);
}

START_TEST(a_usual_slurm_is_taken)
{
	assert_answer(exact_rehearse_library(LIBRARY, LONG_NS, why), EXACT_TAKEN, "");
	ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(what_exact_take_refuses_is_refused)
{
	slurm->shape.swapped = true;
	assert_answer(
		exact_rehearse_library(LIBRARY, LONG_NS, why), EXACT_REFUSED, "in an unknown way");
	slurm->shape = FAKE_REAL_SHAPE;
	slurm->conf->job_acct_gather_type = (char *)"jobacct_gather/none";
	assert_answer(exact_rehearse_library(LIBRARY, LONG_NS, why), EXACT_REFUSED,
		"JobAcctGatherType is none");
	slurm->start = FAKE_OTHER_RELEASE;
	assert_answer(exact_rehearse_library(LIBRARY, LONG_NS, why), EXACT_REFUSED,
		"built for another Slurm");
}
END_TEST

START_TEST(a_slurm_that_does_not_start_leaves_the_answer_open)
{
	const struct {
		enum fake_start start;
		uint64_t wait_ns;
		const char *reason;
	} rows[] = {
		{ FAKE_NO_CONF, LONG_NS, "slurm.conf cannot be read" },
		{ FAKE_HANGS, NS_PER_S, "did not start within 1 s" },
		{ FAKE_CRASHES, LONG_NS, "ended with signal 6" },
		{ FAKE_NO_GATHERER, LONG_NS, "JobAcctGatherType cannot be loaded" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		slurm->start = rows[i].start;
		assert_answer(exact_rehearse_library(LIBRARY, rows[i].wait_ns, why), EXACT_UNSURE,
			rows[i].reason);
	}
}
END_TEST

START_TEST(what_is_no_slurm_leaves_the_answer_open)
{
	assert_answer(
		exact_rehearse_library("/nonexistent", LONG_NS, why), EXACT_UNSURE, "/nonexistent");
	assert_answer(exact_rehearse_library(MODULES "/jobacct_gather_fake.so", LONG_NS, why),
		EXACT_UNSURE, "has no slurm_conf_init");
	assert_answer(exact_rehearse("/nonexistent", why), EXACT_UNSURE,
		"the libraries of /nonexistent are not known: No such file");
}
END_TEST

START_TEST(a_slurmstepd_without_the_library_is_refused)
{
	assert_answer(exact_rehearse("/bin/sh", why), EXACT_REFUSED, "linked into slurmstepd");
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("exact_rehearsal");

	unit_clock_run();
	tcase_add_checked_fixture(c, slurmstepd_start, slurmstepd_end);
	tcase_add_test(c, a_usual_slurm_is_taken);
	tcase_add_test(c, what_exact_take_refuses_is_refused);
	tcase_add_test(c, a_slurm_that_does_not_start_leaves_the_answer_open);
	tcase_add_test(c, what_is_no_slurm_leaves_the_answer_open);
	tcase_add_test(c, a_slurmstepd_without_the_library_is_refused);
	return unit_run();
}
