/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AdminComment as others left it: two steps of ours are merged into it */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "fuzz.h"
#include "results/job_field.h"

const char fuzz_seeds[] = "fuzz/corpus/field/*";

/* What the text of a field says of the user's other keys must stay. */
static void others_stay(const char *before, const char *after)
{
	json_t *old = *before ? json_loads(before, 0, NULL) : json_object();
	json_t *new = json_loads(after, JSON_REJECT_DUPLICATES, NULL);

	MUST(json_is_object(old) && json_is_object(new));
	MUST(json_dumpb(json_object_get(new, JOB_FIELD_KEY), NULL, 0, JSON_COMPACT) <=
		JOB_FIELD_SIZE);
	json_object_del(old, JOB_FIELD_KEY);
	json_object_del(new, JOB_FIELD_KEY);
	MUST(json_equal(old, new));
	json_decref(old);
	json_decref(new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct job_step two[] = {
		{ .step = "0",
			.nodes = 2,
			.reported = 1,
			.on = 2,
			.peak = 100,
			.limit = 200,
			.rss = 300 },
		{ .step = "batch",
			.nodes = 1,
			.reported = 1,
			.peak = 50,
			.limit = UINT64_MAX,
			.rss = 60,
			.left = 4096,
			.oom = VERDICT_KERNEL },
	};
	const struct job_steps steps = { .steps = two, .n = 2 };
	char *text = fuzz_text(data, size), *merged = NULL, *again = NULL;
	int rc = job_field_merge(text, 0, &steps, &merged);

	MUST(rc == 0 || rc == -EEXIST || rc == -E2BIG);
	if (rc == 0) {
		others_stay(text, merged);
		/*
		 * Then there is nothing more to do. Where a step was cut that the field knew better
		 * than we do, our view of it still goes into the totals: one more write.
		 */
		MUST(job_field_merge(merged, 0, &steps, &again) == 0);
		MUST(job_field_holds(again, 0, &steps));
	} else {
		MUST(!job_field_holds(text, 0, &steps));
	}
	free(again);
	free(merged);
	free(text);
	return 0;
}
