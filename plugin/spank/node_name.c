/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/node_name.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Longest compressed list of thousands of nodes. */
enum { NODE_LIST_SIZE = 64 * 1024 };

/* Slurm's own functions for lists of nodes. Every process that loads a SPANK plugin has them. */
static struct {
	void *(*create)(const char *text);
	int (*find)(void *list, const char *name);
	char *(*nth)(void *list, int n);
	void (*destroy)(void *list);
} hostlist;

static bool hostlist_load(void)
{
	*(void **)&hostlist.create = dlsym(RTLD_DEFAULT, "slurm_hostlist_create");
	*(void **)&hostlist.find = dlsym(RTLD_DEFAULT, "slurm_hostlist_find");
	*(void **)&hostlist.nth = dlsym(RTLD_DEFAULT, "slurm_hostlist_nth");
	*(void **)&hostlist.destroy = dlsym(RTLD_DEFAULT, "slurm_hostlist_destroy");
	return hostlist.create && hostlist.find && hostlist.nth && hostlist.destroy;
}

void node_host_name(char name[NODE_SIZE])
{
	if (gethostname(name, NODE_SIZE))
		strcpy(name, "unknown");
	name[NODE_SIZE - 1] = '\0';
	name[strcspn(name, ".")] = '\0';
}

/*
 * A node may have another name than its host, and several slurmd on one host have names of their
 * own. SLURMD_NODENAME is not set yet. So the name is looked up in the list of nodes by our place.
 * The host's name is preferred if it is in the list: the list of a het step has the nodes of all
 * components, but our place is the one in our component.
 */
static void name_from_list(spank_t sp, const char *text, char name[NODE_SIZE])
{
	void *list = hostlist.create(text);
	uint32_t place = 0;
	char *found = NULL;

	if (!list)
		return;
	if (hostlist.find(list, name) < 0 &&
		spank_get_item(sp, S_JOB_NODEID, &place) == ESPANK_SUCCESS)
		found = hostlist.nth(list, (int)place);
	if (found)
		snprintf(name, NODE_SIZE, "%s", found);
	free(found);
	hostlist.destroy(list);
}

void node_name(spank_t sp, const char *list_env, char name[NODE_SIZE])
{
	char *text = malloc(NODE_LIST_SIZE);

	node_host_name(name);
	if (text && hostlist_load() &&
		spank_getenv(sp, list_env, text, NODE_LIST_SIZE) == ESPANK_SUCCESS)
		name_from_list(sp, text, name);
	free(text);
}
