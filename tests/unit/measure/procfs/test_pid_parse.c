/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "measure/procfs/pid_parse.h"
#include "tests/unit/unit.h"

/* proc(5): fields 7 to 19 and 29 to 46 of stat, which we do not use. */
#define TO_THREADS " 0 -1 4194304 9 0 0 0 1 2 0 0 20 0"
#define TO_STACK " 4096 7 18446744073709551615 1 2"
#define TO_BRK " 0 0 0 0 6 0 1 0 0 17 0 0 0 0 0 0 3 4"
#define GOOD " S 5 6 7" TO_THREADS " 3 0 883" TO_STACK " 555" TO_BRK " 777 1 1 1 1 0\n"
#define X16 "xxxxxxxxxxxxxxxx"

static const struct {
	const char *what, *text;
	int rc;
	const char *comm;
	int ppid;
	uint64_t start, stack, brk;
} stats[] = {
	{ "plain", "42 (sh)" GOOD, 0, "sh", 5, 883, 555, 777 },
	{ "parentheses in the name", "42 (a) (b))" GOOD, 0, "a) (b)", 5, 883, 555, 777 },
	{ "a name that looks like fields", "42 (x) R 1 1 (y)" GOOD, 0, "x) R 1 1 (y", 5, 883, 555,
		777 },
	{ "newline, quote and escape in the name", "42 (\n\"\033[1m)" GOOD, 0, "\n\"\033[1m", 5,
		883, 555, 777 },
	{ "an empty name", "42 ()" GOOD, 0, "", 5, 883, 555, 777 },
	{ "a name of 80 bytes is cut", "42 (" X16 X16 X16 X16 X16 ")" GOOD, 0,
		X16 X16 X16 "xxxxxxxxxxxxxxx", 5, 883, 555, 777 },
	{ "a kernel thread",
		"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0 "
		"18446744073709551615 0 0 0",
		0, "kthreadd", 0, 9, 0, 0 },
	{ "outside our session namespace", "42 (sh) S 5 -1 -1" TO_THREADS " 3 0 883", 0, "sh", 5,
		883, 0, 0 },
	{ "a negative nice value", "42 (sh) R 5 6 7 0 -1 0 0 0 0 0 0 0 0 0 39 -20 3 0 883", 0, "sh",
		5, 883, 0, 0 },
	{ "a zombie",
		"42 (sh) Z 5 6 7" TO_THREADS " 1 0 883 0 0 18446744073709551615 0 0 0" TO_BRK
		" 0 0 0 0 0 9\n",
		0, "sh", 5, 883, 0, 0 },
	{ "before Linux 3.3: 44 fields",
		"42 (sh) S 5 6 7" TO_THREADS " 3 0 883" TO_STACK
		" 555 0 0 0 0 6 0 1 0 0 17 0 0 0 0 0 0\n",
		0, "sh", 5, 883, 555, 0 },
	{ "nothing", "", -EINVAL, NULL, 0, 0, 0, 0 },
	{ "no name", "42 sh" GOOD, -EINVAL, NULL, 0, 0, 0, 0 },
	{ "only an opening parenthesis", "42 (sh" GOOD, -EINVAL, NULL, 0, 0, 0, 0 },
	{ "parentheses the wrong way round", "42 )sh(" GOOD, -EINVAL, NULL, 0, 0, 0, 0 },
	{ "cut behind the name", "42 (sh)", -EINVAL, NULL, 0, 0, 0, 0 },
	{ "cut behind the state", "42 (sh) S", -EINVAL, NULL, 0, 0, 0, 0 },
	{ "cut before the start time", "42 (sh) S 5 6 7" TO_THREADS " 3 0 ", -EINVAL, NULL, 0, 0, 0,
		0 },
	{ "a word for a number", "42 (sh) S 5 six 7" TO_THREADS " 3 0 883", -EINVAL, NULL, 0, 0, 0,
		0 },
	{ "a start time that is no 64-bit number",
		"42 (sh) S 5 6 7" TO_THREADS " 3 0 18446744073709551616", -EINVAL, NULL, 0, 0, 0,
		0 },
};

