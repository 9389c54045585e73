/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slurmstepd without some symbols, or with symbols of another library of Slurm's. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#include "tests/unit/plugin/exact_module.h"
#include "tests/unit/unit.h"

static void *load(const char *name)
{
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s.so", MODULES, name);
	handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	ck_assert_msg(handle != NULL, "%s", dlerror());
	return handle;
}

START_TEST(a_slurmstepd_that_lacks_a_symbol_is_refused)
{
	const struct {
		const char *module; /* is loaded first */
		int rc;
		const char *why;
	} steps[] = {
		{ "exact_module", -ENOENT, "slurmstepd has no slurm_conf" },
		{ "part_conf", -ENOENT, "slurmstepd has no jobacct_gather_add_task" },
		{ "part_table", -ENOENT, "slurmstepd has no jobacctinfo_create" },
		{ "fake_slurm", -ENOTSUP,
			"jobacctinfo_create is not in " MODULES "/part_table.so" },
	};
	const struct exact_functions *exact = NULL;
	const struct exact_step step = { .tasks = 1 };

	for (size_t i = 0; i < COUNT(steps); i++) {
		void *module = load(steps[i].module);
		char why[EXACT_WHY] = "";

		if (!exact)
			exact = dlsym(module, "exact_functions");
		ck_assert(!exact->possible(1, why));
		ck_assert_str_eq(why, steps[i].why);
		ck_assert_int_eq(exact->take(&step, why), steps[i].rc);
	}
}
END_TEST

/* The modules stand for slurmstepd and its libraries, and so have symbols of the same names. */
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "detect_odr_violation=0";
}

int main(void)
{
	TCase *c = unit_suite("exact_parts");

	tcase_add_test(c, a_slurmstepd_that_lacks_a_symbol_is_refused);
	return unit_run();
}
