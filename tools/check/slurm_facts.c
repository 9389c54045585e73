/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/check/slurm_facts.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

#define FACT(name)                                                                                 \
	{                                                                                          \
#name, offsetof(struct slurm_facts, name), sizeof(((struct slurm_facts *)0)->name) \
	}

static const struct fact {
	const char *key;
	size_t offset, size;
} facts[] = {
	FACT(build),
	FACT(conf),
	FACT(plugstack),
	FACT(plugindir),
	FACT(gather),
	FACT(params),
	FACT(frequency),
	FACT(kill),
	FACT(store_flags),
	FACT(confined),
	FACT(controller),
	FACT(database),
	FACT(jobstats),
};

static const struct fact *fact_find(const char *key, size_t n)
{
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		if (strlen(facts[i].key) == n && !memcmp(facts[i].key, key, n))
			return &facts[i];
	return NULL;
}

void slurm_facts_parse(char *text, struct slurm_facts *out)
{
	char *rest, *line = strtok_r(text, "\n", &rest);

	*out = (struct slurm_facts){ 0 };
	for (; line; line = strtok_r(NULL, "\n", &rest)) {
		size_t n = strcspn(line, " ");
		const struct fact *f = line[n] ? fact_find(line, n) : NULL;

		if (f)
			text_clean((char *)out + f->offset, f->size, line + n + 1,
				strlen(line + n + 1));
		else if (!*out->said)
			text_clean(out->said, sizeof(out->said), line, strlen(line));
	}
}

bool fact_is_yes(const char *fact)
{
	return !strncmp(fact, "yes", 3) && (!fact[3] || fact[3] == ' ');
}
