/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "measure/shares.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what;
	uint64_t private[3], pte[3], swap[3], rss_shmem[3]; /* MiB, of three processes */
	uint64_t shared, want[3]; /* private of the step is 600 MiB, whatever theirs adds up to */
	uint64_t unmapped, other;
} shares[] = {
	{ "by private memory", { 100, 200, 300 }, { 0 }, { 0 }, { 0 }, 0, { 100, 200, 300 }, 0, 0 },
	{ "scaled to the exact total", { 200, 400, 600 }, { 0 }, { 0 }, { 0 }, 0, { 100, 200, 300 },
		0, 0 },
	{ "page tables and swap count too", { 50, 200, 250 }, { 25, 0, 25 }, { 25, 0, 25 }, { 0 },
		0, { 100, 200, 300 }, 0, 0 },
	{ "shared memory by what each maps", { 100, 200, 300 }, { 0 }, { 0 }, { 30, 0, 10 }, 400,
		{ 130, 200, 310 }, 360, 0 },
	{ "scaled to what is shared", { 100, 200, 300 }, { 0 }, { 0 }, { 30, 0, 10 }, 20,
		{ 115, 200, 305 }, 0, 0 },
	{ "shared memory that nobody maps", { 100, 200, 300 }, { 0 }, { 0 }, { 0 }, 30,
		{ 100, 200, 300 }, 30, 0 },
	{ "nobody has more than its own", { 100, 200, 100 }, { 0 }, { 0 }, { 0 }, 0,
		{ 100, 200, 100 }, 0, 200 },
	{ "one has all", { 0, 600, 0 }, { 0 }, { 0 }, { 0, 1, 0 }, 100, { 0, 601, 0 }, 99, 0 },
};

START_TEST(the_shares_and_the_rest_add_up_to_the_footprint)
{
	for (size_t i = 0; i < COUNT(shares); i++) {
		struct sample sample = sample_unknown(0);
		struct look_process rows[3] = { 0 };
		struct look_rest rest;

		for (int k = 0; k < 3; k++) {
			rows[k].private = shares[i].private[k] * MIB;
			rows[k].kernel = shares[i].pte[k] * MIB;
			rows[k].swap = shares[i].swap[k] * MIB;
			rows[k].shmem = shares[i].rss_shmem[k] * MIB;
		}
		sample.private = 600 * MIB;
		sample.shared = shares[i].shared * MIB;
		shares_estimate(rows, 3, &sample, &rest);
		SAME(shares[i].what, rest.unmapped, shares[i].unmapped * MIB);
		SAME(shares[i].what, rest.other, shares[i].other * MIB);
		for (int k = 0; k < 3; k++) {
			uint64_t want = shares[i].want[k] * MIB;

			/* Fractions are cut. */
			SAME(shares[i].what, rows[k].share + 1 >= want && rows[k].share <= want, 1);
		}
	}
}
END_TEST

static const struct {
	const char *what;
	uint64_t total, spared[2], want[2],
		other; /* MiB; two processes have 100 of their own each */
} spared[] = {
	{ "not in the total", 200, { 50, 0 }, { 100, 100 }, 0 },
	{ "a group is charged with it", 250, { 50, 0 }, { 150, 100 }, 0 },
	{ "and with more", 300, { 50, 0 }, { 150, 100 }, 50 },
	{ "in parts", 260, { 80, 40 }, { 140, 120 }, 0 },
	{ "scaled to the total", 100, { 50, 0 }, { 50, 50 }, 0 },
};

START_TEST(spared_memory_is_a_share_only_where_it_is_in_the_total)
{
	for (size_t i = 0; i < COUNT(spared); i++) {
		struct sample sample = sample_unknown(0);
		struct look_process rows[2] = { 0 };
		struct look_rest rest;

		for (int k = 0; k < 2; k++) {
			rows[k].private = 100 * MIB;
			rows[k].spared = spared[i].spared[k] * MIB;
		}
		sample.private = spared[i].total * MIB;
		shares_estimate(rows, 2, &sample, &rest);
		SAME(spared[i].what, rest.other, spared[i].other * MIB);
		for (int k = 0; k < 2; k++) {
			uint64_t want = spared[i].want[k] * MIB;

			/* Fractions are cut. */
			SAME(spared[i].what, rows[k].share + 1 >= want && rows[k].share <= want, 1);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("shares");

	tcase_add_test(tc, the_shares_and_the_rest_add_up_to_the_footprint);
	tcase_add_test(tc, spared_memory_is_a_share_only_where_it_is_in_the_total);
	return unit_run();
}
