/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a raylet or a driver is found in a step, and which ones are not the step's. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/raypssd/raylet_seek.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

enum {
	STEPD = 100,
	TASK = 110,
	OTHER_STEPD = 105,
	RAYLET = 130,
	DRIVER = 140,
	LOOKS_TO_ALL = 30,
};

#define LOG "/tmp/ray/session_1/logs/python-core-driver-01_140.log"

static struct tree tree;
static struct raylet_seek seek;

static void process(pid_t pid, pid_t parent, const char *comm)
{
	char line[32];

	tree_process(&tree, &(struct fake){ .pid = pid, .ppid = parent, .comm = comm });
	snprintf(line, sizeof(line), "%s\n", comm);
	tree_write(&tree, pid, "comm", line);
	tree_last_pid(&tree, pid);
}

/* As both versions have it: which one this machine has decides which line counts. */
static void group(pid_t pid, const char *v2, const char *v1)
{
	char text[256];

	snprintf(text, sizeof(text),
		"9:memory:/slurm/job_1/%s\n8:freezer:/slurm/job_1/%s\n"
		"0::/system.slice/slurmstepd.scope/job_1/%s\n",
		v1, v1, v2);
	tree_write(&tree, pid, "cgroup", text);
}

static void begin(void)
{
	tree_create(&tree);
	process(1, 0, "systemd");
	process(STEPD, 1, "slurmstepd");
	process(OTHER_STEPD, 1, "slurmstepd");
	process(TASK, STEPD, "python3");
	ck_assert_int_eq(raylet_seek_init(&seek, tree.path, STEPD), 0);
}

static void end(void)
{
	raylet_seek_close(&seek);
	tree_destroy(&tree);
}

