/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For whom the programs count that processes of Ray start. */
#include <string.h>

#include "account/ray.h"
#include "base/units.h"
#include "measure/procfs/procfs.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

#define SITE "/v/lib/python3/site-packages/ray"
#define FORK_SERVER "/v/bin/python\0-c\0from multiprocessing.forkserver import main"

/* Arguments are separated by NUL. */
static const struct {
	pid_t pid, ppid;
	const char *arguments;
	size_t len;
	const char *role, *name;
} family[] = {
#define ROW(pid, ppid, arguments, role, name)                                                      \
	{                                                                                          \
		pid, ppid, arguments, sizeof(arguments), role, name                                \
	}
	ROW(10, 1, "/v/bin/python\0train.py", "other", "python"),
	ROW(11, 10, SITE "/core/src/ray/raylet/raylet", "system", "raylet"),
	ROW(12, 10, "/v/bin/python\0" SITE "/dashboard/dashboard.py", "system", "dashboard.py"),
	ROW(13, 12, FORK_SERVER, "system", "dashboard.py"),
	ROW(14, 13, "ray-dashboard-JobHead-0 (/v/bin/python)", "system", "ray-dashboard"),
	ROW(15, 11, "ray::RuntimeEnvAgent", "system", "RuntimeEnvAgent"),
	ROW(16, 15, "/bin/sh\0-c\0pip install x", "system", "RuntimeEnvAgent"),
	ROW(17, 16, "pip", "system", "RuntimeEnvAgent"),
	/* What a raylet starts is a worker that does not say so yet. */
	ROW(18, 11, "/bin/bash\0-c\0exec python", "other", "bash"),
	ROW(19, 11, "ray::work", "task", "work"),
	ROW(20, 19, "/usr/bin/gzip", "task", "work"),
#undef ROW
};

START_TEST(helpers_of_a_service_count_for_the_service)
{
	struct process_table *table = process_table_create(64);
	struct procfs *procfs;
	struct tree tree;

	tree_create(&tree);
	procfs = procfs_create(tree.fd, table);
	for (size_t i = 0; i < COUNT(family); i++) {
		const struct fake f = {
			.pid = family[i].pid, .ppid = family[i].ppid, .size = 900, .rss = 100
		};
		struct process *p = process_add(table, f.pid);

		tree_process(&tree, &f);
		tree_write_bytes(&tree, f.pid, "cmdline", family[i].arguments, family[i].len);
		p->row->ppid = f.ppid;
		p->row->start = f.start;
	}
	for (uint64_t at_ns = 10 * NS_PER_S; at_ns < 11 * NS_PER_S; at_ns += 250 * NS_PER_MS) {
		struct sample sample;

		procfs_read(procfs);
		procfs_refresh(procfs, at_ns);
		procfs_sample(procfs, at_ns, &sample);
	}
	for (size_t i = 0; i < COUNT(family); i++) {
		const struct look_process *row = process_find(table, family[i].pid)->row;
		const char *role = ray_role_name(row->role);

		ck_assert_msg(!strcmp(role, family[i].role) && !strcmp(row->name, family[i].name),
			"%d: %s \"%s\"", family[i].pid, role, row->name);
	}
	procfs_destroy(procfs);
	process_table_destroy(table);
	tree_destroy(&tree);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("families");

	tcase_add_test(tc, helpers_of_a_service_count_for_the_service);
	return unit_run();
}
