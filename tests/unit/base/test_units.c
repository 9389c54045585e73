/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	int rc;
	uint64_t ns;
} durations[] = {
	{ "50ms", 0, 50 * NS_PER_MS },
	{ "1s", 0, NS_PER_S },
	{ "1.5s", 0, 3 * NS_PER_S / 2 },
	{ ".5s", 0, NS_PER_S / 2 },
	{ "2m", 0, 120 * NS_PER_S },
	{ "1h", 0, 3600 * NS_PER_S },
	{ "0s", 0, 0 },
	{ "007s", 0, 7 * NS_PER_S },
	{ "2000000h", 0, 7200000000 * NS_PER_S },
	{ "3000000h", -ERANGE, 0 },
	{ "99999999999999999999s", -ERANGE, 0 },
	{ "9999999999999999999999999s", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
	{ "s", -EINVAL, 0 },
	{ "1", -EINVAL, 0 },
	{ "1d", -EINVAL, 0 },
	{ "1 s", -EINVAL, 0 },
	{ " 1s", -EINVAL, 0 },
	{ "1s ", -EINVAL, 0 },
	{ "-1s", -EINVAL, 0 },
	{ "+1s", -EINVAL, 0 },
	{ ".s", -EINVAL, 0 },
	{ "1.2.3s", -EINVAL, 0 },
	{ "1e3s", -EINVAL, 0 },
	{ "0x10s", -EINVAL, 0 },
	{ "infs", -EINVAL, 0 },
	{ "nans", -EINVAL, 0 },
	{ "1s\n", -EINVAL, 0 },
};

START_TEST(a_duration_is_a_number_with_its_unit)
{
	for (size_t i = 0; i < COUNT(durations); i++) {
		uint64_t ns = 4711;

		SAME(durations[i].text, duration_parse(durations[i].text, &ns), durations[i].rc);
		SAME(durations[i].text, ns, durations[i].rc ? 4711 : durations[i].ns);
	}
	ck_assert_int_eq(duration_parse(NULL, &(uint64_t){ 0 }), -EINVAL);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	uint64_t bytes;
} sizes[] = {
	{ "0", 0, 0 },
	{ "1073741824", 0, GIB },
	{ "512M", 0, 512 * MIB },
	{ "512m", 0, 512 * MIB },
	{ "512MB", 0, 512 * MIB },
	{ "512MiB", 0, 512 * MIB },
	{ "1.5G", 0, 3 * GIB / 2 },
	{ "1K", 0, KIB },
	{ "7B", 0, 7 },
	{ "2T", 0, 2048 * GIB },
	{ "8000000T", 0, 8000000 * (1024 * GIB) },
	{ "9000000T", -ERANGE, 0 },
	{ "18446744073709551616", -ERANGE, 0 },
	{ "1P", -EINVAL, 0 },
	{ "1Mi", 0, MIB },
	{ "1gi", 0, GIB },
	{ "1Bi", -EINVAL, 0 },
	{ "1i", -EINVAL, 0 },
	{ "1 M", -EINVAL, 0 },
	{ "M", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
	{ "-1M", -EINVAL, 0 },
	{ "1,5G", -EINVAL, 0 },
	{ "0x10", -EINVAL, 0 },
	{ "1G;", -EINVAL, 0 },
};

START_TEST(a_duration_lies_between_its_bounds)
{
	uint64_t ns = 7;

	ck_assert_int_eq(duration_parse_within("9ms", 10 * NS_PER_MS, NS_PER_S, &ns), -ERANGE);
	ck_assert_int_eq(duration_parse_within("1.1s", 10 * NS_PER_MS, NS_PER_S, &ns), -ERANGE);
	ck_assert_int_eq(duration_parse_within("99999999h", 0, NS_PER_S, &ns), -ERANGE);
	ck_assert_int_eq(duration_parse_within("x", 0, NS_PER_S, &ns), -EINVAL);
	ck_assert_uint_eq(ns, 7);
	ck_assert_int_eq(duration_parse_within("1s", 0, NS_PER_S, &ns), 0);
	ck_assert_uint_eq(ns, NS_PER_S);
}
END_TEST

START_TEST(a_size_is_a_number_in_powers_of_1024)
{
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint64_t bytes = 4711;

		SAME(sizes[i].text, size_parse(sizes[i].text, &bytes), sizes[i].rc);
		SAME(sizes[i].text, bytes, sizes[i].rc ? 4711 : sizes[i].bytes);
	}
	ck_assert_int_eq(size_parse(NULL, &(uint64_t){ 0 }), -EINVAL);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	double fraction;
} percents[] = {
	{ "1%", 0, 0.01 },
	{ "0.5%", 0, 0.005 },
	{ "0%", 0, 0 },
	{ "100%", 0, 1 },
	{ "100.1%", -EINVAL, 0 },
	{ "1", -EINVAL, 0 },
	{ "%", -EINVAL, 0 },
	{ "1%%", -EINVAL, 0 },
	{ "-1%", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
};

START_TEST(a_percentage_lies_between_0_and_100)
{
	for (size_t i = 0; i < COUNT(percents); i++) {
		double fraction = 47;

		SAME(percents[i].text, percent_parse(percents[i].text, &fraction), percents[i].rc);
		ck_assert_double_eq_tol(
			fraction, percents[i].rc ? 47 : percents[i].fraction, 1e-12);
	}
	ck_assert_int_eq(percent_parse(NULL, &(double){ 0 }), -EINVAL);
}
END_TEST

static const struct {
	const char *text;
	int rc, signo;
} signal_words[] = {
	{ "USR1", 0, SIGUSR1 },
	{ "SIGUSR1", 0, SIGUSR1 },
	{ "sigterm", 0, SIGTERM },
	{ "10", 0, 10 },
	{ "64", 0, 64 },
	{ "0", -EINVAL, 0 },
	{ "65", -EINVAL, 0 },
	{ "-9", -EINVAL, 0 },
	{ "+9", -EINVAL, 0 },
	{ "9x", -EINVAL, 0 },
	{ "99999999999999999999", -EINVAL, 0 },
	{ "SIG", -EINVAL, 0 },
	{ "SIGSIGUSR1", -EINVAL, 0 },
	{ "USR", -EINVAL, 0 },
	{ "USR11", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
};

START_TEST(a_signal_is_a_name_or_a_number)
{
	for (size_t i = 0; i < COUNT(signal_words); i++) {
		int signo = 4711;

		SAME(signal_words[i].text, signal_parse(signal_words[i].text, &signo),
			signal_words[i].rc);
		SAME(signal_words[i].text, signo,
			signal_words[i].rc ? 4711 : signal_words[i].signo);
	}
	ck_assert_int_eq(signal_parse(NULL, &(int){ 0 }), -EINVAL);
}
END_TEST

START_TEST(every_signal_that_ends_a_process_by_default_has_a_name)
{
	/* signal(7), "Standard signals", Term and Core. */
	static const int ending[] = {
		SIGHUP,
		SIGINT,
		SIGQUIT,
		SIGILL,
		SIGTRAP,
		SIGABRT,
		SIGBUS,
		SIGFPE,
		SIGKILL,
		SIGUSR1,
		SIGSEGV,
		SIGUSR2,
		SIGPIPE,
		SIGALRM,
		SIGTERM,
		SIGXCPU,
		SIGXFSZ,
		SIGVTALRM,
		SIGPROF,
		SIGPOLL,
		SIGSYS,
	};

	for (size_t i = 0; i < COUNT(ending); i++) {
		const char *name = signal_name(ending[i]);
		int signo = 0;

		ck_assert_msg(name != NULL, "signal %d has no name", ending[i]);
		ck_assert_int_eq(signal_parse(name, &signo), 0);
		ck_assert_int_eq(signo, ending[i]);
	}
	ck_assert_ptr_null(signal_name(0));
	ck_assert_ptr_null(signal_name(-1));
	ck_assert_ptr_null(signal_name(4711));
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *text;
} formats[] = {
	{ 0, "0 B" },
	{ 1, "1 B" },
	{ 999, "999 B" },
	{ 1024, "1.00 KiB" },
	{ 494 * MIB, "494 MiB" },
	{ 1239 * MIB, "1.21 GiB" },
	{ 15 * GIB, "15.0 GiB" },
	{ 9995 * KIB, "9.76 MiB" },
	{ 999 * MIB + 511 * KIB, "999 MiB" },
	{ 1000 * MIB, "1000 MiB" },
	{ 1023 * MIB + 600 * KIB, "1.00 GiB" },
	{ 1ULL << 50, "1.00 PiB" },
	{ UINT64_MAX, "16.0 EiB" },
};

START_TEST(a_size_for_people_has_few_digits)
{
	char buf[SIZE_TEXT];

	for (size_t i = 0; i < COUNT(formats); i++)
		ck_assert_str_eq(size_format(formats[i].bytes, buf), formats[i].text);
}
END_TEST

START_TEST(a_size_for_people_never_overflows_its_buffer)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		for (unsigned more = 0; more < 3; more++) {
			char buf[SIZE_TEXT];

			size_format((1ULL << bit) - 1 + more, buf);
			ck_assert_uint_lt(strlen(buf), sizeof(buf) - 1);
		}
	}
}
END_TEST

START_TEST(sizes_of_one_line_have_one_unit)
{
	char buf[SIZE_TEXT];

	ck_assert_str_eq(size_format_like(20 * MIB, 2 * GIB, buf), "0.02 GiB");
	ck_assert_str_eq(size_format_like(9 * GIB, 500 * MIB, buf), "9216 MiB");
	ck_assert_str_eq(size_format_like(0, GIB, buf), "0.00 GiB");
	ck_assert_str_eq(size_format_like(UINT64_MAX, 0, buf), "18446744073709551616 B");
}
END_TEST

static const struct {
	const char *what;
	const char *src;
	size_t len, size;
	const char *clean;
} texts[] = {
	{ "plain", "ray::f()", 8, 64, "ray::f()" },
	{ "terminal escapes", "a\033[31mb", 7, 64, "a?[31mb" },
	{ "control characters", "a\tb\nc\r\177", 7, 64, "a?b?c??" },
	{ "bytes that are no ASCII", "\303\244\377", 3, 64, "???" },
	{ "quotes stay: JSON writers know them", "\"'\\", 3, 64, "\"'\\" },
	{ "ends at a NUL", "ab\0cd", 5, 64, "ab" },
	{ "ends at its length", "abcd", 2, 64, "ab" },
	{ "is cut to the room", "abcdef", 6, 4, "abc" },
	{ "room for the NUL alone", "abc", 3, 1, "" },
	{ "nothing", "", 0, 64, "" },
};

START_TEST(text_of_users_is_bounded_and_printable)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct text src = text_of(texts[i].src, texts[i].len);
		char dst[64];
		size_t n = text_clean(dst, texts[i].size, src.data, src.len);

		ck_assert_msg(!strcmp(dst, texts[i].clean), "%s: \"%s\"", texts[i].what, dst);
		SAME(texts[i].what, n, strlen(dst));
		text_free(&src);
	}
}
END_TEST

