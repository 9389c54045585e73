/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Huge pages and the hugetlb controller of a real kernel. User Mode Linux has neither. */
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "base/units.h"
#include "measure/accountant.h"
#include "tests/qemu/guest.h"

#define HUGE_PAGE (2 * MIB)
#define BYTES (16 * MIB)

/* The kernel may have 32 MiB of them. */
static void reserve(void)
{
	guest_put("/proc/sys/vm/nr_hugepages", "16");
}

static char *map_huge(void)
{
	return mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB,
		-1, 0);
}

static void touch(char *area)
{
	for (size_t at = 0; at < BYTES; at += HUGE_PAGE)
		((volatile char *)area)[at]++;
}

/* A member that has touched the area says so and stays. */
static pid_t holder(char *area)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = guest_member();
	if (pid == 0) {
		touch(area);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static struct accountant *accountant(void)
{
	const struct accountant_options options = {
		.proc_root = "/proc",
		.sys_root = "/sys",
		.interval_ns = NS_PER_S,
		.min_interval_ns = 100 * NS_PER_MS,
		.limit = UNKNOWN,
	};
	struct accountant *a;

	ck_assert_int_eq(accountant_create(&options, &a), 0);
	return a;
}

/* Looks until a scan of the processes has found the pages, which each process has once. */
static void huge_pages_are(struct accountant *a, bool group)
{
	const struct look *look;
	uint64_t until = monotonic_ns() + 20 * NS_PER_S;

	do {
		ck_assert_int_eq(accountant_look(a, &look), 0);
		SAME("source", look->source == SOURCE_CGROUP, group);
	} while (look->sample.hugetlb != BYTES && monotonic_ns() < until);
	SAME("huge pages", look->sample.hugetlb, BYTES);
	SAME("limit", look->sample.hugetlb_limit, group ? 24 * MIB : UNKNOWN);
	SAME("charged to memory", look->sample.hugetlb_charged, 0);
	ck_assert_uint_lt(sample_footprint(&look->sample), 4 * MIB);
	accountant_destroy(a);
}

START_TEST(huge_pages_count_once_by_the_controller_and_by_the_processes)
{
	struct accountant *by_group = accountant(), *by_processes = accountant();
	char *area;

	reserve();
	guest_put(GROUP "/hugetlb.2MB.max", "24M");
	area = map_huge();
	ck_assert_ptr_ne(area, MAP_FAILED);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(accountant_add_task(by_processes, holder(area), i), 0);
	ck_assert_int_eq(accountant_use_cgroup(by_group, GROUP, NULL, 0), 0);
	huge_pages_are(by_group, true);
	huge_pages_are(by_processes, false);
	munmap(area, BYTES);
}
END_TEST

/* The kernel does not kill for a limit of huge pages: who goes beyond it gets SIGBUS. */
START_TEST(a_limit_of_huge_pages_shows_beside_them)
{
	struct accountant *a = accountant();
	const struct look *look;
	char *area;
	pid_t pid;
	int status;

	reserve();
	guest_put(GROUP "/hugetlb.2MB.max", "8M");
	ck_assert_int_eq(accountant_use_cgroup(a, GROUP, NULL, 0), 0);
	area = map_huge();
	ck_assert_ptr_ne(area, MAP_FAILED);
	pid = guest_member();
	if (pid == 0) {
		touch(area);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	SAME("signal", WTERMSIG(status), SIGBUS);
	/* We map them, too, so that they are there still. */
	ck_assert_int_eq(accountant_look(a, &look), 0);
	SAME("huge pages", look->sample.hugetlb, 8 * MIB);
	SAME("limit", look->sample.hugetlb_limit, 8 * MIB);
	SAME("kills", look->kills.count, 0);
	accountant_destroy(a);
	munmap(area, BYTES);
}
END_TEST

void hugetlb_tests_add(TCase *tc)
{
	tcase_add_test(tc, huge_pages_count_once_by_the_controller_and_by_the_processes);
	tcase_add_test(tc, a_limit_of_huge_pages_shows_beside_them);
}
