/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking over, giving back, and what is refused. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/plugin/exact_rig.h"
#include "tests/unit/unit.h"

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
	char *const types[] = { much, (char *)"", (char *)"/", (char *)"jobacct_gather",
		(char *)"jobacct_gather/%s%n%s", (char *)"../../etc/passwd" };
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

START_TEST(the_plugin_is_found_behind_a_directory_too_long_to_be_one)
{
	char dirs[6000];

	memset(dirs, 'a', sizeof(dirs));
	snprintf(dirs + 5000, sizeof(dirs) - 5000, ":%s", MODULES);
	slurm->conf->plugindir = dirs;
	ck_assert_msg(exact->possible(1, why), "%s", why);
}
END_TEST

/* exact_module.so is no accounting plugin. */
START_TEST(a_plugin_without_the_functions_is_refused)
{
	slurm->conf->job_acct_gather_type = (char *)"exact/module";
	refused(-ENOENT, "the plugin of JobAcctGatherType has no jobacct_gather_p_poll_data");
	assert_as_before();
}
END_TEST

START_TEST(no_plugin_is_refused)
{
	char *const types[] = { NULL, (char *)"jobacct_gather/none" };

	for (size_t i = 0; i < COUNT(types); i++) {
		slurm->conf->job_acct_gather_type = types[i];
		refused(-ENOENT, "JobAcctGatherType is none");
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
	int rc;

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
			sched_yield();
		/* Busy: the machine holds up a poll. */
		while ((rc = exact->give_back()) == -EBUSY)
			continue;
		ck_assert_int_eq(rc, 0);
		ck_assert_int_eq(munmap(f, size), 0);
	}
	atomic_store(&stop, true);
	pthread_join(poller, NULL);
}
END_TEST

START_TEST(asking_and_refusing_do_not_hold_the_plugin)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/jobacct_gather_fake.so", MODULES);
	slurm->shape.swapped = true;
	refused(-ENOTSUP, "in an unknown way");
	slurm->shape = FAKE_REAL_SHAPE;
	ck_assert_msg(exact->possible(1, why), "%s", why);
	ck_assert_int_eq(dlclose(gatherer), 0);
	ck_assert_ptr_null(dlopen(path, RTLD_LAZY | RTLD_NOLOAD));
	/* Nor do they load a plugin that is there. */
	ck_assert(!exact->possible(1, why));
	ck_assert_ptr_nonnull(strstr(why, "has not loaded the plugin"));
	memset(slurm->table, 0, sizeof(plugin_table));
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
	/* First: taking over holds the plugin for good, also for the tests behind it in one process. */
	tcase_add_test(c, asking_and_refusing_do_not_hold_the_plugin);
	tcase_add_test(c, taking_over_and_giving_back_leaves_nothing);
	tcase_add_test(c, who_has_wrapped_us_stays);
	tcase_add_test(c, tables_that_are_not_as_expected_are_refused);
	tcase_add_test(c, layouts_that_are_not_as_expected_are_refused);
	tcase_add_test(c, hostile_names_of_the_plugin_are_refused);
	tcase_add_test(c, the_plugin_is_found_behind_a_directory_too_long_to_be_one);
	tcase_add_test(c, a_plugin_without_the_functions_is_refused);
	tcase_add_test(c, no_plugin_is_refused);
	tcase_add_test(c, too_many_tasks_are_refused);
	tcase_add_test(c, a_poll_under_way_is_told);
	tcase_add_test(c, nothing_is_read_behind_giving_back);
	tcase_add_test(c, our_code_stays_when_spank_unloads_it);
	return unit_run();
}
