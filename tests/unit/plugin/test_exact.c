/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking over and giving back, in a process that has loaded a fake of Slurm's library. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/units.h"
#include "tests/unit/plugin/exact_module.h"
#include "tests/unit/plugin/fake_slurm.h"
#include "tests/unit/unit.h"

#define OVER_MEMORY_KILL 1
#define FRESH_NS (60 * NS_PER_S)

static struct fake_slurm *slurm;
static const struct exact_functions *exact;
static void *gatherer;
static void *plugin_table[FAKE_FUNCTIONS];

static struct task_figures figures;
static struct task_sample sample;
static struct fake_list list;
static char why[EXACT_WHY];
static char logged[512];
static unsigned asked;

static void *load(const char *name)
{
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", MODULES, name);
	handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	ck_assert_msg(handle != NULL, "%s", dlerror());
	return handle;
}

/* slurmstepd as it is in init_post_opt, with OverMemoryKill. */
static void slurmstepd_start(void)
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
	slurm->comparisons = slurm->polls = 0;
	slurm->raw = 900 * MIB;
	memset(&figures, 0, sizeof(figures));
	list.n = 0;
	*logged = '\0';
	asked = 0;
}

static void slurmstepd_end(void)
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

static void log_line(const char *line)
{
	snprintf(logged, sizeof(logged), "%s", line);
}

static int take(uint32_t tasks, uint32_t first)
{
	const struct exact_step step = { &figures, tasks, first, FRESH_NS, ask, log_line };

	*why = '\0';
	return exact->take(&step, why);
}

/* jobacct_gather_add_task puts a task at the head of the list. */
static void tasks_launch(uint32_t n, uint32_t first)
{
	list.n = n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id[64] = { first + i, 3 };

		list.infos[n - 1 - i] = slurm->create(id);
	}
}

static uint64_t *value(uint32_t task, size_t array)
{
	return slurm->arrays(list.infos[list.n - 1 - task])[array] + slurm->shape.memory;
}

static void assert_task(uint32_t task, uint64_t now, uint64_t peak)
{
	ck_assert_uint_eq(*value(task, 0), peak);
	ck_assert_uint_eq(*value(task, 3), peak);
	ck_assert_uint_eq(*value(task, 6), now);
}

/* Task i has (i + 1) * 10 MiB now, and had as much again. */
static void sample_tell(uint32_t n, uint32_t first, uint64_t age_ns)
{
	sample = (struct task_sample){ .at_ns = monotonic_ns() - age_ns, .tasks_n = n };
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bytes = (i + 1) * 10 * MIB;

		sample.tasks[i] = (struct task_figure){ first + i, 0, bytes, 2 * bytes };
		sample.footprint += bytes;
	}
	task_figures_write(&figures, &sample);
}

static void assert_as_before(void)
{
	ck_assert_mem_eq(slurm->table, plugin_table, sizeof(plugin_table));
	ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, OVER_MEMORY_KILL);
}

START_TEST(taking_over_and_giving_back_leaves_nothing)
{
	slurm_conf_t conf = *slurm->conf;
	void *page[FAKE_PAGE / sizeof(void *)];

	memcpy(page, slurm->table, sizeof(page));
	for (int i = 0; i < 3; i++) {
		ck_assert_msg(exact->possible(1, why), "%s", why);
		assert_as_before();
		ck_assert_msg(take(1, 0) == 0, "%s", why);
		ck_assert_ptr_ne(slurm->table[0], plugin_table[0]);
		ck_assert_mem_eq(slurm->table + 1, plugin_table + 1, 3 * sizeof(void *));
		ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, 0);
		ck_assert_int_eq(take(1, 0), -EALREADY);
		ck_assert_int_eq(exact->give_back(), 0);
		ck_assert_int_eq(exact->give_back(), 0);
		ck_assert_mem_eq(slurm->table, page, sizeof(page));
		ck_assert_mem_eq(slurm->conf, &conf, sizeof(conf));
		ck_assert_uint_eq(slurm->specimens, 0);
	}
}
END_TEST