START_TEST(a_raylet_below_slurmstepd_is_found)
{
	ck_assert(!raylet_seek_look(&seek));
	process(RAYLET, TASK, "raylet");
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

START_TEST(a_raylet_of_another_step_is_not_found)
{
	process(RAYLET, OTHER_STEPD, "raylet");
	ck_assert(!raylet_seek_look(&seek));
	process(RAYLET + 1, 1, "raylet");
	ck_assert(!raylet_seek_look(&seek));
}
END_TEST

START_TEST(another_program_is_no_raylet)
{
	process(RAYLET, TASK, "raylets");
	process(RAYLET + 1, TASK, "xraylet");
	ck_assert(!raylet_seek_look(&seek));
}
END_TEST

/* The first look after its fork saw the name of its parent's program. */
START_TEST(a_raylet_that_executes_its_program_later_is_found)
{
	ck_assert(!raylet_seek_look(&seek));
	ck_assert(!raylet_seek_look(&seek));
	process(RAYLET, TASK, "python3");
	ck_assert(!raylet_seek_look(&seek));
	tree_write(&tree, RAYLET, "comm", "raylet\n");
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

START_TEST(numbers_that_begin_anew_are_noticed)
{
	ck_assert(!raylet_seek_look(&seek));
	process(50, TASK, "raylet");
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

/* Both kinds of new processes: those before the numbers began anew, and those after. */
START_TEST(a_raylet_that_executes_its_program_after_numbers_began_anew_is_found)
{
	ck_assert(!raylet_seek_look(&seek));
	ck_assert(!raylet_seek_look(&seek));
	process(50, TASK, "python3");
	ck_assert(!raylet_seek_look(&seek));
	if (_i)
		process(60, TASK, "python3");
	tree_write(&tree, 50, "comm", "raylet\n");
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

START_TEST(old_processes_are_looked_at_again_at_last)
{
	int looks = 1;

	while (seek.looks < 5)
		ck_assert(!raylet_seek_look(&seek));
	tree_write(&tree, TASK, "comm", "raylet\n");
	while (!raylet_seek_look(&seek) && looks <= LOOKS_TO_ALL)
		looks++;
	ck_assert_int_gt(looks, 1);
	ck_assert_int_le(looks, LOOKS_TO_ALL);
}
END_TEST

/* What a look costs is CPU time: on a busy node it takes longer, and Ray starts there just now. */
START_TEST(a_look_that_has_to_wait_does_not_put_off_the_next_one)
{
	char path[128];
	pid_t child;

	unit_clock_run();
	ck_assert(!raylet_seek_look(&seek));
	ck_assert_uint_eq(raylet_seek_pause_ns(&seek), RAYLET_SEEK_EVERY_NS);
	process(RAYLET, TASK, "python3");
	tree_remove(&tree, RAYLET, "comm");
	snprintf(path, sizeof(path), "%s/%d/comm", tree.path, RAYLET);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	child = fork();
	if (child == 0) {
		poll(NULL, 0, 50);
		_exit(open(path, O_WRONLY) < 0);
	}
	ck_assert(!raylet_seek_look(&seek));
	ck_assert_uint_eq(raylet_seek_pause_ns(&seek), RAYLET_SEEK_EVERY_NS);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(looks_take_a_small_part_of_a_core)
{
	seek.cost_ns = 10 * NS_PER_MS;
	ck_assert_uint_eq(raylet_seek_pause_ns(&seek), 20 * NS_PER_S);
}
END_TEST

/* A daemon has left slurmstepd's tree, but not the group. */
START_TEST(the_control_group_decides_where_there_is_one)
{
	group(STEPD, "step_0/slurm", "step_0");
	raylet_seek_close(&seek);
	ck_assert_int_eq(raylet_seek_init(&seek, tree.path, STEPD), 0);
	/* A machine without control groups has nothing to decide. */
	if (!seek.group.version)
		return;
	process(RAYLET, TASK, "raylet");
	group(RAYLET, "step_1/user/task_0", "step_1/task_0");
	ck_assert(!raylet_seek_look(&seek));
	process(RAYLET + 1, 1, "raylet");
	group(RAYLET + 1, "step_0/user/task_0", "step_0/task_0");
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

static void joins(pid_t pid, const char *link)
{
	tree_link(&tree, pid, "fd/7", link);
}

START_TEST(a_driver_that_joins_late_is_found)
{
	process(DRIVER, TASK, "python3.11");
	joins(DRIVER, "/tmp/ray/session_1/logs/raylet.out");
	for (int i = 0; i < 5; i++)
		ck_assert(!raylet_seek_look(&seek));
	tree_link(&tree, DRIVER, "fd/8", LOG);
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

START_TEST(a_driver_of_another_step_is_not_found)
{
	process(DRIVER, OTHER_STEPD, "python3");
	joins(DRIVER, LOG);
	/* Not one that is no Python, either: it only writes such a file. */
	process(DRIVER + 1, TASK, "tail");
	joins(DRIVER + 1, LOG);
	ck_assert(!raylet_seek_look(&seek));
	ck_assert(!raylet_seek_look(&seek));
}
END_TEST

/* The number of a process that ended became a driver's elsewhere. */
START_TEST(a_driver_with_the_number_of_an_ended_process_is_not_found)
{
	process(DRIVER, TASK, "python3");
	ck_assert(!raylet_seek_look(&seek));
	process(DRIVER, OTHER_STEPD, "python3");
	joins(DRIVER, LOG);
	ck_assert(!raylet_seek_look(&seek));
}
END_TEST

START_TEST(processes_that_ended_are_forgotten)
{
	for (int round = 0; round < 3; round++) {
		for (pid_t pid = DRIVER; pid < DRIVER + DRIVER_SEEK_PROCESSES + 5; pid++) {
			process(pid, TASK, "python3");
			joins(pid, "pipe:[1]");
		}
		ck_assert(!raylet_seek_look(&seek));
		ck_assert_uint_le(seek.drivers.n, DRIVER_SEEK_PROCESSES);
		for (pid_t pid = DRIVER; pid < DRIVER + DRIVER_SEEK_PROCESSES + 5; pid++)
			tree_remove(&tree, pid, NULL);
		ck_assert(!raylet_seek_look(&seek));
		ck_assert_uint_le(seek.drivers.n, 1);
	}
	process(DRIVER, TASK, "python3");
	joins(DRIVER, LOG);
	ck_assert(raylet_seek_look(&seek));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("raylet_seek");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_raylet_below_slurmstepd_is_found);
	tcase_add_test(tc, a_raylet_of_another_step_is_not_found);
	tcase_add_test(tc, another_program_is_no_raylet);
	tcase_add_test(tc, a_raylet_that_executes_its_program_later_is_found);
	tcase_add_test(tc, numbers_that_begin_anew_are_noticed);
	tcase_add_loop_test(
		tc, a_raylet_that_executes_its_program_after_numbers_began_anew_is_found, 0, 2);
	tcase_add_test(tc, old_processes_are_looked_at_again_at_last);
	tcase_add_test(tc, a_look_that_has_to_wait_does_not_put_off_the_next_one);
	tcase_add_test(tc, looks_take_a_small_part_of_a_core);
	tcase_add_test(tc, the_control_group_decides_where_there_is_one);
	tcase_add_test(tc, a_driver_that_joins_late_is_found);
	tcase_add_test(tc, a_driver_of_another_step_is_not_found);
	tcase_add_test(tc, a_driver_with_the_number_of_an_ended_process_is_not_found);
	tcase_add_test(tc, processes_that_ended_are_forgotten);
	return unit_run();
}
