/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of options: durations, sizes, percentages, signals; text from processes */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "fuzz.h"

const char fuzz_seeds[] = "fuzz/corpus/units/*";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char word[64], title[32], buf[SIZE_TEXT];
	uint64_t value;
	double part;
	int signo;

	snprintf(word, sizeof(word), "%.*s", (int)(size < 64 ? size : 64), (const char *)data);
	if (duration_parse(word, &value) == 0)
		MUST(value < 9000000000000000000);
	if (size_parse(word, &value) == 0) {
		MUST(value < 9000000000000000000);
		MUST(strlen(size_format(value, buf)) < sizeof(buf) - 1);
	}
	if (percent_parse(word, &part) == 0)
		MUST(part >= 0 && part <= 1 && strchr(word, '%'));
	if (signal_parse(word, &signo) == 0) {
		MUST(signo > 0 && signo < 65);
		if (signal_name(signo))
			MUST(signal_parse(signal_name(signo), &(int){ 0 }) == 0);
	}
	MUST(text_clean(title, sizeof(title), (const char *)data, size) < sizeof(title));
	for (const char *p = title; *p; p++)
		MUST(*p >= ' ' && *p <= '~');
	return 0;
}
