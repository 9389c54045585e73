/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "plugin/spank/exact/jobacct_layout.h"
#include "tests/unit/plugin/fake_slurm.h"
#include "tests/unit/unit.h"

/* Until the write that fails, counted down; beyond 0 no write fails. */
static unsigned writes_left;

static int write_but_one(uintptr_t to, const void *from, size_t size)
{
	return --writes_left ? self_memory_write(to, from, size) : -EPERM;
}

static int learn(const struct fake_shape *shape, struct jobacct_layout *layout)
{
	struct fake_slurm *s = fake_slurm();
	const struct jobacct_api api = { s->create, s->destroy, s->aggregate, s->getinfo,
		s->setinfo, s->size, s->each };
	const char *why = NULL;
	int rc;

	s->shape = *shape;
	memset(layout, 0, sizeof(*layout));
	rc = jobacct_layout_learn(&api, self_memory_read, write_but_one, layout, &why);
	/* Nothing is left behind, and each refusal has a reason. */
	ck_assert_uint_eq(s->specimens, 0);
	if (rc)
		ck_assert(why && *why);
	return rc;
}

static void assert_found(const struct fake_shape *shape)
{
	struct jobacct_layout layout;

	ck_assert_int_eq(learn(shape, &layout), 0);
	ck_assert_uint_eq(layout.max, shape->arrays_at * sizeof(void *));
	ck_assert_uint_eq(layout.max_task, (shape->arrays_at + 2) * sizeof(void *));
	ck_assert_uint_eq(layout.min, (shape->arrays_at + 3) * sizeof(void *));
	ck_assert_uint_eq(layout.total, (shape->arrays_at + 6) * sizeof(void *));
	ck_assert_uint_eq(layout.memory, shape->memory);
}

START_TEST(the_real_shape_is_found)
{
	assert_found(&FAKE_REAL_SHAPE);
}
END_TEST

START_TEST(a_moved_struct_is_found)
{
	struct fake_shape shape = FAKE_REAL_SHAPE;

	for (shape.arrays_at = 0; shape.arrays_at <= 40; shape.arrays_at++) {
		/* Nothing behind the arrays, and something. */
		shape.words = shape.arrays_at + FAKE_ARRAYS;
		assert_found(&shape);
		shape.words += 9;
		assert_found(&shape);
	}
}
END_TEST

START_TEST(another_index_is_found)
{
	struct fake_shape shape = FAKE_REAL_SHAPE;

	for (shape.memory = 0; shape.memory < 4; shape.memory++)
		assert_found(&shape);
	shape = FAKE_REAL_SHAPE;
	shape.virtual = 2;
	assert_found(&shape);
	shape.values = 4;
	assert_found(&shape);
}
END_TEST

START_TEST(another_behaviour_is_refused)
{
	const struct {
		const char *what;
		struct fake_shape shape;
		int rc;
	} rows[] = {
#define REAL .words = 35, .arrays_at = 16, .values = 9, .memory = 1, .virtual = 6, .broken = -1
#define UNSET .unset = UINT64_MAX
		{ "min and max swapped", { REAL, UNSET, .swapped = true }, -ENOTSUP },
		{ "no specimen", { REAL, UNSET, .no_specimen = true }, -ENOMEM },
		{ "no sum", { REAL, UNSET, .sums_wrongly = true }, -ENOTSUP },
		{ "no task", { REAL, UNSET, .keeps_task = true }, -ENOTSUP },
		{ "another total", { REAL, UNSET, .tells_wrongly = true }, -ENOTSUP },
		{ "one total for both", { REAL, UNSET, .shares_virtual = true }, -ENOTSUP },
		{ "a specimen like no other", { REAL, UNSET, .moves = true }, -ENOTSUP },
		{ "arrays found twice", { REAL, UNSET, .doubled = true }, -ENOTSUP },
		{ "unset as a figure", { REAL, UNSET, .counts_unset = true }, -ENOTSUP },
		{ "the last maximum", { REAL, UNSET, .last_wins = true }, -ENOTSUP },
		{ "what is added changes", { REAL, UNSET, .spoils_source = true }, -ENOTSUP },
		{ "no setting", { REAL, UNSET, .set_fails = true }, -ENOTSUP },
		{ "no telling", { REAL, UNSET, .get_fails = true }, -ENOTSUP },
		{ "unset is 0", { REAL, .unset = 0 }, -ENOTSUP },
		{ "unset is 32 bits", { REAL, .unset = UINT32_MAX }, -ENOTSUP },
#undef UNSET
#undef REAL
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct jobacct_layout layout;

		SAME(rows[i].what, learn(&rows[i].shape, &layout), rows[i].rc);
	}
}
END_TEST

