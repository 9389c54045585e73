/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of --ray-pss-accounting and of plugstack.conf, lines of it and of slurm.conf, the mark of a build */
#include <string.h>

#include "fuzz.h"
#include "plugin/common/build_mark.h"
#include "plugin/common/plugstack.h"
#include "plugin/common/plugstack_file.h"
#include "plugin/common/slurm_conf_file.h"
#include "plugin/common/step_options.h"

const char fuzz_seeds[] = "fuzz/corpus/options/*";

static void is_one_line(const char *error)
{
	MUST(*error && strnlen(error, WORDS_ERROR) < WORDS_ERROR);
	for (; *error; error++)
		MUST(*error >= ' ' && *error <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), error[WORDS_ERROR] = "";
	static struct site site;
	struct plugstack_line line;
	struct step_options o;
	const char *value;
	char mark[BUILD_MARK_SIZE];

	MUST(text);
	if (options_parse(text, &o, error)) {
		is_one_line(error);
	} else {
		MUST(o.accounting != TRISTATE_UNSET);
		MUST(!o.interval_ns || o.interval_ns >= 10000000);
		MUST(!o.notify_signal == !(o.notify_part > 0) && o.notify_part <= 1);
	}
	if (site_parse(1, &text, &site, error)) {
		is_one_line(error);
		MUST(site.mode == MODE_OFF);
	} else {
		MUST(site.interval_ns && site.min_interval_ns && site.spool[0] == '/');
	}
	free(text);
	text = strndup((const char *)data, size);
	MUST(text);
	if (slurm_conf_line_parse(text, "PlugStackConfig", &value))
		MUST(value >= text && value <= text + size);
	free(text);
	text = strndup((const char *)data, size);
	MUST(text);
	if (plugstack_line_parse(text, &line) == PLUGSTACK_PLUGIN)
		MUST(line.path && *line.path && line.ac >= 0 && line.ac <= PLUGSTACK_WORDS);
	if (build_mark_find((const char *)data, size, mark) == 0)
		MUST(strnlen(mark, sizeof(mark)) < sizeof(mark));
	free(text);
	return 0;
}
