/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "measure/procfs/maps_parse.h"
#include "tests/unit/unit.h"

enum { FILE_ = 1, SYSV = 2, PLASMA = 4, SHARED = 8 };

#define X16 "/xxxxxxxxxxxxxxx"
#define X128 X16 X16 X16 X16 X16 X16 X16 X16

static const struct {
	const char *what, *text;
	int rc;
	unsigned is;
	unsigned major, minor;
	uint64_t ino;
	const char *path; /* NULL: any */
} lines[] = {
	{ "a program", "00400000-00410000 r-xp 00001000 fe:00 42      /bin/sh\n", 1, FILE_, 0xfe, 0,
		42, "/bin/sh" },
	{ "anonymous", "00400000-00410000 rw-p 00000000 00:00 0 \n", 1, 0, 0, 0, 0, "" },
	{ "anonymous, no space behind", "00400000-00410000 rw-p 00000000 00:00 0\n", 1, 0, 0, 0, 0,
		"" },
	{ "the heap", "00400000-00410000 rw-p 00000000 00:00 0         [heap]\n", 1, 0, 0, 0, 0,
		"[heap]" },
	{ "the store", "00400000-00410000 rw-s 00000000 00:1b 306 /dev/shm/plasmaXyZ (deleted)\n",
		1, FILE_ | SHARED | PLASMA, 0, 0x1b, 306, "/dev/shm/plasmaXyZ (deleted)" },
	{ "the store in huge pages",
		"00400000-00410000 rw-s 00000000 00:1b 306 /anon_hugepage/plasma\n", 1,
		FILE_ | SHARED | PLASMA, 0, 0x1b, 306, NULL },
	{ "a directory called plasma", "00400000-00410000 rw-s 00000000 00:1b 306 /plasma/x\n", 1,
		FILE_ | SHARED, 0, 0x1b, 306, NULL },
	{ "a library about plasma", "00400000-00410000 r--p 00000000 fe:00 9 /lib/libplasma.so\n",
		1, FILE_, 0xfe, 0, 9, NULL },
	{ "plasma without a directory", "00400000-00410000 r--p 00000000 fe:00 9 plasma\n", 1,
		FILE_, 0xfe, 0, 9, NULL },
	{ "a memfd with a newline in its name",
		"00400000-00410000 rw-s 00000000 00:01 7 /memfd:a b\\012c (deleted)\n", 1,
		FILE_ | SHARED, 0, 1, 7, "/memfd:a b\\012c (deleted)" },
	{ "spaces at the path's end", "00400000-00410000 rw-s 00000000 00:01 7 /a  b  \n", 1,
		FILE_ | SHARED, 0, 1, 7, "/a  b  " },
	{ "a SysV segment", "00400000-00410000 rw-s 00000000 00:01 32783 /SYSV0000002a (deleted)\n",
		1, FILE_ | SHARED | SYSV, 0, 1, 32783, NULL },
	{ "the first SysV segment has inode 0",
		"00400000-00410000 rw-s 00000000 00:01 0 /SYSV00000000 (deleted)\n", 1,
		FILE_ | SHARED | SYSV, 0, 1, 0, NULL },
	{ "inode 0 on device 0", "00400000-00410000 rw-s 00000000 00:00 0 /x\n", 1, SHARED, 0, 0, 0,
		NULL },
	{ "a wide device number", "00400000-00410000 r--p 00000000 10302:fffff 9 /x\n", 1, FILE_,
		0x10302, 0xfffff, 9, NULL },
	{ "the greatest addresses and inode",
		"ffffffffff600000-ffffffffffffffff --xp ffffffffffffffff 00:01 "
		"18446744073709551615 /x\n",
		1, FILE_, 0, 1, UINT64_MAX, "/x" },
	{ "an over-long path", "00400000-00410000 r--p 00000000 fe:00 9 " X128 X128 "/y\n", 1,
		FILE_, 0xfe, 0, 9, NULL },
	{ "an over-long path to the store",
		"00400000-00410000 rw-s 00000000 fe:00 9 " X128 "/plasmaX (deleted)\n", 1,
		FILE_ | SHARED | PLASMA, 0xfe, 0, 9, NULL },
	{ "an over-long path through plasma",
		"00400000-00410000 rw-s 00000000 fe:00 9 " X16 X16 X16 X16 X16 X16 X16
		"/xxxx/plasma-data/x\n",
		1, FILE_ | SHARED, 0xfe, 0, 9, NULL },
	{ "inode beyond 64 bits", "00400000-00410000 r--p 00000000 fe:00 18446744073709551616 /x\n",
		-EINVAL, 0, 0, 0, 0, NULL },
	{ "address beyond 64 bits", "00400000-10000000000000000 r--p 00000000 fe:00 9 /x\n",
		-EINVAL, 0, 0, 0, 0, NULL },
	{ "it ends before it begins", "00410000-00400000 r--p 00000000 fe:00 9 /x\n", -EINVAL, 0, 0,
		0, 0, NULL },
	{ "capital digits", "0040000A-0041000A r--p 00000000 fe:00 9 /x\n", -EINVAL, 0, 0, 0, 0,
		NULL },
	{ "no end", "00400000 r--p 00000000 fe:00 9 /x\n", -EINVAL, 0, 0, 0, 0, NULL },
	{ "short permissions", "00400000-00410000 r-p 00000000 fe:00 9 /x\n", -EINVAL, 0, 0, 0, 0,
		NULL },
	{ "no device", "00400000-00410000 r--p 00000000 9 /x\n", -EINVAL, 0, 0, 0, 0, NULL },
	{ "no inode", "00400000-00410000 r--p 00000000 fe:00 \n", -EINVAL, 0, 0, 0, 0, NULL },
	{ "a word for the inode", "00400000-00410000 r--p 00000000 fe:00 nine /x\n", -EINVAL, 0, 0,
		0, 0, NULL },
	{ "a key of smaps", "Rss:                   4 kB\n", -EINVAL, 0, 0, 0, 0, NULL },
	{ "an empty line", "\n", -EINVAL, 0, 0, 0, 0, NULL },
	{ "not a whole line yet", "00400000-00410000 r--p 00000000 fe:00 9 /x", 0, 0, 0, 0, 0,
		NULL },
	{ "nothing", "", 0, 0, 0, 0, 0, NULL },
};