START_TEST(memory_beyond_the_known_indexes_is_refused)
{
	struct fake_shape shape = FAKE_REAL_SHAPE;
	struct jobacct_layout layout;

	shape.memory = 5;
	ck_assert_int_eq(learn(&shape, &layout), -ENOTSUP);
	shape = FAKE_REAL_SHAPE;
	shape.words = 128;
	shape.arrays_at = 128 - FAKE_ARRAYS;
	assert_found(&shape);
	shape.words = 129;
	ck_assert_int_eq(learn(&shape, &layout), -ENOTSUP);
	shape.words = SIZE_MAX / sizeof(void *);
	shape.no_specimen = true;
	ck_assert_int_eq(learn(&shape, &layout), -ENOMEM);
}
END_TEST

START_TEST(a_write_that_fails_is_refused)
{
	const struct fake_shape shape = FAKE_REAL_SHAPE;
	struct jobacct_layout layout;
	unsigned all;

	writes_left = 0;
	assert_found(&shape);
	all = 0 - writes_left;
	ck_assert_uint_gt(all, 9);
	for (unsigned n = 1; n <= all; n++) {
		writes_left = n;
		ck_assert_int_eq(learn(&shape, &layout), -ENOTSUP);
	}
}
END_TEST

/* NULL, not mapped, not aligned, beyond the address space, without rights, and itself. */
START_TEST(a_pointer_that_leads_astray_is_refused)
{
	void *locked = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const uintptr_t targets[] = { 0, 8, 0x1001, UINTPTR_MAX, UINTPTR_MAX - 15,
		(uintptr_t)1 << 63, (uintptr_t)locked, (uintptr_t)locked + 4095,
		(uintptr_t)&targets };
	struct fake_shape shape = FAKE_REAL_SHAPE;
	struct jobacct_layout layout;

	ck_assert(locked != MAP_FAILED);
	for (shape.broken = 0; shape.broken < FAKE_ARRAYS; shape.broken++) {
		for (size_t i = 0; i < COUNT(targets); i++) {
			shape.broken_to = targets[i];
			ck_assert_int_eq(learn(&shape, &layout), -ENOTSUP);
		}
	}
	munmap(locked, 4096);
}
END_TEST

/* Either the layout is found as it is, or refused. */
START_TEST(any_layout_is_found_or_refused)
{
	unsigned found = 0;

	for (int i = 0; i < 3000; i++) {
		struct fake_shape shape = FAKE_REAL_SHAPE;
		struct jobacct_layout layout;
		int rc;

		shape.arrays_at = unit_random() % 130;
		shape.words = shape.arrays_at + FAKE_ARRAYS + unit_random() % 20;
		shape.values = 1 + unit_random() % 12;
		shape.memory = unit_random() % shape.values;
		shape.virtual = unit_random() % shape.values;
		shape.swapped = unit_random() % 8 == 0;
		shape.sums_wrongly = unit_random() % 8 == 0;
		shape.tells_wrongly = unit_random() % 8 == 0;
		if (unit_random() % 4 == 0) {
			shape.broken = (int)(unit_random() % FAKE_ARRAYS);
			shape.broken_to = (uintptr_t)unit_random() << (unit_random() % 33);
		}
		rc = learn(&shape, &layout);
		if (rc) {
			ck_assert_int_eq(rc, -ENOTSUP);
			continue;
		}
		assert_found(&shape);
		found++;
	}
	/* Otherwise nothing was tested. */
	ck_assert_uint_gt(found, 200);
	ck_assert_uint_lt(found, 2000);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("jobacct_layout");

	tcase_add_test(c, the_real_shape_is_found);
	tcase_add_test(c, a_moved_struct_is_found);
	tcase_add_test(c, another_index_is_found);
	tcase_add_test(c, another_behaviour_is_refused);
	tcase_add_test(c, memory_beyond_the_known_indexes_is_refused);
	tcase_add_test(c, a_write_that_fails_is_refused);
	tcase_add_test(c, a_pointer_that_leads_astray_is_refused);
	tcase_add_test(c, any_layout_is_found_or_refused);
	return unit_run();
}
