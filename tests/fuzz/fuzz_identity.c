/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Titles, command lines and logs of Ray's workers, as the user's processes write them */
#include <string.h>

#include "account/ray.h"
#include "fuzz.h"
#include "measure/procfs/ray_identity.h"

const char fuzz_seeds[] = "fuzz/corpus/identity/*";

static void identity_check(const struct ray_evidence *evidence)
{
	struct ray_identity identity;

	ray_identify(evidence, &identity);
	MUST(identity.role <= ROLE_LAST && ray_role_name(identity.role));
	MUST(fuzz_is_clean(identity.name, sizeof(identity.name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[TASK_NAME_SIZE] = "", *text = fuzz_text(data, size);
	struct ray_evidence evidence = { .command = "python",
		.arguments = text,
		.arguments_len = size,
		.log_name = name,
		.actor = "" };

	evidence.log = worker_log_parse(text, size, name);
	MUST(fuzz_is_clean(name, sizeof(name)) && (evidence.log == WORKER_LOG_NONE || *name));
	for (enum core_log core = CORE_LOG_NONE; core <= CORE_LOG_IO; core++) {
		evidence.core = core;
		identity_check(&evidence);
	}
	evidence.actor = "Server";
	identity_check(&evidence);
	(void)worker_log_is(text);
	(void)core_log_of(text);
	free(text);
	return 0;
}
