/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plugin/exact_rig.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

struct fake_slurm *slurm;
const struct exact_functions *exact;
void *gatherer;
void *plugin_table[FAKE_FUNCTIONS];

struct task_figures figures;
struct task_sample sample;
struct fake_list list;
char why[EXACT_WHY];
char logged[512];
unsigned asked;

static void *load(const char *name)
{
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", MODULES, name);
	handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	ck_assert_msg(handle != NULL, "%s", dlerror());
	return handle;
}

void slurmstepd_start(void)
{
	struct fake_slurm *(*find)(void);

	*(void **)&find = dlsym(load("fake_slurm.so"), "fake_slurm");
	slurm = find();
	gatherer = load("jobacct_gather_fake.so");
	exact = dlsym(load("exact_module.so"), "exact_functions");
	ck_assert_ptr_nonnull(exact);
	plugin_table[0] = dlsym(gatherer, "jobacct_gather_p_poll_data");
	plugin_table[1] = dlsym(gatherer, "jobacct_gather_p_endpoll");
	plugin_table[2] = dlsym(gatherer, "jobacct_gather_p_add_task");
	memcpy(slurm->table, plugin_table, sizeof(plugin_table));
	memset(slurm->second, 0, sizeof(plugin_table));
	slurm->conf->plugindir = (char *)"/nowhere:" MODULES;
	slurm->conf->job_acct_gather_type = (char *)"jobacct_gather/fake";
	slurm->conf->job_acct_oom_kill = OVER_MEMORY_KILL;
	slurm->shape = FAKE_REAL_SHAPE;
	slurm->start = FAKE_STARTS;
	slurm->comparisons = slurm->polls = 0;
	slurm->raw = 900 * MIB;
	memset(&figures, 0, sizeof(figures));
	list.n = 0;
	*logged = '\0';
	asked = 0;
}

void slurmstepd_end(void)
{
	ck_assert_int_eq(exact->give_back(), 0);
	while (list.n)
		slurm->destroy(list.infos[--list.n]);
	ck_assert_uint_eq(slurm->specimens, 0);
}

static void ask(void)
{
	asked++;
}

void log_line(const char *line)
{
	snprintf(logged, sizeof(logged), "%s", line);
}

int take(uint32_t tasks, uint32_t first)
{
	const struct exact_step step = { &figures, tasks, first, FRESH_NS, ask, log_line };

	*why = '\0';
	return exact->take(&step, why);
}

/* jobacct_gather_add_task puts a task at the head of the list. */
void tasks_launch(uint32_t n, uint32_t first)
{
	list.n = n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id[64] = { first + i, 3 };

		list.infos[n - 1 - i] = slurm->create(id);
	}
}

uint64_t *value(uint32_t task, size_t array)
{
	return slurm->arrays(list.infos[list.n - 1 - task])[array] + slurm->shape.memory;
}

void assert_task(uint32_t task, uint64_t now, uint64_t peak)
{
	ck_assert_uint_eq(*value(task, 0), peak);
	ck_assert_uint_eq(*value(task, 3), peak);
	ck_assert_uint_eq(*value(task, 6), now);
}

void sample_tell(uint32_t n, uint32_t first, uint64_t age_ns)
{
	sample = (struct task_sample){ .at_ns = monotonic_ns() - age_ns, .tasks_n = n };
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bytes = (i + 1) * 10 * MIB;

		sample.tasks[i] = (struct task_figure){ first + i, 0, bytes, 2 * bytes };
		sample.footprint += bytes;
	}
	task_figures_write(&figures, &sample);
}

void assert_as_before(void)
{
	ck_assert_mem_eq(slurm->table, plugin_table, sizeof(plugin_table));
	ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, OVER_MEMORY_KILL);
}