START_TEST(a_line_says_what_is_mapped)
{
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct text t = text_of(lines[i].text, strlen(lines[i].text));
		const char *row = lines[i].what, *pos = t.data;
		struct mapping m;

		SAME(row, maps_next(&pos, t.data + t.len, &m), lines[i].rc);
		SAME(row, pos - t.data, lines[i].rc ? t.len : 0);
		text_free(&t);
		if (lines[i].rc != 1)
			continue;
		SAME(row, m.shared, !!(lines[i].is & SHARED));
		SAME(row, mapping_has_file(&m), !!(lines[i].is & FILE_));
		SAME(row, mapping_is_sysv(&m), !!(lines[i].is & SYSV));
		SAME(row, mapping_is_plasma(&m), !!(lines[i].is & PLASMA));
		SAME(row, m.dev, makedev(lines[i].major, lines[i].minor));
		SAME(row, m.ino, lines[i].ino);
		ck_assert_msg(strnlen(m.path, sizeof(m.path)) < sizeof(m.path), "%s: no NUL", row);
		ck_assert_msg(!lines[i].path || !strcmp(m.path, lines[i].path), "%s: \"%s\"", row,
			m.path);
	}
}
END_TEST

START_TEST(addresses_and_offset_are_those_of_the_line)
{
	static const char text[] =
		"7fc6c6a72000-7fc6c6bc8000 r-xp 00026000 fe:00 332835   /lib/c\n";
	const char *pos = text;
	struct mapping m;

	ck_assert_int_eq(maps_next(&pos, text + sizeof(text) - 1, &m), 1);
	ck_assert_uint_eq(m.start, 0x7fc6c6a72000);
	ck_assert_uint_eq(m.end, 0x7fc6c6bc8000);
	ck_assert_uint_eq(m.offset, 0x26000);
}
END_TEST

START_TEST(maps_of_a_real_process_are_understood)
{
	struct text t = text_of_fixture("linux-6.18/maps");
	unsigned all = 0, with_file = 0, shared = 0, sysv = 0, plasma = 0, deleted = 0;
	const char *pos = t.data;
	struct mapping m;
	int rc;

	while ((rc = maps_next(&pos, t.data + t.len, &m)) != 0) {
		ck_assert_msg(rc == 1, "line %u is refused", all);
		all++;
		with_file += mapping_has_file(&m);
		shared += m.shared;
		sysv += mapping_is_sysv(&m);
		plasma += mapping_is_plasma(&m);
		deleted += strstr(m.path, " (deleted)") != NULL;
	}
	ck_assert_ptr_eq(pos, t.data + t.len);
	ck_assert_uint_eq(all, 33);
	ck_assert_uint_eq(with_file, 23);
	ck_assert_uint_eq(shared, 8);
	ck_assert_uint_eq(sysv, 2);
	ck_assert_uint_eq(plasma, 2);
	ck_assert_uint_eq(deleted, 6);
	text_free(&t);
}
END_TEST

START_TEST(a_line_cut_anywhere_is_no_line_or_refused)
{
	static const char whole[] = "00400000-00410000 r-xp 00001000 fe:00 42";

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		struct text open = text_of(whole, len), closed = text_of(whole, len + 1);
		const char *pos = open.data;
		struct mapping m;

		ck_assert_int_eq(maps_next(&pos, open.data + open.len, &m), 0);
		ck_assert_ptr_eq(pos, open.data);
		/* Cut within the inode number cannot be told from a shorter number. */
		if (len < sizeof(whole) - 3) {
			closed.data[len] = '\n';
			pos = closed.data;
			ck_assert_int_eq(maps_next(&pos, closed.data + closed.len, &m), -EINVAL);
		}
		text_free(&open);
		text_free(&closed);
	}
}
END_TEST

START_TEST(what_follows_a_refused_line_is_read)
{
	static const char text[] = "garbage\n00400000-00410000 r-xp 00001000 fe:00 42 /x\n";
	const char *pos = text, *end = text + sizeof(text) - 1;
	struct mapping m;

	ck_assert_int_eq(maps_next(&pos, end, &m), -EINVAL);
	ck_assert_int_eq(maps_next(&pos, end, &m), 1);
	ck_assert_uint_eq(m.ino, 42);
	ck_assert_int_eq(maps_next(&pos, end, &m), 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("maps");

	tcase_add_test(tc, a_line_says_what_is_mapped);
	tcase_add_test(tc, addresses_and_offset_are_those_of_the_line);
	tcase_add_test(tc, maps_of_a_real_process_are_understood);
	tcase_add_test(tc, a_line_cut_anywhere_is_no_line_or_refused);
	tcase_add_test(tc, what_follows_a_refused_line_is_read);
	return unit_run();
}