START_TEST(stat_names_a_process_whatever_it_calls_itself)
{
	for (size_t i = 0; i < COUNT(stats); i++) {
		struct text t = text_of(stats[i].text, strlen(stats[i].text));
		const char *row = stats[i].what;
		struct pid_stat s;

		SAME(row, pid_stat_parse(t.data, t.len, &s), stats[i].rc);
		text_free(&t);
		if (stats[i].rc)
			continue;
		ck_assert_msg(!strcmp(s.comm, stats[i].comm), "%s: \"%s\"", row, s.comm);
		SAME(row, s.ppid, stats[i].ppid);
		SAME(row, s.start, stats[i].start);
		SAME(row, s.start_stack, stats[i].stack);
		SAME(row, s.start_brk, stats[i].brk);
	}
}
END_TEST

static const struct {
	const char *file, *comm;
	char state;
	int ppid;
	uint64_t start, stack, brk;
} kernels[] = {
	{ "linux-6.18/stat", "ray) :: \377\n(x", 'T', 24739, 236033, 140734258297600,
		93826573758464 },
	{ "linux-4.18/stat", "python3", 'S', 4700, 883211, 140721111111200, 94012359000064 },
	{ "linux-3.10/stat", "orted", 'S', 890, 5521, 140735000000000, 25600000 },
};

START_TEST(stat_of_real_kernels_is_understood)
{
	for (size_t i = 0; i < COUNT(kernels); i++) {
		struct text t = text_of_fixture(kernels[i].file);
		const char *row = kernels[i].file;
		struct pid_stat s;

		SAME(row, pid_stat_parse(t.data, t.len, &s), 0);
		ck_assert_msg(!strcmp(s.comm, kernels[i].comm), "%s: \"%s\"", row, s.comm);
		SAME(row, s.state, kernels[i].state);
		SAME(row, s.ppid, kernels[i].ppid);
		SAME(row, s.start, kernels[i].start);
		SAME(row, s.start_stack, kernels[i].stack);
		SAME(row, s.start_brk, kernels[i].brk);
		text_free(&t);
	}
}
END_TEST

START_TEST(a_stat_cut_anywhere_before_its_start_time_is_refused)
{
	static const char whole[] = "42 (a) (b)) S 5 6 7" TO_THREADS " 3 0 ";

	for (size_t len = 0; len < sizeof(whole); len++) {
		struct text t = text_of(whole, len);
		struct pid_stat s;

		ck_assert_msg(pid_stat_parse(t.data, t.len, &s) == -EINVAL, "cut at %zu", len);
		text_free(&t);
	}
}
END_TEST

static const struct {
	const char *what, *text;
	int rc;
	struct pid_statm want;
} statms[] = {
	{ "plain", "14033 9720 5850 1 0 4135 0\n", 0, { 14033, 9720, 5850 } },
	{ "a zombie", "0 0 0 0 0 0 0\n", 0, { 0, 0, 0 } },
	{ "three numbers are enough", "1 2 3", 0, { 1, 2, 3 } },
	{ "the greatest number", "18446744073709551615 1 1", 0, { UINT64_MAX, 1, 1 } },
	{ "beyond it", "18446744073709551616 1 1", -EINVAL, { 0 } },
	{ "far beyond it", "99999999999999999999999999 1 1", -EINVAL, { 0 } },
	{ "negative", "1 -2 3", -EINVAL, { 0 } },
	{ "two numbers", "1 2\n", -EINVAL, { 0 } },
	{ "words", "1 two 3", -EINVAL, { 0 } },
	{ "nothing", "", -EINVAL, { 0 } },
	{ "garbage", "\377\376\001", -EINVAL, { 0 } },
};

