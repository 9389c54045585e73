/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is advised, of figures at the edges of what there can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "results/advice.h"
#include "tests/unit/unit.h"

enum { LEAST_REACHED = 68385391 }; /* x 1.15 is 75 MiB, rounded */

static const struct {
	const char *what;
	uint64_t seen, store;
} stores[] = {
	{ "no store", UNKNOWN, UNKNOWN },
	{ "a store of which nothing was used", 0, UNKNOWN },
	{ "one byte", 1, 75 * MIB },
	{ "the last that Ray's smallest store has room for", LEAST_REACHED, 75 * MIB },
	{ "one more", LEAST_REACHED + 1, 75 * MIB + 1 },
	{ "a great one", 400 * MIB, 460 * MIB },
	{ "what no store can have", UINT64_MAX / 2, UINT64_MAX / 2 },
};

START_TEST(the_store_is_one_that_ray_starts_with)
{
	for (size_t i = 0; i < COUNT(stores); i++) {
		struct advice a;
		char *text = NULL;
		size_t size;
		FILE *out;

		advice_init(&a);
		a.store = stores[i].seen;
		SAME(stores[i].what, advice_store(&a), stores[i].store);
		out = open_memstream(&text, &size);
		ck_assert_ptr_nonnull(out);
		advice_print(&a, out);
		ck_assert_int_eq(fclose(out), 0);
		SAME(stores[i].what,
			strstr(text, "Ray starts with no store below 75.0 MiB") != NULL,
			stores[i].store == 75 * MIB);
		SAME(stores[i].what, strstr(text, "--object-store-memory") != NULL,
			stores[i].store != UNKNOWN);
		free(text);
		advice_clear(&a);
	}
}
END_TEST

static const struct {
	const char *what;
	uint64_t footprint, compared, bound, mem;
} memories[] = {
	{ "nothing was seen", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	{ "one byte", 1, UNKNOWN, UNKNOWN, MIB },
	{ "whole MiB", 100 * MIB, UNKNOWN, UNKNOWN, 115 * MIB },
	{ "what Slurm compares is greater", 100 * MIB, 200 * MIB, UNKNOWN, 230 * MIB },
	{ "the bound is greater", 100 * MIB, 200 * MIB, 300 * MIB, 345 * MIB },
	{ "a part of a MiB counts as a whole", 100 * MIB + 1, UNKNOWN, UNKNOWN, 116 * MIB },
};

START_TEST(the_memory_is_never_below_what_was_seen)
{
	for (size_t i = 0; i < COUNT(memories); i++) {
		struct advice a;

		advice_init(&a);
		a.footprint = memories[i].footprint;
		a.compared = memories[i].compared;
		a.bound = memories[i].bound;
		SAME(memories[i].what, advice_mem(&a), memories[i].mem);
		advice_clear(&a);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("advice");

	tcase_add_test(tc, the_store_is_one_that_ray_starts_with);
	tcase_add_test(tc, the_memory_is_never_below_what_was_seen);
	return unit_run();
}
