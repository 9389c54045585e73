/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/unknown.h"
#include "results/publish_request.h"
#include "tests/unit/unit.h"

START_TEST(what_is_asked_is_read)
{
	struct job_step step = { .step = "batch",
		.nodes = 2,
		.reported = 1,
		.peak = 5,
		.limit = UNKNOWN,
		.store = 0,
		.rss = 9,
		.oom = VERDICT_NEAR };
	struct publish_request r = { .cluster = "c",
		.job = 7,
		.restart = 2,
		.field = PUBLISH_EXTRA,
		.delay_ms = 350,
		.ended = true },
			       back;
	char *text;

	ck_assert_int_eq(job_steps_append(&r.steps, &step), 0);
	r.steps.totals = (struct job_totals){ 40, 50, 60 };
	text = publish_request_text(&r);
	ck_assert_ptr_null(strchr(text, '\n'));
	ck_assert_int_eq(publish_request_parse(text, &back), 0);
	ck_assert_str_eq(back.cluster, "c");
	SAME("job", back.job, 7);
	SAME("restart", back.restart, 2);
	SAME("field", back.field, PUBLISH_EXTRA);
	SAME("ended", back.ended, 1);
	SAME("delay", back.delay_ms, 350);
	SAME("steps", back.steps.n, 1);
	ck_assert_str_eq(back.steps.steps[0].step, "batch");
	SAME("limit", back.steps.steps[0].limit, UNKNOWN);
	SAME("rss", back.steps.steps[0].rss, 9);
	SAME("oom", back.steps.steps[0].oom, VERDICT_NEAR);
	SAME("totals", back.steps.totals.steps, 40);
	free(text);
	publish_request_clear(&back);
	publish_request_clear(&r);
}
END_TEST

static const char *const wrong[] = { "", "{}", "[]", "5", "nonsense",
	"{\"cluster\":\"\",\"job\":0,\"restart\":0,\"field\":\"extra\",\"ended\":true,\"steps\":{}"
	"}",
	"{\"cluster\":\"\",\"job\":7,\"restart\":-1,\"field\":\"extra\",\"ended\":true,\"steps\":{}"
	"}",
	"{\"cluster\":\"\",\"job\":7,\"restart\":0,\"field\":\"none\",\"ended\":true,\"steps\":{}}",
	"{\"cluster\":\"\",\"job\":7,\"restart\":0,\"field\":\"wckey\",\"ended\":true,\"steps\":{}"
	"}",
	"{\"cluster\":\"\",\"job\":7,\"restart\":0,\"field\":\"extra\",\"ended\":true,"
	"\"delay\":99999999,\"steps\":{}}",
	"{\"cluster\":\"\",\"job\":\"7\",\"restart\":0,\"field\":\"extra\",\"ended\":true,"
	"\"steps\":{}}" };

START_TEST(what_is_no_request_is_refused)
{
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct publish_request r;

		ck_assert_msg(publish_request_parse(wrong[i], &r) == -EINVAL, "%s", wrong[i]);
		publish_request_clear(&r);
	}
}
END_TEST

START_TEST(fields_have_one_name_each)
{
	for (int i = PUBLISH_ADMIN_COMMENT; i <= PUBLISH_NONE; i++)
		SAME(publish_field_names[i], publish_field_by_name(publish_field_names[i]), i);
	SAME("other", publish_field_by_name("wckey"), PUBLISH_NONE);
}
END_TEST

START_TEST(a_refusal_is_told_from_other_answers)
{
	ck_assert(publish_answer_is_refusal(PUBLISH_REFUSED "why"));
	ck_assert(!publish_answer_is_refusal("") && !publish_answer_is_refusal("slurmdbd is away"));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("publish_request");

	tcase_add_test(tc, what_is_asked_is_read);
	tcase_add_test(tc, what_is_no_request_is_refused);
	tcase_add_test(tc, fields_have_one_name_each);
	tcase_add_test(tc, a_refusal_is_told_from_other_answers);
	return unit_run();
}
