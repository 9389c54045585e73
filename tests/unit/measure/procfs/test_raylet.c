/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "measure/procfs/raylet.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct objects *objects;
static struct raylet raylet;

static void begin(void)
{
	tree_create(&tree);
	table = process_table_create(16);
	objects = objects_create(tree.fd);
	raylet_init(&raylet, tree.fd);
}

static void end(void)
{
	raylet_close(&raylet);
	objects_destroy(objects);
	process_table_destroy(table);
	tree_destroy(&tree);
}

/* A raylet that is first seen at that time. */
static struct process *raylet_process(pid_t pid, uint64_t seen_s, const char *memory)
{
	const struct ray_identity identity = { .role = ROLE_SYSTEM, .name = "raylet" };
	struct fake fake = { .pid = pid, .ppid = 1, .size = 9000, .rss = 10, .cmdline = memory };
	struct process *p = process_add(table, pid);

	tree_process(&tree, &fake);
	process_name(table, p, &identity);
	p->seen_ns = seen_s * NS_PER_S;
	p->size = MIB;
	p->row->start = (uint64_t)pid;
	return p;
}

static const struct look_ray *look(uint64_t at_s)
{
	process_table_begin(table, at_s * NS_PER_S);
	raylet_refresh(&raylet, table, objects, at_s * NS_PER_S);
	return &raylet.known;
}

START_TEST(what_the_command_line_says_is_known)
{
	ck_assert(!look(9)->present);
	raylet_process(10, 10, "--object_store_memory=4096");
	ck_assert(look(10)->present);
	SAME("capacity", raylet.known.capacity, 4096);
	SAME("raylets", raylet.known.raylets, 1);
}
END_TEST

/* A fork for a worker has its name and command line until it executes its program. */
START_TEST(a_second_raylet_counts_once_it_has_been_there_for_two_seconds)
{
	raylet_process(10, 10, "--object_store_memory=4096");
	SAME("one", look(10)->raylets, 1);
	raylet_process(11, 11, "--object_store_memory=8192");
	SAME("a fork, perhaps", look(11)->raylets, 1);
	SAME("still", look(12)->raylets, 1);
	SAME("another one", look(13)->raylets, 2);
	SAME("the first one's", raylet.known.capacity, 4096);
}
END_TEST

START_TEST(another_raylet_is_read_anew)
{
	raylet_process(10, 10, "--object_store_memory=4096");
	look(10);
	process_remove(table, process_find(table, 10));
	ck_assert(!look(11)->present);
	raylet_process(12, 12, "--object_store_memory=8192");
	ck_assert(look(12)->present);
	SAME("capacity", raylet.known.capacity, 8192);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("raylet");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_the_command_line_says_is_known);
	tcase_add_test(tc, a_second_raylet_counts_once_it_has_been_there_for_two_seconds);
	tcase_add_test(tc, another_raylet_is_read_anew);
	return unit_run();
}
