/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/job_name.h"

#include <stdlib.h>
#include <string.h>

#include "results/step_info.h"

const char *job_name_parse(const char *text, uint32_t *job, const char **step)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number = strtoul(text, NULL, 10);
	const char *rest = text + digits;

	if (digits && (*rest == '_' || *rest == '+'))
		return "is a task of an array or a part of a het job: give its own number, which "
		       "sacct -o JobIDRaw shows";
	if (!digits || !number || number > UINT32_MAX || (*rest && *rest != '.'))
		return "is not the number of a job, such as 65";
	*job = (uint32_t)number;
	*step = *rest ? rest + 1 : NULL;
	if (*step &&
		(!**step ||
			(strspn(*step, "0123456789") != strlen(*step) &&
				!step_info_is_enclosing(*step))))
		return "is not a step, such as 65.0 or 65.batch";
	return NULL;
}