START_TEST(each_task_has_its_own_figures)
{
	ck_assert_int_eq(take(3, 4), 0);
	tasks_launch(3, 4);
	slurm->poll(&list);
	/* Nothing is known yet: Slurm's own figures, and nobody is killed for them. */
	for (uint32_t i = 0; i < 3; i++)
		assert_task(i, 900 * MIB, 900 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 0);
	ck_assert_str_eq(logged, "");
	sample_tell(3, 4, 0);
	slurm->poll(&list);
	for (uint32_t i = 0; i < 3; i++)
		assert_task(i, (i + 1) * 10 * MIB, (i + 1) * 20 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_uint_eq(slurm->compared, 60 * MIB);
	ck_assert_uint_eq(slurm->polls, 2);
	ck_assert_uint_eq(asked, 2);
}
END_TEST

START_TEST(figures_are_whole_kib)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	sample.tasks[0].now = 1;
	sample.tasks[0].peak = 5 * KIB + 1;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, KIB, 6 * KIB);
}
END_TEST

START_TEST(virtual_memory_is_compared_too)
{
	uint64_t bytes = 7 * GIB;

	ck_assert_int_eq(take(3, 0), 0);
	tasks_launch(3, 0);
	sample_tell(3, 0, 0);
	/* The third is unset. */
	slurm->setinfo(list.infos[0], JOBACCT_DATA_TOT_VSIZE, &bytes, 0);
	slurm->setinfo(list.infos[1], JOBACCT_DATA_TOT_VSIZE, &bytes, 0);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->compared_virtual, 14 * GIB);
}
END_TEST

/* Components of a heterogeneous step, and a list in which tasks end one by one. */
START_TEST(task_ids_may_be_shifted)
{
	ck_assert_int_eq(take(5, 2), 0);
	tasks_launch(5, 102);
	sample_tell(5, 2, 0);
	slurm->poll(&list);
	for (uint32_t i = 0; i < 5; i++)
		assert_task(i, (i + 1) * 10 * MIB, (i + 1) * 20 * MIB);
	/* The first task ends, and is the last of the list. */
	slurm->destroy(list.infos[4]);
	list.n = 4;
	slurm->poll(&list);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(*value(i, 0), (i + 2) * 20 * MIB);
}
END_TEST

/* Which shift there is shows only once all tasks are there. */
START_TEST(a_list_that_is_not_complete_stays_as_it_is)
{
	ck_assert_int_eq(take(3, 0), 0);
	tasks_launch(2, 1);
	sample_tell(3, 0, 0);
	slurm->poll(&list);
	assert_task(0, 900 * MIB, 900 * MIB);
	/* The footprint of the step is known all the same. */
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_uint_eq(slurm->compared, 60 * MIB);
}
END_TEST

START_TEST(a_task_without_figures_keeps_slurms)
{
	ck_assert_int_eq(take(3, 0), 0);
	tasks_launch(3, 0);
	sample_tell(2, 0, 0);
	sample.tasks[1].now = sample.tasks[1].peak = UNKNOWN;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	assert_task(1, 900 * MIB, 900 * MIB);
	assert_task(2, 900 * MIB, 900 * MIB);
}
END_TEST

START_TEST(arrays_that_are_missing_are_left_out)
{
	ck_assert_int_eq(take(1, 0), 0);
	slurm->shape.broken_to = 0;
	for (slurm->shape.broken = 0; slurm->shape.broken < 7; slurm->shape.broken++) {
		tasks_launch(1, 0);
		sample_tell(1, 0, 0);
		slurm->poll(&list);
		slurm->destroy(list.infos[0]);
		list.n = 0;
	}
	ck_assert_uint_eq(slurm->polls, 7);
}
END_TEST

