/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "plugin/common/plugstack.h"
#include "plugin/common/step_options.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	struct step_options want;
} accepted[] = {
	{ NULL, { .accounting = TRISTATE_ON } },
	{ "", { .accounting = TRISTATE_ON } },
	{ "(null)", { .accounting = TRISTATE_ON } },
	{ ",,", { .accounting = TRISTATE_ON } },
	{ "on", { .accounting = TRISTATE_ON } },
	{ "off", { .accounting = TRISTATE_OFF } },
	{ "ON", { .accounting = TRISTATE_ON } },
	{ "yes", { .accounting = TRISTATE_ON } },
	{ "1", { .accounting = TRISTATE_ON } },
	{ "No", { .accounting = TRISTATE_OFF } },
	{ "0", { .accounting = TRISTATE_OFF } },
	{ "on, on", { .accounting = TRISTATE_ON } },
	{ "interval=1s,interval=1000ms", { .accounting = TRISTATE_ON, .interval_ns = NS_PER_S } },
	{ " Series , limits ",
		{ .accounting = TRISTATE_ON, .series = true, .limits = TRISTATE_ON } },
	{ "interval=250ms", { .accounting = TRISTATE_ON, .interval_ns = 250 * NS_PER_MS } },
	{ "interval=24h", { .accounting = TRISTATE_ON, .interval_ns = 86400 * NS_PER_S } },
	{ "interval=10ms", { .accounting = TRISTATE_ON, .interval_ns = 10 * NS_PER_MS } },
	{ "maxrss=auto", { .accounting = TRISTATE_ON, .maxrss = MAXRSS_AUTO } },
	{ "maxrss=pss", { .accounting = TRISTATE_ON, .maxrss = MAXRSS_PSS } },
	{ "maxrss=leave", { .accounting = TRISTATE_ON, .maxrss = MAXRSS_LEAVE } },
	{ "maxrss=exact", { .accounting = TRISTATE_ON, .maxrss = MAXRSS_EXACT } },
	{ "summary", { .accounting = TRISTATE_ON, .summary = TRISTATE_ON } },
	{ "quiet", { .accounting = TRISTATE_ON, .summary = TRISTATE_OFF } },
	{ "series,limits", { .accounting = TRISTATE_ON, .series = true, .limits = TRISTATE_ON } },
	{ "nolimits", { .accounting = TRISTATE_ON, .limits = TRISTATE_OFF } },
	{ "notify=USR1@80%",
		{ .accounting = TRISTATE_ON, .notify_signal = SIGUSR1, .notify_part = 0.8 } },
	{ "notify=SIGTERM@100%",
		{ .accounting = TRISTATE_ON, .notify_signal = SIGTERM, .notify_part = 1 } },
};

START_TEST(the_words_of_the_contract_are_taken)
{
	for (size_t i = 0; i < COUNT(accepted); i++) {
		const char *row = accepted[i].text ? accepted[i].text : "nothing";
		const struct step_options *want = &accepted[i].want;
		char error[WORDS_ERROR] = "";
		struct step_options o;

		ck_assert_msg(
			options_parse(accepted[i].text, &o, error) == 0, "%s: %s", row, error);
		SAME(row, o.accounting, want->accounting);
		SAME(row, o.interval_ns, want->interval_ns);
		SAME(row, o.maxrss, want->maxrss);
		SAME(row, o.summary, want->summary);
		SAME(row, o.series, want->series);
		SAME(row, o.limits, want->limits);
		SAME(row, o.notify_signal, want->notify_signal);
		ck_assert_double_eq_tol(o.notify_part, want->notify_part, 1e-9);
	}
}
END_TEST

#define X16 "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16

