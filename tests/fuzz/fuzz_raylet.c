/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A raylet's command line and debug_state.txt, as the user's processes write them */
#include <string.h>

#include "base/unknown.h"
#include "fuzz.h"
#include "measure/procfs/raylet_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/raylet/*";

static bool is_figure(uint64_t value)
{
	return value == UNKNOWN || value <= INT64_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct raylet_options options;
	struct raylet_state state;

	raylet_options_parse((const char *)data, size, &options);
	MUST(is_figure(options.capacity) && is_figure(options.memory));
	MUST(is_figure(options.cpus_hundredths));
	MUST(strnlen(options.session, sizeof(options.session)) < sizeof(options.session));
	MUST(!*options.session || *options.session == '/');
	raylet_state_parse((const char *)data, size, &state);
	MUST(is_figure(state.pinned) && is_figure(state.spilled) && is_figure(state.objects));
	return 0;
}