START_TEST(a_silent_raypssd_kills_nobody)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 2 * FRESH_NS);
	slurm->poll(&list);
	/* The last figures stay, but are not compared. */
	assert_task(0, 10 * MIB, 20 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 0);
	ck_assert_ptr_nonnull(strstr(logged, "OverMemoryKill does not act"));
	*logged = '\0';
	slurm->poll(&list);
	ck_assert_str_eq(logged, "");
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->comparisons, 1);
	ck_assert_ptr_nonnull(strstr(logged, "OverMemoryKill acts"));
}
END_TEST

START_TEST(a_sample_of_the_future_is_not_fresh)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	sample.at_ns = UINT64_MAX;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->comparisons, 0);
}
END_TEST

START_TEST(impossible_figures_are_not_used)
{
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	sample.tasks[0].peak = UINT64_C(1) << 60;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	sample.tasks_n = 0;
	task_figures_write(&figures, &sample);
	figures.samples[0].tasks_n = figures.samples[1].tasks_n = UINT32_MAX;
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
}
END_TEST

START_TEST(without_over_memory_kill_nothing_is_compared)
{
	slurm->conf->job_acct_oom_kill = 0;
	ck_assert_int_eq(take(1, 0), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	sample_tell(1, 0, 2 * FRESH_NS);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	ck_assert_uint_eq(slurm->comparisons, 0);
	ck_assert_str_eq(logged, "");
	ck_assert_int_eq(exact->give_back(), 0);
	ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, 0);
}
END_TEST

START_TEST(more_tasks_in_the_list_than_launched_stay_as_they_are)
{
	ck_assert_int_eq(take(TASK_FIGURES_MAX, 0), 0);
	tasks_launch(TASK_FIGURES_MAX, 0);
	sample_tell(TASK_FIGURES_MAX, 0, 0);
	for (uint32_t i = 0; i < TASK_FIGURES_MAX; i++)
		sample.tasks[i].now = sample.tasks[i].peak = MIB;
	sample.footprint = GIB;
	task_figures_write(&figures, &sample);
	slurm->poll(&list);
	assert_task(0, MIB, MIB);
	assert_task(TASK_FIGURES_MAX - 1, MIB, MIB);
	/* An array too small would be written beyond its end. */
	while (list.n)
		slurm->destroy(list.infos[--list.n]);
	tasks_launch(TASK_FIGURES_MAX + 500, 0);
	slurm->poll(&list);
	assert_task(0, 900 * MIB, 900 * MIB);
}
END_TEST

static void (*behind)(void *list, uint64_t container, bool profile);

static void wrapper(void *tasks, uint64_t container, bool profile)
{
	behind(tasks, container, profile);
}

START_TEST(who_has_wrapped_us_stays)
{
	ck_assert_int_eq(take(1, 0), 0);
	memcpy(&behind, slurm->table, sizeof(behind));
	slurm->table[0] = (void *)(uintptr_t)wrapper;
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
	ck_assert_int_eq(exact->give_back(), 0);
	ck_assert_ptr_eq(slurm->table[0], (void *)(uintptr_t)wrapper);
	ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, OVER_MEMORY_KILL);
	/* We only call on: the plugin's figures, and its comparison. */
	slurm->poll(&list);
	assert_task(0, 900 * MIB, 900 * MIB);
	ck_assert_uint_eq(slurm->compared, 900 * MIB);
	ck_assert_int_eq(take(1, 0), -ENOENT);
	/* It puts back what it found: us. */
	memcpy(slurm->table, &behind, sizeof(behind));
	slurm->poll(&list);
	ck_assert_uint_eq(slurm->polls, 3);
}
END_TEST

static void refused(int rc, const char *reason)
{
	ck_assert(!exact->possible(1, why));
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_int_eq(take(1, 0), rc);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_ptr_null(strchr(why, '\n'));
	ck_assert_uint_eq(slurm->conf->job_acct_oom_kill, OVER_MEMORY_KILL);
	ck_assert_uint_eq(slurm->specimens, 0);
}

