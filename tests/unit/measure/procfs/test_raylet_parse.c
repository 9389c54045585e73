/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What raylets of Ray 2.9 to 2.60 say of their node. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unknown.h"
#include "measure/procfs/raylet_log.h"
#include "measure/procfs/raylet_parse.h"
#include "tests/unit/unit.h"

#define ARGUMENTS(text) text, sizeof(text)

START_TEST(a_command_line_has_the_sizes_that_ray_believes)
{
	struct raylet_options o;

	raylet_options_parse(
		ARGUMENTS(
			"/site-packages/ray/core/src/ray/raylet/raylet\0"
			"--static_resource_list=node:192.0.2.2,1.0,node:__internal_head__,1.0,CPU,"
			"4,"
			"memory,24304492544,object_store_memory,209715200\0"
			"--python_worker_command=python default_worker.py --object_store_memory=7\0"
			"--session_dir=/tmp/ray/session_2026-11-25_19-21-48_811051_24446\0"
			"--object_store_memory=209715200\0--plasma_directory=/dev/shm\0--head"),
		&o);
	ck_assert_uint_eq(o.capacity, 209715200);
	ck_assert_uint_eq(o.memory, 24304492544);
	ck_assert_uint_eq(o.cpus_hundredths, 400);
	ck_assert_str_eq(o.session, "/tmp/ray/session_2026-11-25_19-21-48_811051_24446");
	ck_assert(!o.spills_elsewhere);
}
END_TEST

static const struct {
	const char *what, *argument;
	uint64_t capacity, memory, cpus;
	const char *session;
} odd[] = {
	{ "nothing", "", UNKNOWN, UNKNOWN, UNKNOWN, "" },
	{ "no number", "--object_store_memory=x", UNKNOWN, UNKNOWN, UNKNOWN, "" },
	{ "more than 64 bits", "--object_store_memory=99999999999999999999", UNKNOWN, UNKNOWN,
		UNKNOWN, "" },
	{ "a number that JSON has not", "--object_store_memory=18446744073709551615", UNKNOWN,
		UNKNOWN, UNKNOWN, "" },
	{ "half a CPU", "--static_resource_list=CPU,0.5", UNKNOWN, UNKNOWN, 50, "" },
	{ "many decimals", "--static_resource_list=CPU,1.2599", UNKNOWN, UNKNOWN, 125, "" },
	{ "a name without an amount", "--static_resource_list=memory", UNKNOWN, UNKNOWN, UNKNOWN,
		"" },
	{ "an amount that is called memory", "--static_resource_list=a,memory,memory,5", UNKNOWN, 5,
		UNKNOWN, "" },
	{ "commas alone", "--static_resource_list=,,,", UNKNOWN, UNKNOWN, UNKNOWN, "" },
	{ "a relative directory", "--session_dir=tmp/ray", UNKNOWN, UNKNOWN, UNKNOWN, "" },
};

START_TEST(what_a_command_line_does_not_say_is_unknown)
{
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct raylet_options o;

		raylet_options_parse(odd[i].argument, strlen(odd[i].argument), &o);
		SAME(odd[i].what, o.capacity, odd[i].capacity);
		SAME(odd[i].what, o.memory, odd[i].memory);
		SAME(odd[i].what, o.cpus_hundredths, odd[i].cpus);
		ck_assert_msg(!strcmp(o.session, odd[i].session), "%s", odd[i].what);
	}
}
END_TEST

START_TEST(a_session_whose_path_is_too_long_is_not_known)
{
	char argument[RAYLET_PATH + 32] = "--session_dir=/";
	struct raylet_options o;

	memset(argument + 15, 'x', RAYLET_PATH - 1);
	raylet_options_parse(argument, strlen(argument), &o);
	ck_assert_str_eq(o.session, "");
	argument[15 + RAYLET_PATH - 2] = '\0';
	raylet_options_parse(argument, strlen(argument), &o);
	ck_assert_uint_eq(strlen(o.session), RAYLET_PATH - 1);
}
END_TEST

START_TEST(a_spill_directory_of_the_user_s_is_told)
{
	struct raylet_options o;

	raylet_options_parse(
		ARGUMENTS("--python_worker_command=python w.py --object-spilling-config=eyJ0"), &o);
	ck_assert(o.spills_elsewhere);
}
END_TEST

