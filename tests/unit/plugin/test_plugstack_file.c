/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file plugstack.conf as Slurm reads it, and the mark of a build. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/common/build_mark.h"
#include "plugin/common/maxrss_rule.h"
#include "plugin/common/plugstack_file.h"
#include "plugin/common/slurm_conf_file.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct plugstack_file found;

static void setup(void)
{
	tree_create(&tree);
}

static void teardown(void)
{
	tree_destroy(&tree);
}

static int read_from(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", tree.path, name);
	return plugstack_file_read(path, &found);
}

START_TEST(a_line_is_taken_apart)
{
	static const struct {
		const char *text;
		enum plugstack_kind kind;
		const char *path;
		int ac;
	} rows[] = {
		{ "", PLUGSTACK_NOTHING, NULL, 0 },
		{ " \t\n", PLUGSTACK_NOTHING, NULL, 0 },
		{ "# optional ray_pss.so\n", PLUGSTACK_NOTHING, NULL, 0 },
		{ "optional ray_pss.so\n", PLUGSTACK_PLUGIN, "ray_pss.so", 0 },
		{ "  required\t/x/ray_pss.so a=1 b=2", PLUGSTACK_PLUGIN, "/x/ray_pss.so", 2 },
		{ "optional ray_pss.so a=1 # b=2", PLUGSTACK_PLUGIN, "ray_pss.so", 1 },
		{ "optional ray_pss.so a#b", PLUGSTACK_PLUGIN, "ray_pss.so", 1 },
		{ "include d/*.conf\n", PLUGSTACK_INCLUDE, "d/*.conf", 0 },
		{ "optional", PLUGSTACK_WRONG, NULL, 0 },
		{ "Optional ray_pss.so", PLUGSTACK_WRONG, NULL, 0 },
	};
	struct plugstack_line line;
	char text[PLUGSTACK_LINE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		strcpy(text, rows[i].text);
		SAME(rows[i].text, plugstack_line_parse(text, &line), rows[i].kind);
		SAME(rows[i].text, line.ac, rows[i].ac);
		ck_assert_pstr_eq(line.path, rows[i].path);
	}
}
END_TEST

