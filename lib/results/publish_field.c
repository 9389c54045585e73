/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/publish_field.h"

#include <stddef.h>
#include <string.h>

const char *const publish_field_names[] = {
	[PUBLISH_ADMIN_COMMENT] = "admin_comment",
	[PUBLISH_EXTRA] = "extra",
	[PUBLISH_COMMENT] = "comment",
	[PUBLISH_NONE] = "none",
	NULL,
};

enum publish_field publish_field_by_name(const char *name)
{
	for (int i = 0; publish_field_names[i]; i++)
		if (!strcmp(name, publish_field_names[i]))
			return (enum publish_field)i;
	return PUBLISH_NONE;
}