START_TEST(tables_that_are_not_as_expected_are_refused)
{
	memcpy(slurm->second, plugin_table, sizeof(plugin_table));
	refused(-ENOTUNIQ, "found twice");
	assert_as_before();
	memset(slurm->second, 0, sizeof(plugin_table));
	slurm->table[2] = plugin_table[1];
	refused(-ENOENT, "not found");
	memcpy(slurm->table, plugin_table, sizeof(plugin_table));
	ck_assert_int_eq(mprotect(slurm->table, FAKE_PAGE, PROT_READ), 0);
	refused(-EROFS, "read-only");
	ck_assert_int_eq(mprotect(slurm->table, FAKE_PAGE, PROT_NONE), 0);
	refused(-EFAULT, "cannot be searched");
	ck_assert_int_eq(mprotect(slurm->table, FAKE_PAGE, PROT_READ | PROT_WRITE), 0);
	assert_as_before();
}
END_TEST

START_TEST(layouts_that_are_not_as_expected_are_refused)
{
	slurm->shape.swapped = true;
	refused(-ENOTSUP, "in an unknown way");
	slurm->shape = FAKE_REAL_SHAPE;
	slurm->shape.broken = 3;
	slurm->shape.broken_to = 1;
	refused(-ENOTSUP, "in an unknown way");
	slurm->shape.no_specimen = true;
	refused(-ENOMEM, "no specimen");
	assert_as_before();
}
END_TEST

START_TEST(hostile_names_of_the_plugin_are_refused)
{
	static char much[70000];
	char *const types[] = { NULL, much, (char *)"", (char *)"/", (char *)"jobacct_gather",
		(char *)"jobacct_gather/none", (char *)"jobacct_gather/%s%n%s",
		(char *)"../../etc/passwd" };
	char *const dirs[] = { NULL, much, (char *)"", (char *)":::", (char *)"/%s%n" };

	memset(much, 'a', sizeof(much) - 1);
	much[5] = '/';
	for (size_t i = 0; i < COUNT(types); i++) {
		slurm->conf->job_acct_gather_type = types[i];
		refused(-ENOENT, "has not loaded the plugin");
	}
	slurm->conf->job_acct_gather_type = (char *)"jobacct_gather/fake";
	for (size_t i = 0; i < COUNT(dirs); i++) {
		slurm->conf->plugindir = dirs[i];
		refused(-ENOENT, "has not loaded the plugin");
	}
	assert_as_before();
}
END_TEST

START_TEST(too_many_tasks_are_refused)
{
	ck_assert_int_eq(take(0, 0), -E2BIG);
	ck_assert_int_eq(take(TASK_FIGURES_MAX + 1, 0), -E2BIG);
	ck_assert(!exact->possible(TASK_FIGURES_MAX + 1, why));
	assert_as_before();
}
END_TEST

static pthread_barrier_t inside, go_on;

static void ask_and_stay(void)
{
	pthread_barrier_wait(&inside);
	pthread_barrier_wait(&go_on);
}

static void *poll_once(void *arg)
{
	slurm->poll(&list);
	return arg;
}

/* The figures may only be unmapped once no poll uses them. */
START_TEST(a_poll_under_way_is_told)
{
	const struct exact_step step = { &figures, 1, 0, FRESH_NS, ask_and_stay, log_line };
	pthread_t poller;

	pthread_barrier_init(&inside, NULL, 2);
	pthread_barrier_init(&go_on, NULL, 2);
	ck_assert_int_eq(exact->take(&step, why), 0);
	ck_assert_int_eq(pthread_create(&poller, NULL, poll_once, NULL), 0);
	pthread_barrier_wait(&inside);
	ck_assert_int_eq(exact->give_back(), -EBUSY);
	assert_as_before();
	pthread_barrier_wait(&go_on);
	pthread_join(poller, NULL);
	ck_assert_int_eq(exact->give_back(), 0);
}
END_TEST

