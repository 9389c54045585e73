/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/linked_library.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define NAME "libslurmfull.so"

START_TEST(the_path_of_a_library_is_read)
{
	const struct {
		const char *listing;
		int rc;
		const char *path;
	} rows[] = {
		{ "\tlinux-vdso.so.1 (0x7f)\n\t" NAME " => /usr/lib/slurm/" NAME " (0x7f0a)\n", 0,
			"/usr/lib/slurm/" NAME },
		{ "\t" NAME " => /opt/my (old) slurm/" NAME " (0x7f0a)\n", 0,
			"/opt/my (old) slurm/" NAME },
		{ "\t" NAME " => /lib/" NAME, 0, "/lib/" NAME },
		{ "\t" NAME " => not found\n", -ELIBACC, "" },
		{ "\t" NAME " =>", -ENOENT, "" },
		{ "\t" NAME ".2 => /lib/a (0x1)\n\tx" NAME " => /lib/b (0x1)\n", -ENOENT, "" },
		{ "", -ENOENT, "" },
		{ "\n\n\n", -ENOENT, "" },
		{ "\tstatically linked\n", -ENOENT, "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text t = text_of(rows[i].listing, strlen(rows[i].listing) + 1);
		char path[64] = "";

		ck_assert_int_eq(
			linked_library_parse(t.data, NAME, path, sizeof(path)), rows[i].rc);
		ck_assert_str_eq(path, rows[i].path);
		text_free(&t);
	}
}
END_TEST

START_TEST(a_path_that_does_not_fit_is_an_error)
{
	char path[7] = "";

	ck_assert_int_eq(linked_library_parse("\ta => /lib/a (0x1)\n", "a", path, sizeof(path)), 0);
	ck_assert_str_eq(path, "/lib/a");
	ck_assert_int_eq(linked_library_parse("\ta => /lib/ab (0x1)\n", "a", path, sizeof(path)),
		-ENAMETOOLONG);
}
END_TEST

START_TEST(a_program_gets_a_library)
{
	char path[PATH_MAX] = "";

	ck_assert_int_eq(linked_library_find("/bin/sh", "libc.so.6", path, sizeof(path)), 0);
	ck_assert_int_eq(access(path, R_OK), 0);
	ck_assert_int_eq(linked_library_find("/bin/sh", NAME, path, sizeof(path)), -ENOENT);
	ck_assert_int_eq(linked_library_find("/nonexistent", NAME, path, sizeof(path)), -ENOENT);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("linked_library");

	tcase_add_test(c, the_path_of_a_library_is_read);
	tcase_add_test(c, a_path_that_does_not_fit_is_an_error);
	tcase_add_test(c, a_program_gets_a_library);
	return unit_run();
}
