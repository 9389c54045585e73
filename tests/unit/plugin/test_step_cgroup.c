/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "measure/cgroup/cgroup_tree.h"
#include "plugin/common/step_cgroup.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what;
	int version;
	const char *path, *group, *job; /* NULL: none */
} paths[] = {
	{ "slurmstepd", 2, "/system.slice/slurmstepd.scope/job_5/step_0/slurm",
		"/system.slice/slurmstepd.scope/job_5/step_0/user",
		"/system.slice/slurmstepd.scope/job_5" },
	{ "a task", 2, "/system.slice/slurmstepd.scope/job_5/step_0/user/task_12",
		"/system.slice/slurmstepd.scope/job_5/step_0/user",
		"/system.slice/slurmstepd.scope/job_5" },
	{ "with the node's name", 2, "/system.slice/n1_slurmstepd.scope/job_5/step_batch/slurm",
		"/system.slice/n1_slurmstepd.scope/job_5/step_batch/user",
		"/system.slice/n1_slurmstepd.scope/job_5" },
	{ "by SLUID, CgroupSlice", 2, "/hpc.slice/slurmstepd.scope/sEKNKTV3WPV500/step_0/slurm",
		"/hpc.slice/slurmstepd.scope/sEKNKTV3WPV500/step_0/user",
		"/hpc.slice/slurmstepd.scope/sEKNKTV3WPV500" },
	{ "slurmd in a container", 2,
		"/docker/a1/system.slice/slurmstepd.scope/job_5/step_extern/user/task_special",
		"/docker/a1/system.slice/slurmstepd.scope/job_5/step_extern/user",
		"/docker/a1/system.slice/slurmstepd.scope/job_5" },
	{ "a group made by the job", 2, "/s/slurmstepd.scope/job_5/step_0/user/task_0/ray/step_by",
		"/s/slurmstepd.scope/job_5/step_0/user", "/s/slurmstepd.scope/job_5" },
	{ "Slurm inside of a job", 2,
		"/s/x.scope/job_5/step_0/user/task_0/s/slurmstepd.scope/job_1/step_3/slurm",
		"/s/x.scope/job_5/step_0/user/task_0/s/slurmstepd.scope/job_1/step_3/user",
		"/s/x.scope/job_5/step_0/user/task_0/s/slurmstepd.scope/job_1" },
	{ "a het step", 2, "/s/x.scope/job_5/step_0+1/slurm", "/s/x.scope/job_5/step_0+1/user",
		"/s/x.scope/job_5" },
	{ "slurmd", 2, "/system.slice/slurmd.service", NULL, NULL },
	{ "slurmd's own", 2, "/system.slice/slurmstepd.scope/system", NULL, NULL },
	{ "a step without its parts", 2, "/s/x.scope/job_5/step_0", NULL, NULL },
	{ "another part", 2, "/s/x.scope/job_5/step_0/userx", NULL, NULL },
	{ "no number", 2, "/s/x.scope/job_5/step_/user", NULL, NULL },
	{ "no job", 2, "/step_0/user", NULL, NULL },
	{ "the root", 2, "/", NULL, NULL },
	{ "a session", 2, "/user.slice/user-0.slice/session-1.scope", NULL, NULL },
	{ "v1", 1, "/slurm/uid_1000/job_5/step_0/task_0", "/slurm/uid_1000/job_5/step_0",
		"/slurm/uid_1000/job_5" },
	{ "v1 with the node's name", 1, "/slurm_n1/uid_0/job_5/step_batch",
		"/slurm_n1/uid_0/job_5/step_batch", "/slurm_n1/uid_0/job_5" },
	{ "v1, slurmstepd", 1, "/slurm/uid_1000/job_5", NULL, NULL },
	{ "v1, not a job's", 1, "/slurm/step_0", NULL, NULL },
};

START_TEST(the_steps_group_is_cut_from_a_path)
{
	static struct step_cgroup s;

	for (size_t i = 0; i < COUNT(paths); i++) {
		int rc = step_cgroup_parse(paths[i].version, paths[i].path, &s);

		ck_assert_msg(rc == (paths[i].group ? 0 : -ENOENT), "%s: %d", paths[i].what, rc);
		if (rc)
			continue;
		ck_assert_msg(!strcmp(s.group, paths[i].group), "%s: %s", paths[i].what, s.group);
		ck_assert_msg(!strcmp(s.job, paths[i].job), "%s: %s", paths[i].what, s.job);
	}
}
END_TEST

START_TEST(a_path_that_is_too_long_is_none)
{
	static char path[PATH_MAX + 64];
	static struct step_cgroup s;

	memset(path, 'x', PATH_MAX - 20);
	path[0] = '/';
	strcpy(path + PATH_MAX - 20, "/job_1/step_0/slurm");
	ck_assert_int_eq(step_cgroup_parse(2, path, &s), -ENOENT);
}
END_TEST

static const struct {
	const char *root, *group, *dir;
} directories[] = {
	{ "/", "/a/b", "/sys/fs/cgroup/a/b" },
	{ "/", "/", "/sys/fs/cgroup/" },
	{ "/docker/a1", "/docker/a1/s", "/sys/fs/cgroup/s" },
	{ "/docker/a1", "/docker/a1", "/sys/fs/cgroup" },
	{ "/docker/a1", "/docker/a12/s", NULL },
	{ "/docker/a1", "/s", NULL },
};

START_TEST(a_group_has_a_directory_below_its_mount)
{
	static struct cgroup_tree t = { .version = 2, .point = "/sys/fs/cgroup" };
	char dir[64];

	for (size_t i = 0; i < COUNT(directories); i++) {
		int rc;

		strcpy(t.root, directories[i].root);
		rc = cgroup_tree_directory(&t, directories[i].group, dir, sizeof(dir));
		ck_assert_msg(rc == (directories[i].dir ? 0 : -ENOENT), "%zu", i);
		ck_assert_msg(rc || !strcmp(dir, directories[i].dir), "%s", dir);
	}
	ck_assert_int_eq(cgroup_tree_directory(&t, "/docker/a1/s", dir, 10), -ENAMETOOLONG);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("step_cgroup");

	tcase_add_test(tc, the_steps_group_is_cut_from_a_path);
	tcase_add_test(tc, a_path_that_is_too_long_is_none);
	tcase_add_test(tc, a_group_has_a_directory_below_its_mount);
	return unit_run();
}