/* told: what the error must say, for whoever wrote it. */
static const struct {
	const char *text, *told;
} refused[] = {
	{ "onn", "\"onn\" is not known; allowed: on, off, interval=DUR" },
	{ "o", "\"o\"" },
	{ "on off", "\"on off\"" },
	{ "on=1", "\"on\" takes no value" },
	{ "help", "words, with commas between them: on, off, interval=DUR" },
	{ "on,off", "\"off\" contradicts" },
	{ "quiet,summary", "\"summary\" contradicts" },
	{ "interval", "\"interval\" wants a value: interval=, then a number with ms, s, m or h" },
	{ "notify", "such as USR1@80%" },
	{ "maxrss", "auto, pss, leave or exact" },
	{ "interval=", "interval=\"\" is not a number with ms, s, m or h" },
	{ "interval=1", "interval=\"1\"" },
	{ "interval=9ms", "out of range; allowed: a number with ms, s, m or h from 10ms to 24h" },
	{ "interval=0s", "10ms to 24h" },
	{ "interval=25h", "10ms to 24h" },
	{ "interval=99999999h", "out of range" },
	{ "interval=-1s", "interval=\"-1s\"" },
	{ "maxrss=no", "auto, pss, leave or exact" },
	{ "limits=on", "\"limits\" takes no value" },
	{ "limits,nolimits", "\"nolimits\" contradicts" },
	{ "notify=USR1", "USR1@80%" },
	{ "notify=@80%", "notify" },
	{ "notify=USR1@", "notify" },
	{ "notify=USR1@0%", "notify" },
	{ "notify=USR1@101%", "1% to 100%" },
	{ "notify=USR1@0.5%", "out of range; allowed: a signal that can be caught and 1% to 100%" },
	{ "notify=NONSENSE@80%", "notify" },
	{ "notify=KILL@80%", "a signal that can be caught" },
	{ "notify=SIGSTOP@80%", "a signal that can be caught" },
	{ "notify=9@80%", "a signal that can be caught" },
	{ "notify=AVERYLONGSIGNALNAME@80%", "notify" },
	{ "interval=1s,interval=2s", "\"interval\" contradicts a word before it" },
	{ "maxrss=pss,maxrss=leave", "\"maxrss\" contradicts" },
	{ "notify=USR1@80%,notify=USR1@90%", "\"notify\" contradicts" },
	{ "notify=USR1@80%,notify=TERM@80%", "\"notify\" contradicts" },
	{ "quiet,nonsense,series", "nonsense" },
	{ "(null),x", "(null)" },
	{ "\033[2J\nx", "\"?[2j?x\"" },
	{ "interval=\033[2J", "interval=\"?[2J\"" },
	{ "\377\376", "\"?" },
	{ "%s%n", "%s%n" },
	{ X256, X16 },
	{ X256 X256 X256 X256, "longer than 1023" },
};

START_TEST(any_other_word_is_refused_with_what_is_allowed)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct step_options o = { .interval_ns = 4711 };
		char error[WORDS_ERROR] = "";

		SAME(refused[i].text, options_parse(refused[i].text, &o, error), -EINVAL);
		SAME(refused[i].text, o.interval_ns, 4711);
		ck_assert_msg(
			strstr(error, refused[i].told), "\"%s\" told: %s", refused[i].text, error);
		for (const char *p = error; *p; p++)
			ck_assert_msg(
				*p >= ' ' && *p <= '~', "%s told: %s", refused[i].text, error);
	}
}
END_TEST

START_TEST(a_site_that_says_nothing_has_the_defaults)
{
	char error[WORDS_ERROR];
	struct site site;

	ck_assert_int_eq(site_parse(0, NULL, &site, error), 0);
	ck_assert_int_eq(site.mode, MODE_OPT_IN);
	ck_assert_uint_eq(site.interval_ns, NS_PER_S);
	ck_assert_uint_eq(site.min_interval_ns, 50 * NS_PER_MS);
	ck_assert_double_eq_tol(site.budget, 0.01, 1e-12);
	ck_assert_double_eq_tol(site.duty, 0.02, 1e-12);
	ck_assert_int_eq(site.maxrss, MAXRSS_AUTO);
	ck_assert_int_eq(site.publish, PUBLISH_ADMIN_COMMENT);
	ck_assert_int_eq(site.summary, SUMMARY_ON);
	ck_assert(!site.limits);
	ck_assert_uint_eq(site.deadline_ns, 300 * NS_PER_MS);
	ck_assert_int_eq(site.spool[0], '/');
}
END_TEST