static atomic_bool stop;

static void *poll_on(void *arg)
{
	while (!atomic_load(&stop))
		slurm->poll(&list);
	return arg;
}

START_TEST(nothing_is_read_behind_giving_back)
{
	size_t size = (sizeof(figures) + FAKE_PAGE - 1) / FAKE_PAGE * FAKE_PAGE;
	pthread_t poller;

	tasks_launch(2, 0);
	sample_tell(2, 0, 0);
	atomic_store(&stop, false);
	ck_assert_int_eq(pthread_create(&poller, NULL, poll_on, NULL), 0);
	for (int i = 0; i < 300; i++) {
		struct task_figures *f = mmap(
			NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		const struct exact_step step = { f, 2, 0, FRESH_NS, NULL, log_line };
		unsigned polls = *(volatile unsigned *)&slurm->polls;

		ck_assert(f != MAP_FAILED);
		task_figures_write(f, &sample);
		ck_assert_msg(exact->take(&step, why) == 0, "%s", why);
		while (*(volatile unsigned *)&slurm->polls == polls)
			continue;
		ck_assert_int_eq(exact->give_back(), 0);
		ck_assert_int_eq(munmap(f, size), 0);
	}
	atomic_store(&stop, true);
	pthread_join(poller, NULL);
}
END_TEST

START_TEST(our_code_stays_when_spank_unloads_it)
{
	char path[4096];
	void *module;

	snprintf(path, sizeof(path), "%s/exact_module.so", MODULES);
	ck_assert_int_eq(take(1, 0), 0);
	module = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
	ck_assert_ptr_nonnull(module);
	/* As often as it was opened; Slurm lets its plugin go before SPANK ends. */
	ck_assert_int_eq(dlclose(module), 0);
	ck_assert_int_eq(dlclose(module), 0);
	ck_assert_int_eq(dlclose(gatherer), 0);
	tasks_launch(1, 0);
	sample_tell(1, 0, 0);
	slurm->poll(&list);
	assert_task(0, 10 * MIB, 20 * MIB);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("exact");

	tcase_add_checked_fixture(c, slurmstepd_start, slurmstepd_end);
	tcase_add_test(c, taking_over_and_giving_back_leaves_nothing);
	tcase_add_test(c, each_task_has_its_own_figures);
	tcase_add_test(c, figures_are_whole_kib);
	tcase_add_test(c, virtual_memory_is_compared_too);
	tcase_add_test(c, task_ids_may_be_shifted);
	tcase_add_test(c, a_list_that_is_not_complete_stays_as_it_is);
	tcase_add_test(c, a_task_without_figures_keeps_slurms);
	tcase_add_test(c, arrays_that_are_missing_are_left_out);
	tcase_add_test(c, a_silent_raypssd_kills_nobody);
	tcase_add_test(c, a_sample_of_the_future_is_not_fresh);
	tcase_add_test(c, impossible_figures_are_not_used);
	tcase_add_test(c, without_over_memory_kill_nothing_is_compared);
	tcase_add_test(c, more_tasks_in_the_list_than_launched_stay_as_they_are);
	tcase_add_test(c, who_has_wrapped_us_stays);
	tcase_add_test(c, tables_that_are_not_as_expected_are_refused);
	tcase_add_test(c, layouts_that_are_not_as_expected_are_refused);
	tcase_add_test(c, hostile_names_of_the_plugin_are_refused);
	tcase_add_test(c, too_many_tasks_are_refused);
	tcase_add_test(c, a_poll_under_way_is_told);
	tcase_add_test(c, nothing_is_read_behind_giving_back);
	tcase_add_test(c, our_code_stays_when_spank_unloads_it);
	return unit_run();
}
