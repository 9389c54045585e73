/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts and commands of users, searched for Ray */
#include <string.h>

#include "fuzz.h"
#include "plugin/common/ray_command.h"

const char fuzz_seeds[] = "fuzz/corpus/script/*";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	char *words[] = { (char[]){ "bash" }, (char[]){ "-c" }, text };

	MUST(text);
	/* Without one of these words nothing is Ray's. */
	if (ray_command_in_script((const char *)data, size))
		MUST(memmem(data, size, "ray", 3) || memmem(data, size, "serve", 5) ||
			memmem(data, size, "tune", 4));
	MUST(ray_command_in_words(words, 3) == ray_command_in_script(text, strlen(text)));
	free(text);
	return 0;
}
