/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "account/verdict.h"
#include "measure/sample.h"
#include "tests/unit/unit.h"

enum { SLURM_KILLS = 1, SIGKILLED = 2, RSS = 4, UNENFORCED = 8 };

static const struct {
	const char *what;
	uint64_t limit, footprint, with_file, rss, kills;
	unsigned flags;
	const char *verdict;
} verdicts[] = {
	{ "far below everything", 1000, 100, 100, 200, 0, SLURM_KILLS | RSS, "none" },
	{ "no limit", UNKNOWN, 1ULL << 50, 1ULL << 51, 1ULL << 55, 0, SLURM_KILLS | SIGKILLED | RSS,
		"none" },
	{ "no limit, but the kernel killed", UNKNOWN, 100, 100, 200, 1, RSS, "kernel" },
	{ "the kernel killed, far below the limit", 1000, 100, 100, 200, 3,
		SLURM_KILLS | SIGKILLED | RSS, "kernel" },
	{ "the kernel before Slurm", 1000, 1100, 1100, 1200, 1, SLURM_KILLS | SIGKILLED | RSS,
		"kernel" },
	{ "Slurm killed at the limit", 1000, 1000, 1000, 1200, 0, SLURM_KILLS | SIGKILLED | RSS,
		"limit" },
	{ "killed just below the limit", 1000, 999, 999, 1200, 0, SLURM_KILLS | SIGKILLED | RSS,
		"near" },
	{ "killed near the limit, with mapped files beyond", 1000, 960, 1000, 1200, 0,
		SLURM_KILLS | SIGKILLED | RSS, "limit" },
	{ "killed for mapped files: the false flag", 1000, 200, 1000, 1200, 0,
		SLURM_KILLS | SIGKILLED | RSS, "rss-only" },
	{ "mapped files beyond the limit, not killed", 1000, 200, 1000, 900, 0, SLURM_KILLS | RSS,
		"none" },
	{ "killed, but Slurm does not kill for memory", 1000, 1100, 1100, 1200, 0, SIGKILLED | RSS,
		"near" },
	{ "at the limit and not killed", 1000, 1000, 1000, 1200, 0, SLURM_KILLS | RSS, "near" },
	{ "95 percent", 1000, 950, 950, 950, 0, SLURM_KILLS | RSS, "near" },
	{ "just below 95 percent", 1000, 949, 949, 949, 0, SLURM_KILLS | RSS, "none" },
	{ "killed for RSS: the false flag", 1000, 400, 400, 3000, 0, SLURM_KILLS | SIGKILLED | RSS,
		"rss-only" },
	{ "RSS beyond the limit, not killed", 1000, 400, 400, 3000, 0, RSS, "rss-only" },
	{ "RSS beyond the limit, and nobody compares it", 1000, 400, 400, 3000, 0, 0, "none" },
	{ "RSS at the limit", 1000, 400, 400, 1000, 0, RSS, "none" },
	{ "killed by scancel", 1000, 400, 400, 500, 0, SLURM_KILLS | SIGKILLED | RSS, "none" },
	{ "over a limit that is a wish", 1000, 1001, 1001, 1001, 0, RSS | UNENFORCED, "over" },
	{ "at a limit that is a wish", 1000, 1000, 1000, 1001, 0, RSS | UNENFORCED, "near" },
};

START_TEST(the_first_verdict_that_fits_is_given)
{
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		unsigned flags = verdicts[i].flags;
		const struct verdict_input input = {
			.limit = verdicts[i].limit,
			.footprint = verdicts[i].footprint,
			.with_file = verdicts[i].with_file,
			.rss = verdicts[i].rss,
			.kills = verdicts[i].kills,
			.kill_on_limit = flags & SLURM_KILLS,
			.sigkilled = flags & SIGKILLED,
			.rss_compared = flags & RSS,
			.unenforced = flags & UNENFORCED,
		};
		const char *name = verdict_name(verdict_of(&input));

		ck_assert_msg(!strcmp(name, verdicts[i].verdict), "%s: %s", verdicts[i].what, name);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("verdict");

	tcase_add_test(tc, the_first_verdict_that_fits_is_given);
	return unit_run();
}