START_TEST(statm_is_three_numbers_or_refused)
{
	for (size_t i = 0; i < COUNT(statms); i++) {
		struct text t = text_of(statms[i].text, strlen(statms[i].text));
		struct pid_statm s = { 47, 11, 12 };

		SAME(statms[i].what, pid_statm_parse(t.data, t.len, &s), statms[i].rc);
		SAME(statms[i].what, s.size, statms[i].rc ? 47 : statms[i].want.size);
		SAME(statms[i].what, s.resident, statms[i].rc ? 11 : statms[i].want.resident);
		SAME(statms[i].what, s.shared, statms[i].rc ? 12 : statms[i].want.shared);
		text_free(&t);
	}
}
END_TEST

static void status_is(const char *row, struct text t, int rc, struct pid_status want)
{
	struct pid_status s = { .uid = 4711 };

	if (rc)
		want = s;
	SAME(row, pid_status_parse(t.data, t.len, &s), rc);
	SAME(row, s.uid, want.uid);
	SAME(row, s.rss_anon, want.rss_anon);
	SAME(row, s.rss_file, want.rss_file);
	SAME(row, s.rss_shmem, want.rss_shmem);
	SAME(row, s.pte, want.pte);
	SAME(row, s.swap, want.swap);
	SAME(row, s.hwm, want.hwm);
	SAME(row, s.threads, want.threads);
	SAME(row, s.locked, want.locked);
	SAME(row, s.hugetlb, want.hugetlb);
}

static const struct {
	const char *file;
	struct pid_status want;
} status_files[] = {
	{ "linux-6.18/status",
		{ 0, 4288 * KIB, 1252 * KIB, 16384 * KIB, 92 * KIB, 0, 21924 * KIB, 1, 0, 0 } },
	{ "linux-4.18/status",
		{ 20001, 10 * GIB, 40 * MIB, 2008 * MIB, 25088 * KIB, 2 * MIB, 12 * GIB, 17, 0,
			0 } },
	/* RssAnon came with 4.5. */
	{ "linux-3.10/status", { 1000, 0, 0, 0, 120 * KIB, 12 * KIB, 3600 * KIB, 2, 0, 0 } },
};

START_TEST(status_of_real_kernels_is_understood)
{
	for (size_t i = 0; i < COUNT(status_files); i++) {
		struct text t = text_of_fixture(status_files[i].file);

		status_is(status_files[i].file, t, 0, status_files[i].want);
		text_free(&t);
	}
}
END_TEST

static const struct {
	const char *what, *text;
	int rc;
	struct pid_status want;
} statuses[] = {
	{ "a kernel thread", "Name:\tkthreadd\nUid:\t0\t0\t0\t0\nThreads:\t1\n", 0,
		{ .threads = 1 } },
	{ "the real one of four users", "Uid:\t1\t2\t3\t4\n", 0, { .uid = 1 } },
	{ "no newline at the end", "Uid:\t1\nVmSwap:\t  7 kB", 0, { .uid = 1, .swap = 7 * KIB } },
	{ "locked and huge pages", "Uid:\t1\nVmLck:\t 8 kB\nHugetlbPages:\t 2048 kB\n", 0,
		{ .uid = 1, .locked = 8 * KIB, .hugetlb = 2 * MIB } },
	{ "a name that is a key", "Name:\tVmSwap:\t9 kB\nUid:\t1\n", 0, { .uid = 1 } },
	{ "an escaped newline in a name", "Name:\tx\\nVmSwap:\t9 kB\nUid:\t1\n", 0, { .uid = 1 } },
	{ "longer and shorter words", "Uid:\t1\nVmSwapX:\t9 kB\nVmSwa:\t9 kB\nXVmSwap:\t9 kB\n", 0,
		{ .uid = 1 } },
	{ "empty lines, lines without colon", "\n\nUid\nUid:\t1\n\n", 0, { .uid = 1 } },
	{ "the greatest size", "Uid:\t1\nVmPTE:\t18014398509481983 kB\n", 0,
		{ .uid = 1, .pte = UINT64_MAX - 1023 } },
	{ "a size beyond 64 bits", "Uid:\t1\nVmPTE:\t18014398509481984 kB\n", -EINVAL, { 0 } },
	{ "a number beyond 64 bits", "Uid:\t1\nVmPTE:\t99999999999999999999 kB\n", -EINVAL, { 0 } },
	{ "a negative size", "Uid:\t1\nVmPTE:\t-4 kB\n", -EINVAL, { 0 } },
	{ "a key without a number", "Uid:\t1\nRssAnon:\tlots kB\n", -EINVAL, { 0 } },
	{ "cut behind a key", "Uid:\t1\nRssAnon:", -EINVAL, { 0 } },
	{ "no user", "Name:\tsh\nVmPTE:\t4 kB\n", -EINVAL, { 0 } },
	{ "a user without a number", "Uid:\t\n", -EINVAL, { 0 } },
	{ "nothing", "", -EINVAL, { 0 } },
	{ "garbage", "\377:\001\n:::\n", -EINVAL, { 0 } },
};