START_TEST(a_site_may_set_every_key)
{
	char *keys[] = { "mode=always", "interval=2s", "min_interval=1ms", "budget=0%", "duty=0.1%",
		"maxrss=leave", "spool=/scratch/spool", "publish=none", "summary=flagged",
		"limits=on", "deadline=10s" };
	char error[WORDS_ERROR];
	struct site site;

	ck_assert_int_eq(site_parse(COUNT(keys), keys, &site, error), 0);
	ck_assert_int_eq(site.mode, MODE_ALWAYS);
	ck_assert_uint_eq(site.interval_ns, 2 * NS_PER_S);
	ck_assert_uint_eq(site.min_interval_ns, NS_PER_MS);
	ck_assert_double_eq_tol(site.budget, 0, 1e-12);
	ck_assert_double_eq_tol(site.duty, 0.001, 1e-12);
	ck_assert_int_eq(site.maxrss, MAXRSS_LEAVE);
	ck_assert_str_eq(site.spool, "/scratch/spool");
	ck_assert_int_eq(site.publish, PUBLISH_NONE);
	ck_assert_int_eq(site.summary, SUMMARY_FLAGGED);
	ck_assert(site.limits);
	ck_assert_uint_eq(site.deadline_ns, 10 * NS_PER_S);
}
END_TEST

START_TEST(a_site_that_wrote_a_key_wrong_is_off)
{
	static char long_path[5000];
	char *wrong[] = { "mode=On", "mode", "=", "", "interval=9ms", "min_interval=0s",
		"budget=101%", "duty=0%", "duty=0.09%", "duty=101%", "spool=relative",
		"publish=adminComment", "summary=yes", "limits=1", "limits", "deadline=11s",
		"nonsense=1", long_path };

	memset(long_path, 'x', sizeof(long_path) - 1);
	memcpy(long_path, "spool=/", 7);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		char *keys[] = { "mode=always", wrong[i] };
		char error[WORDS_ERROR] = "";
		struct site site;

		SAME(wrong[i], site_parse(2, keys, &site, error), -EINVAL);
		SAME(wrong[i], site.mode, MODE_OFF);
		ck_assert_msg(*error && !strchr(error, '\n'), "%s: %s", wrong[i], error);
	}
}
END_TEST

static const struct {
	const char *what;
	uint64_t interval, min_interval, asked, want; /* ms */
} intervals[] = {
	{ "the user asks for nothing", 1000, 50, 0, 1000 },
	{ "for a shorter interval", 1000, 50, 200, 200 },
	{ "for a longer one", 1000, 50, 5000, 5000 },
	{ "for less than the site's least", 1000, 50, 10, 50 },
	{ "for less than what the site chose below its least", 20, 50, 10, 20 },
	{ "for more than that", 20, 50, 30, 30 },
};

START_TEST(no_user_gets_below_the_sites_least_interval)
{
	for (size_t i = 0; i < COUNT(intervals); i++) {
		const struct site site = { .interval_ns = intervals[i].interval * NS_PER_MS,
			.min_interval_ns = intervals[i].min_interval * NS_PER_MS };

		SAME(intervals[i].what, site_interval(&site, intervals[i].asked * NS_PER_MS),
			intervals[i].want * NS_PER_MS);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("options");

	tcase_add_test(tc, the_words_of_the_contract_are_taken);
	tcase_add_test(tc, any_other_word_is_refused_with_what_is_allowed);
	tcase_add_test(tc, a_site_that_says_nothing_has_the_defaults);
	tcase_add_test(tc, a_site_may_set_every_key);
	tcase_add_test(tc, a_site_that_wrote_a_key_wrong_is_off);
	tcase_add_test(tc, no_user_gets_below_the_sites_least_interval);
	return unit_run();
}
