/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/plugin_copy.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <slurm/spank.h>

/* SPANK_PLUGIN() defines it: every plugin of Slurm has one. */
extern const char plugin_name[];

static const char *name_in(const struct link_map *object)
{
	void *handle = *object->l_name ? dlopen(object->l_name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
	const char *name = handle ? dlsym(handle, "plugin_name") : NULL;

	if (handle)
		dlclose(handle);
	return name;
}

/* Whether another file with this plugin was loaded before this one. */
static bool other_file_came_first(void)
{
	void *program = dlopen(NULL, RTLD_LAZY);
	struct link_map *object = NULL;
	const char *name = NULL;

	if (!program || dlinfo(program, RTLD_DI_LINKMAP, (void *)&object))
		return false;
	for (; object && name != plugin_name; object = object->l_next) {
		name = name_in(object);
		if (name && name != plugin_name && !strcmp(name, plugin_name))
			break;
	}
	dlclose(program);
	return object && name != plugin_name;
}

bool plugin_copy_is_first(enum plugin_hook hook)
{
	static unsigned calls[HOOK_COUNT];
	static bool other_came_first;
	unsigned lines = calls[HOOK_INIT], before = calls[hook]++;

	if (hook == HOOK_INIT) {
		if (before == 0)
			other_came_first = other_file_came_first();
		return before == 0 && !other_came_first;
	}
	/* Lines that name the same file share this memory. */
	return !other_came_first && (lines == 0 || before % lines == 0);
}
