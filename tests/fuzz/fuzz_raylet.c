/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A raylet's command line, debug_state.txt and raylet.out, as the user's processes write them */
#include <string.h>

#include "base/unknown.h"
#include "fuzz.h"
#include "measure/procfs/raylet_log.h"
#include "measure/procfs/raylet_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/raylet/*";

static bool is_figure(uint64_t value)
{
	return value == UNKNOWN || value <= INT64_MAX;
}

/* Read in two pieces, the lines are the same. */
static void log_check(const char *text, size_t size)
{
	struct raylet_kills whole = { 0 }, parts = { 0 };
	size_t used = raylet_kills_parse(text, size, &whole), first;

	MUST(used <= size && (!size || used));
	if (!size || !memchr(text, '\n', size / 2))
		return;
	first = raylet_kills_parse(text, size / 2, &parts);
	MUST(first + raylet_kills_parse(text + first, size - first, &parts) >= used);
	MUST(whole.selected == parts.selected && whole.summed == parts.summed);
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
	log_check((const char *)data, size);
	return 0;
}