START_TEST(debug_state_has_what_is_pinned_and_spilled)
{
	static const char text[] =
		"NodeManager:\nLocalObjectManager:\n- num pinned objects: 1\n"
		"- pinned objects size: 52428803\n- num objects pending restore: 0\n"
		"- num bytes currently spilled: 314572818\n\nObjectManager:\n"
		"- num local plasma objects: 3\n";
	struct raylet_state s;

	raylet_state_parse(text, strlen(text), &s);
	ck_assert_uint_eq(s.pinned, 52428803);
	ck_assert_uint_eq(s.spilled, 314572818);
	ck_assert_uint_eq(s.objects, 3);
	raylet_state_parse("- num local plasma objects: -3\n- pinned objects size:", 53, &s);
	ck_assert_uint_eq(s.objects, UNKNOWN);
	ck_assert_uint_eq(s.pinned, UNKNOWN);
	raylet_state_parse("", 0, &s);
	ck_assert_uint_eq(s.spilled, UNKNOWN);
}
END_TEST

#define SUM_LINE                                                                                   \
	"[2026-11-25 20:48:31,791 E 19 19] (raylet) node_manager.cc:3517: 7 Workers (tasks / "     \
	"actors) killed due to memory pressure (OOM), 0 Workers crashed due to other reasons\n"
#define KILL_LINE "Selected to kill: (Task: job ID=01000000, task name=eat, pid=25984)\n"

START_TEST(a_log_has_the_workers_that_ray_killed)
{
	static const struct {
		const char *text;
		uint64_t selected, summed;
	} logs[] = {
		{ "", 0, 0 },
		{ "Considered workers: [\n" KILL_LINE KILL_LINE "]\n", 2, 0 },
		{ SUM_LINE KILL_LINE SUM_LINE, 1, 14 },
		{ "a task says: Selected to kill: (\n", 0, 0 },
		{ " Workers (tasks / actors) killed due to memory pressure (OOM)\n", 0, 0 },
		{ "99999999999 Workers (tasks / actors) killed due to memory pressure (OOM)\n", 0,
			0 },
		{ KILL_LINE "Selected to kill: (Task", 1, 0 },
	};

	for (size_t i = 0; i < COUNT(logs); i++) {
		struct raylet_kills kills = { 0 };

		raylet_kills_parse(logs[i].text, strlen(logs[i].text), &kills);
		SAME(logs[i].text, kills.selected, logs[i].selected);
		SAME(logs[i].text, kills.summed, logs[i].summed);
	}
}
END_TEST

static void log_write(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

START_TEST(a_log_is_read_as_it_grows)
{
	struct raylet_log log = { .fd = -1 };
	static char noise[300 * 1024];
	int fd = memfd_create("raylet.out", 0);

	ck_assert_uint_eq(raylet_log_read(&log), UNKNOWN);
	raylet_log_open(&log, fd);
	ck_assert_uint_eq(raylet_log_read(&log), 0);
	log_write(fd, KILL_LINE "Selected to kill: (Ta");
	ck_assert_uint_eq(raylet_log_read(&log), 1);
	log_write(fd, "sk: x)\n");
	ck_assert_uint_eq(raylet_log_read(&log), 2);
	/* A line longer than what is read at once, and a log that grows faster than it is read. */
	memset(noise, 'x', sizeof(noise) - 2);
	noise[sizeof(noise) - 2] = '\n';
	log_write(fd, noise);
	log_write(fd, KILL_LINE);
	ck_assert_uint_eq(raylet_log_read(&log), 2);
	ck_assert_uint_eq(raylet_log_read(&log), 3);
	log_write(fd, SUM_LINE);
	ck_assert_uint_eq(raylet_log_read(&log), 7);
	/* Another raylet's log adds to what was counted. */
	fd = memfd_create("raylet.out", 0);
	raylet_log_open(&log, fd);
	log_write(fd, SUM_LINE);
	ck_assert_uint_eq(raylet_log_read(&log), 14);
	raylet_log_open(&log, -1);
	ck_assert_int_eq(log.fd, -1);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("raylet_parse");

	tcase_add_test(tc, a_command_line_has_the_sizes_that_ray_believes);
	tcase_add_test(tc, what_a_command_line_does_not_say_is_unknown);
	tcase_add_test(tc, a_session_whose_path_is_too_long_is_not_known);
	tcase_add_test(tc, a_spill_directory_of_the_user_s_is_told);
	tcase_add_test(tc, debug_state_has_what_is_pinned_and_spilled);
	tcase_add_test(tc, a_log_has_the_workers_that_ray_killed);
	tcase_add_test(tc, a_log_is_read_as_it_grows);
	return unit_run();
}
