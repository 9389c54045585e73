/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's summary, as another node may leave it in the spool: patches over one in use */
#include <string.h>

#include "fuzz.h"
#include "results/job_field.h"
#include "results/job_summary.h"

const char fuzz_seeds[] = "fuzz/corpus/summary/*";

static void merge_check(const struct job_summary *s)
{
	struct job_steps steps;
	char *text = NULL;

	MUST(job_summary_steps(s, &steps) == 0 && steps.n <= SUMMARY_STEPS);
	if (job_field_merge("", s->restart, &steps, &text) == 0)
		MUST(job_field_holds(text, s->restart, &steps));
	free(text);
	job_steps_clear(&steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct job_node node = {
		.step = "1", .node = "n1", .job = 7, .nodes = 2, .footprint = 100
	};
	static struct job_summary s;

	memset(&s, 0, sizeof(s));
	job_summary_add(&s, &node);
	fuzz_patch(&s, sizeof(s), 1, data, size);
	if (!job_summary_is_sane(&s))
		return 0;
	merge_check(&s);
	/* One more step, and one more node of the step that is there. */
	strcpy(node.step, "batch");
	job_summary_add(&s, &node);
	strcpy(node.step, "1");
	strcpy(node.node, "n2");
	job_summary_add(&s, &node);
	MUST(job_summary_is_sane(&s));
	merge_check(&s);
	return 0;
}