START_TEST(status_lines_are_taken_by_their_whole_key)
{
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct text t = text_of(statuses[i].text, strlen(statuses[i].text));

		status_is(statuses[i].what, t, statuses[i].rc, statuses[i].want);
		text_free(&t);
	}
}
END_TEST

START_TEST(a_user_in_thousands_of_groups_still_has_figures)
{
	static char buf[128 * 1024];
	int n = snprintf(buf, sizeof(buf), "Uid:\t1\nGroups:\t");
	struct text t;

	for (int i = 0; i < 9000; i++)
		n += snprintf(buf + n, sizeof(buf) - (size_t)n, "%d ", 1000000000 + i);
	n += snprintf(buf + n, sizeof(buf) - (size_t)n, "\nVmPTE:\t  4 kB\n");
	t = text_of(buf, (size_t)n);
	status_is("many groups", t, 0, (struct pid_status){ .uid = 1, .pte = 4 * KIB });
	text_free(&t);
}
END_TEST

static const struct {
	const char *what, *text;
	int rc;
	uint64_t signals;
} caughts[] = {
	{ "bash", "Uid:\t0\nSigIgn:\t0000000000000006\nSigCgt:\t0000000043817efb\nCapInh:\t0\n", 0,
		0x43817efb },
	{ "all", "\nSigCgt:\tffffffffFFFFFFFF\n", 0, UINT64_MAX },
	{ "none", "\nSigCgt:\t0000000000000000\n", 0, 0 },
	{ "no such line", "Name:\tSigCgt:\t1\n", -EINVAL, 0 },
	{ "cut off", "\nSigCgt:\t00000000438", -EINVAL, 0 },
	{ "cut off before the number", "\nSigCgt:\t", -EINVAL, 0 },
	{ "too long", "\nSigCgt:\t00000000000000001\n", -EINVAL, 0 },
	{ "a word", "\nSigCgt:\tmany\n", -EINVAL, 0 },
};

START_TEST(caught_signals)
{
	for (size_t i = 0; i < COUNT(caughts); i++) {
		struct text t = text_of(caughts[i].text, strlen(caughts[i].text));
		uint64_t signals = 0;

		SAME(caughts[i].what, pid_status_caught(t.data, t.len, &signals), caughts[i].rc);
		SAME(caughts[i].what, signals, caughts[i].signals);
		text_free(&t);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("proc_pid");

	tcase_add_test(tc, stat_names_a_process_whatever_it_calls_itself);
	tcase_add_test(tc, stat_of_real_kernels_is_understood);
	tcase_add_test(tc, a_stat_cut_anywhere_before_its_start_time_is_refused);
	tcase_add_test(tc, statm_is_three_numbers_or_refused);
	tcase_add_test(tc, status_of_real_kernels_is_understood);
	tcase_add_test(tc, status_lines_are_taken_by_their_whole_key);
	tcase_add_test(tc, a_user_in_thousands_of_groups_still_has_figures);
	tcase_add_test(tc, caught_signals);
	return unit_run();
}