START_TEST(text_is_added_as_far_as_there_is_room)
{
	char buf[8] = "";
	size_t n = 0;

	text_add(buf, sizeof(buf), &n, "%d", 123);
	text_add(buf, sizeof(buf), &n, "%s", "45");
	ck_assert_str_eq(buf, "12345");
	ck_assert_uint_eq(n, 5);
	text_add(buf, sizeof(buf), &n, "%s", "678");
	text_add(buf, sizeof(buf), &n, "%s", "9");
	ck_assert_str_eq(buf, "1234567");
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(without_room_nothing_is_written)
{
	char dst = 'x';

	ck_assert_uint_eq(text_clean(&dst, 0, "abc", 3), 0);
	ck_assert_int_eq(dst, 'x');
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("units");

	tcase_add_test(tc, a_duration_is_a_number_with_its_unit);
	tcase_add_test(tc, a_duration_lies_between_its_bounds);
	tcase_add_test(tc, a_size_is_a_number_in_powers_of_1024);
	tcase_add_test(tc, a_percentage_lies_between_0_and_100);
	tcase_add_test(tc, a_signal_is_a_name_or_a_number);
	tcase_add_test(tc, every_signal_that_ends_a_process_by_default_has_a_name);
	tcase_add_test(tc, a_size_for_people_has_few_digits);
	tcase_add_test(tc, a_size_for_people_never_overflows_its_buffer);
	tcase_add_test(tc, text_of_users_is_bounded_and_printable);
	tcase_add_test(tc, text_is_added_as_far_as_there_is_room);
	tcase_add_test(tc, sizes_of_one_line_have_one_unit);
	tcase_add_test(tc, without_room_nothing_is_written);
	return unit_run();
}
