/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request to the publisher */
#include <string.h>

#include "fuzz.h"
#include "results/publish_request.h"

const char fuzz_seeds[] = "fuzz/corpus/request/*";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = fuzz_text(data, size), *text, *same;
	struct publish_request request, again;

	if (publish_request_parse(line, &request) == 0) {
		MUST(request.job && request.field != PUBLISH_NONE);
		MUST(strnlen(request.cluster, CLUSTER_SIZE) < CLUSTER_SIZE);
		for (size_t i = 0; i < request.steps.n; i++)
			MUST(strnlen(request.steps.steps[i].step, STEP_SIZE) < STEP_SIZE);
		/* Written again, it reads the same. */
		text = publish_request_text(&request);
		MUST(text && publish_request_parse(text, &again) == 0);
		same = publish_request_text(&again);
		MUST(same && !strcmp(text, same));
		free(same);
		free(text);
		publish_request_clear(&again);
	}
	publish_request_clear(&request);
	free(line);
	return 0;
}