START_TEST(a_line_of_slurm_conf_is_taken_apart)
{
	static const struct {
		const char *text;
		enum slurm_conf_kind kind;
		const char *value;
	} rows[] = {
		{ "", SLURM_CONF_NOTHING, NULL },
		{ "# PlugStackConfig=/x\n", SLURM_CONF_NOTHING, NULL },
		{ "PlugStackConfig=/x\n", SLURM_CONF_VALUE, "/x" },
		{ " plugstackconfig = /x # why\n", SLURM_CONF_VALUE, "/x" },
		{ "PlugStackConfig=\"/x y\"\n", SLURM_CONF_VALUE, "/x y" },
		{ "PlugStackConfig=\"/x", SLURM_CONF_VALUE, "/x" },
		{ "ReturnToService=1 PlugStackConfig=/x", SLURM_CONF_VALUE, "/x" },
		{ "Epilog=\"a PlugStackConfig=/y\" PlugStackConfig=/x", SLURM_CONF_VALUE, "/x" },
		{ "PlugStackConfigs=/x\n", SLURM_CONF_NOTHING, NULL },
		{ "PlugStackConfig\n", SLURM_CONF_NOTHING, NULL },
		{ "INCLUDE d/x.conf\n", SLURM_CONF_INCLUDE, "d/x.conf" },
		{ "include\n", SLURM_CONF_NOTHING, NULL },
		{ "includes x\n", SLURM_CONF_NOTHING, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *value = NULL;
		char text[128];

		strcpy(text, rows[i].text);
		SAME(rows[i].text, slurm_conf_line_parse(text, "PlugStackConfig", &value),
			rows[i].kind);
		ck_assert_pstr_eq(value, rows[i].value);
	}
}
END_TEST

/* What plugstack_path_of() says of slurm.conf in the tree; a path in the tree begins with "./". */
static const char *path_said(void)
{
	static char out[PATH_MAX];
	char conf[256];
	size_t n = strlen(tree.path);

	snprintf(conf, sizeof(conf), "%s/slurm.conf", tree.path);
	ck_assert_int_eq(plugstack_path_of(conf, out), 0);
	if (strncmp(out, tree.path, n) == 0) {
		memmove(out + 1, out + n, strlen(out + n) + 1);
		*out = '.';
	}
	return out;
}

START_TEST(slurm_conf_says_where_plugstack_conf_is)
{
	ck_assert_str_eq(path_said(), "./plugstack.conf"); /* no slurm.conf */
	tree_write(&tree, 0, "slurm.conf", "ClusterName=x\n");
	ck_assert_str_eq(path_said(), "./plugstack.conf");
	tree_write(&tree, 0, "slurm.conf", "PlugStackConfig=/else/spank.conf\n");
	ck_assert_str_eq(path_said(), "/else/spank.conf");
	tree_write(&tree, 0, "slurm.conf", "PlugStackConfig=/else/a\nPlugStackConfig=d/b\n");
	ck_assert_str_eq(path_said(), "./d/b");
	tree_write(&tree, 0, "slurm.conf", "Include part.conf\nInclude slurm.conf\n");
	tree_write(&tree, 0, "part.conf", "PlugStackConfig=/else/c\n");
	ck_assert_str_eq(path_said(), "/else/c");
}
END_TEST

START_TEST(slurm_conf_is_where_the_environment_says)
{
	unsigned n = 0;

	setenv("SLURM_CONF", "/x/slurm.conf", 1);
	ck_assert_str_eq(slurm_conf_place(0), "/x/slurm.conf");
	ck_assert_ptr_null(slurm_conf_place(1));
	unsetenv("SLURM_CONF");
	ck_assert_str_eq(slurm_conf_place(0), "/etc/slurm/slurm.conf");
	ck_assert_str_eq(slurm_conf_place(1), "/run/slurm/conf/slurm.conf");
	while (slurm_conf_place(n))
		n++;
	ck_assert_uint_gt(n, 2);
}
END_TEST

START_TEST(more_words_than_there_is_room_for_are_left_out)
{
	char text[PLUGSTACK_LINE] = "optional ray_pss.so";
	struct plugstack_line line;

	for (int i = 0; i < 2 * PLUGSTACK_WORDS; i++)
		strcat(text, " a");
	ck_assert_int_eq(plugstack_line_parse(text, &line), PLUGSTACK_PLUGIN);
	ck_assert_int_eq(line.ac, PLUGSTACK_WORDS);
}
END_TEST

START_TEST(the_first_of_our_lines_is_found)
{
	tree_write(&tree, 0, "plugstack.conf",
		"optional other.so ray_pss.so\nnonsense\noptional ray_pss.so "
		"mode=off\noptional /x/ray_pss.so\n");
	ck_assert_int_eq(read_from("plugstack.conf"), 0);
	ck_assert_uint_eq(found.entries, 2);
	ck_assert_uint_eq(found.place.line, 3);
	ck_assert_str_eq(found.entry.av[0], "mode=off");
	ck_assert_uint_eq(found.wrong, 1);
	ck_assert_uint_eq(found.wrong_place.line, 2);
}
END_TEST

START_TEST(included_files_are_read)
{
	tree_write(&tree, 0, "plugstack.conf", "include d_*.conf\ninclude /nonexistent/*\n");
	tree_write(&tree, 0, "d_1.conf", "optional other.so\n");
	tree_write(&tree, 0, "d_2.conf", "\nrequired ray_pss.so\n");
	ck_assert_int_eq(read_from("plugstack.conf"), 0);
	ck_assert_uint_eq(found.entries, 1);
	ck_assert(found.entry.required);
	ck_assert_uint_eq(found.place.line, 2);
	ck_assert_ptr_nonnull(strstr(found.place.file, "/d_2.conf"));
	ck_assert_uint_eq(found.unread, 0);
}
END_TEST

START_TEST(a_file_that_includes_itself_comes_to_an_end)
{
	tree_write(&tree, 0, "plugstack.conf", "include plugstack.conf\ninclude plugstack.conf\n");
	ck_assert_int_eq(read_from("plugstack.conf"), 0);
	ck_assert_uint_gt(found.unread, 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_told)
{
	ck_assert_int_eq(read_from("nonexistent"), -ENOENT);
	tree_write(&tree, 0, "plugstack.conf", "include d\n");
	ck_assert_int_eq(read_from("plugstack.conf"), 0);
	ck_assert_uint_eq(found.unread, 0);
	ck_assert_uint_eq(found.entries, 0);
}
END_TEST

START_TEST(a_mark_is_found_in_a_file)
{
	char bytes[512], mark[BUILD_MARK_SIZE], release[16];
	size_t sign = strlen("@(#)raypss: ");

	memset(bytes, 'x', sizeof(bytes));
	ck_assert_int_eq(build_mark_find(bytes, sizeof(bytes), mark), -ENOENT);
	memcpy(bytes + 100, build_mark() - sign, sign + strlen(build_mark()) + 1);
	ck_assert_int_eq(build_mark_find(bytes, sizeof(bytes), mark), 0);
	ck_assert_str_eq(mark, build_mark());
	ck_assert_int_eq(build_mark_release(mark, release, sizeof(release)), 0);
	ck_assert_ptr_nonnull(strchr(release, '.'));
	/* Cut at the end of the file. */
	ck_assert_int_eq(build_mark_find(bytes, 100 + sign + 5, mark), 0);
	ck_assert_str_eq(mark, "spank");
	ck_assert_int_eq(build_mark_release(mark, release, sizeof(release)), -EINVAL);
}
END_TEST

START_TEST(polls_are_as_slurm_counts_them)
{
	static const struct {
		const char *text;
		unsigned seconds;
	} rows[] = { { "30", 30 }, { "task=5", 5 }, { "energy=10,task=7", 7 }, { "0", 0 },
		{ "", 30 }, { "energy=10", 30 } };

	for (size_t i = 0; i < COUNT(rows); i++)
		SAME(rows[i].text, maxrss_poll_seconds(rows[i].text), rows[i].seconds);
	ck_assert_uint_eq(maxrss_poll_seconds(NULL), 30);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("plugstack_file");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_line_is_taken_apart);
	tcase_add_test(c, a_line_of_slurm_conf_is_taken_apart);
	tcase_add_test(c, slurm_conf_says_where_plugstack_conf_is);
	tcase_add_test(c, slurm_conf_is_where_the_environment_says);
	tcase_add_test(c, more_words_than_there_is_room_for_are_left_out);
	tcase_add_test(c, the_first_of_our_lines_is_found);
	tcase_add_test(c, included_files_are_read);
	tcase_add_test(c, a_file_that_includes_itself_comes_to_an_end);
	tcase_add_test(c, a_file_that_cannot_be_read_is_told);
	tcase_add_test(c, a_mark_is_found_in_a_file);
	tcase_add_test(c, polls_are_as_slurm_counts_them);
	return unit_run();
}
