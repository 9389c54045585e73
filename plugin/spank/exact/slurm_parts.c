/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/slurm_parts.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <slurm/slurm.h>

/* Defined beside the table, so it leads to the object and the segments that hold the table. */
#define TABLE_NEIGHBOUR "jobacct_gather_add_task"

static const char *const gatherer_functions[GATHER_FUNCTIONS] = {
	"jobacct_gather_p_poll_data",
	"jobacct_gather_p_endpoll",
	"jobacct_gather_p_add_task",
};

/*
 * Symbols must come from the object that holds the table. Another one would be a second copy of
 * Slurm's library, with a state of its own.
 */
static int library_functions(struct slurm_parts *parts, const void **base, char *why, size_t size)
{
	const struct {
		const char *name;
		void *to;
	} wanted[] = {
		{ "jobacctinfo_create", &parts->api.create },
		{ "jobacctinfo_destroy", &parts->api.destroy },
		{ "jobacctinfo_aggregate", &parts->api.aggregate },
		{ "jobacctinfo_getinfo", &parts->api.getinfo },
		{ "jobacctinfo_setinfo", &parts->api.setinfo },
		{ "slurm_xsize", &parts->api.size },
		{ "slurm_list_for_each", &parts->api.each },
		{ "jobacct_gather_handle_mem_limit", &parts->handle_limit },
	};
	void *neighbour = dlsym(RTLD_DEFAULT, TABLE_NEIGHBOUR);
	Dl_info object, other;

	if (!neighbour || !dladdr(neighbour, &object)) {
		snprintf(why, size, "slurmstepd has no %s", TABLE_NEIGHBOUR);
		return -ENOENT;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		void *symbol = dlsym(RTLD_DEFAULT, wanted[i].name);

		if (!symbol) {
			snprintf(why, size, "slurmstepd has no %s", wanted[i].name);
			return -ENOENT;
		}
		if (!dladdr(symbol, &other) || other.dli_fbase != object.dli_fbase) {
			snprintf(why, size, "%s is not in %s", wanted[i].name, object.dli_fname);
			return -ENOTSUP;
		}
		memcpy(wanted[i].to, &symbol, sizeof(symbol));
	}
	*base = object.dli_fbase;
	return 0;
}

struct segment_list {
	const void *base; /* of the object, as dladdr tells it */
	struct slurm_parts *parts;
	bool found;
	bool is_program;
	bool too_many;
};

static bool holds_address(const struct dl_phdr_info *info, const void *address)
{
	uintptr_t wanted = (uintptr_t)address;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_LOAD && wanted >= start && wanted - start < p->p_memsz)
			return true;
	}
	return false;
}

static int segments_of_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct segment_list *list = arg;
	struct slurm_parts *parts = list->parts;

	(void)size;
	if (!holds_address(info, list->base))
		return 0;
	list->found = true;
	/* The program itself has no name in this list. */
	list->is_program = !info->dlpi_name || !*info->dlpi_name;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_W))
			continue;
		if (parts->segments_n == SLURM_SEGMENTS_MAX) {
			list->too_many = true;
			break;
		}
		parts->segments[parts->segments_n++] =
			(struct memory_segment){ info->dlpi_addr + p->p_vaddr, p->p_memsz };
	}
	return 1;
}

static int library_segments(struct slurm_parts *parts, const void *base, char *why, size_t size)
{
	struct segment_list list = { .base = base, .parts = parts };

	parts->segments_n = 0;
	dl_iterate_phdr(segments_of_object, &list);
	if (list.is_program) {
		snprintf(why, size, "Slurm's library is linked into slurmstepd");
		return -ENOTSUP;
	}
	if (!list.found || list.too_many || !parts->segments_n) {
		snprintf(why, size, "the memory of Slurm's library is laid out in an unknown way");
		return -ENOTSUP;
	}
	return 0;
}

/* "jobacct_gather/linux" is jobacct_gather_linux.so in one of the directories of PluginDir. */
static void *gatherer_open(const slurm_conf_t *conf)
{
	char name[64], dirs[4 * PATH_MAX], *rest = dirs, *dir, *slash;

	if (!conf->plugindir || !conf->job_acct_gather_type ||
		(size_t)snprintf(name, sizeof(name), "%s", conf->job_acct_gather_type) >=
			sizeof(name) ||
		(size_t)snprintf(dirs, sizeof(dirs), "%s", conf->plugindir) >= sizeof(dirs))
		return NULL;
	slash = strchr(name, '/');
	if (!slash)
		return NULL;
	*slash = '_';
	while ((dir = strsep(&rest, ":"))) {
		char path[PATH_MAX];
		void *handle;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s.so", dir, name) >= sizeof(path))
			continue;
		handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
		if (handle)
			return handle;
	}
	return NULL;
}

static int gatherer_parts(
	struct slurm_parts *parts, const slurm_conf_t *conf, char *why, size_t size)
{
	if (!conf->job_acct_gather_type ||
		strcmp(conf->job_acct_gather_type, "jobacct_gather/none") == 0) {
		snprintf(why, size, "JobAcctGatherType is none, so Slurm has no figures");
		return -ENOENT;
	}
	parts->gatherer = gatherer_open(conf);
	if (!parts->gatherer) {
		snprintf(why, size, "slurmstepd has not loaded the plugin of JobAcctGatherType");
		return -ENOENT;
	}
	for (size_t i = 0; i < GATHER_FUNCTIONS; i++) {
		parts->functions[i] = dlsym(parts->gatherer, gatherer_functions[i]);
		if (parts->functions[i])
			continue;
		snprintf(why, size, "the plugin of JobAcctGatherType has no %s",
			gatherer_functions[i]);
		slurm_parts_release(parts);
		return -ENOENT;
	}
	return 0;
}

int slurm_parts_find(struct slurm_parts *out, char *why, size_t size)
{
	slurm_conf_t *conf = dlsym(RTLD_DEFAULT, "slurm_conf");
	const void *base = NULL;
	int rc;

	*out = (struct slurm_parts){ 0 };
	if (!conf) {
		snprintf(why, size, "slurmstepd has no slurm_conf");
		return -ENOENT;
	}
	out->oom_kill = &conf->job_acct_oom_kill;
	rc = library_functions(out, &base, why, size);
	if (rc == 0)
		rc = library_segments(out, base, why, size);
	return rc ? rc : gatherer_parts(out, conf, why, size);
}

void slurm_parts_release(struct slurm_parts *parts)
{
	if (parts->gatherer)
		dlclose(parts->gatherer);
	parts->gatherer = NULL;
}
