/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first process of a virtual machine (tests/qemu/run): what needs several CPUs, NUMA nodes or
 * pressure accounting, which User Mode Linux does not have.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "base/units.h"
#include "measure/accountant.h"
#include "measure/cgroup/memcg.h"
#include "tests/qemu/guest.h"

#define MEMORY (128 * MIB)
#define PAGE 4096ULL
#define DEADLINE_NS (20 * NS_PER_S)

void guest_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_msg(write(fd, text, strlen(text)) > 0, "%s: %s", path, strerror(errno));
	close(fd);
}

static void begin(void)
{
	ck_assert_int_eq(mkdir(GROUP, 0755), 0);
}

static void end(void)
{
	guest_put(GROUP "/cgroup.kill", "1");
	while (wait(NULL) > 0)
		;
	ck_assert_int_eq(rmdir(GROUP), 0);
}

pid_t guest_member(void)
{
	pid_t pid = fork();

	if (pid == 0)
		guest_put(GROUP "/cgroup.procs", "0");
	return pid;
}

/* Small pages, none of them there yet. */
static char *memory(void)
{
	char *all = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(all, MAP_FAILED);
	madvise(all, MEMORY, MADV_NOHUGEPAGE);
	return all;
}

/* Takes more than the group may have: the kernel makes it wait. */
START_TEST(threads_that_stall_wake_the_accountant)
{
	struct accountant_options options = {
		.proc_root = "/proc",
		.sys_root = "/sys",
		.interval_ns = 60 * NS_PER_S,
		.min_interval_ns = 100 * NS_PER_MS,
		.limit = UNKNOWN,
	};
	const struct look *look;
	struct accountant *a;
	uint64_t until = monotonic_ns() + DEADLINE_NS;
	bool pressed = false;

	guest_put(GROUP "/memory.high", "16M");
	ck_assert_int_eq(accountant_create(&options, &a), 0);
	ck_assert_int_eq(accountant_use_cgroup(a, GROUP, NULL, 0), 0);
	ck_assert_int_eq(accountant_look(a, &look), 0);
	if (guest_member() == 0) {
		char *all = memory();

		for (size_t i = 0; i < MEMORY; i += PAGE)
			all[i] = 1;
		_exit(0);
	}
	while (!pressed && monotonic_ns() < until) {
		struct pollfd fds[ACCOUNTANT_WATCHED];

		accountant_watch(a, fds);
		ck_assert_int_ge(fds[1].fd, 0);
		/* memory.events changes, too: only what the other says counts here. */
		fds[0].fd = -1;
		ck_assert_int_ge(poll(fds, ACCOUNTANT_WATCHED, 1000), 0);
		pressed = fds[1].revents & POLLPRI;
		if (pressed)
			ck_assert(!accountant_woken(a, fds));
	}
	ck_assert(pressed);
	ck_assert_uint_le(accountant_due_ns(a), monotonic_ns() + options.min_interval_ns);
	ck_assert_int_eq(accountant_look(a, &look), 0);
	ck_assert_uint_ne(look->stalled_some_us, UNKNOWN);
	/* The trigger counts at once, the total a little later. */
	ck_assert_uint_ge(look->stalled_some_us, 10000);
	accountant_destroy(a);
}
END_TEST

struct touched {
	atomic_uint pages;
	atomic_uint enough; /* how many it may touch by now */
};

/* Touches pages on one CPU after another, as many as are wanted. */
static void touch(struct touched *t, unsigned cpus)
{
	char *all = memory();

	for (;;) {
		unsigned n = atomic_load(&t->pages);
		cpu_set_t cpu;

		if (n == atomic_load(&t->enough)) {
			sched_yield();
			continue;
		}
		CPU_ZERO(&cpu);
		CPU_SET(n % cpus, &cpu);
		sched_setaffinity(0, sizeof(cpu), &cpu);
		all[(size_t)n * PAGE] = 1;
		atomic_store(&t->pages, n + 1);
	}
}

static struct touched *shared_new(void)
{
	struct touched *t =
		mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(t, MAP_FAILED);
	return t;
}

static void wait_for(atomic_uint *value, unsigned wanted)
{
	uint64_t until = monotonic_ns() + DEADLINE_NS;

	while (atomic_load(value) < wanted) {
		ck_assert_msg(monotonic_ns() < until, "waited in vain for %u", wanted);
		sched_yield();
	}
}

static uint64_t away(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* What raypss(1) says of "charged": how far memory.stat may be behind, and for how long. */
START_TEST(memory_stat_lags_by_64_pages_a_cpu)
{
	struct touched *t = shared_new();
	unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t allowed = cpus * 256 * KIB, furthest = 0, until;
	struct sample s = { 0 }, first = { 0 };
	struct memcg *m;

	ck_assert_uint_ge(cpus, 2);
	if (guest_member() == 0)
		touch(t, cpus);
	/* What it has of its own: the page that it wrote last tells that it is there. */
	atomic_store(&t->enough, 1);
	wait_for(&t->pages, 1);
	ck_assert_int_eq(memcg_open(GROUP, NULL, &m), 0);
	/* The kernel brings all up to date every two seconds. */
	poll(NULL, 0, 3000);
	ck_assert_int_eq(memcg_sample(m, &first), 0);
	for (unsigned pages = 1; pages < 1000; pages += 13) {
		atomic_store(&t->enough, pages);
		wait_for(&t->pages, pages);
		ck_assert_int_eq(memcg_sample(m, &s), 0);
		if (away(s.private - first.private, (pages - 1) * PAGE) > furthest)
			furthest = away(s.private - first.private, (pages - 1) * PAGE);
		ck_assert_uint_ge(s.charged + PAGE, first.private + (pages - 1) * PAGE);
	}
	printf("# %u CPUs: memory.stat was %llu KiB behind at most, %llu are allowed\n", cpus,
		(unsigned long long)(furthest / KIB), (unsigned long long)(allowed / KIB));
	ck_assert_uint_le(furthest, allowed);
	ck_assert_uint_gt(furthest, 0);
	until = monotonic_ns() + 4 * NS_PER_S;
	do {
		ck_assert_int_eq(memcg_sample(m, &s), 0);
	} while (s.private - first.private < (atomic_load(&t->pages) - 1) * PAGE &&
		monotonic_ns() < until);
	SAME("in the end", s.private - first.private, (atomic_load(&t->pages) - 1) * PAGE);
	memcg_close(m);
}
END_TEST

/* memory.numa_stat of a machine with two nodes. */
START_TEST(memory_is_told_by_numa_node)
{
	const unsigned long second = 1ul << 1;
	struct look_numa nodes[3];
	struct touched *t = shared_new();
	struct memcg *m;

	if (guest_member() == 0) {
		ck_assert_int_eq(syscall(SYS_set_mempolicy, MPOL_BIND, &second, 8), 0);
		touch(t, 1);
	}
	atomic_store(&t->enough, 1);
	wait_for(&t->pages, 1);
	ck_assert_int_eq(memcg_open(GROUP, NULL, &m), 0);
	atomic_store(&t->enough, 8 * MIB / PAGE);
	wait_for(&t->pages, 8 * MIB / PAGE);
	ck_assert_int_eq(memcg_numa(m, nodes, COUNT(nodes)), 2);
	SAME("first", nodes[0].node, 0);
	SAME("second", nodes[1].node, 1);
	ck_assert_uint_ge(nodes[1].anon, 7 * MIB);
	ck_assert_uint_le(nodes[1].anon, 9 * MIB);
	ck_assert_uint_le(nodes[0].anon, 1 * MIB);
	memcg_close(m);
}
END_TEST

static void mount_at(const char *type, const char *point)
{
	ck_assert_msg(mount(type, point, type, 0, NULL) == 0, "%s: %s", point, strerror(errno));
}

static void machine_begin(void)
{
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("cgroup2", "/sys/fs/cgroup");
	guest_put("/sys/fs/cgroup/cgroup.subtree_control", "+memory +hugetlb");
}

int main(void)
{
	TCase *tc = unit_suite("qemu");
	int failed;

	unit_clock_run();
	setenv("CK_FORK", "no", 1);
	tcase_add_unchecked_fixture(tc, machine_begin, NULL);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, threads_that_stall_wake_the_accountant);
	tcase_add_test(tc, memory_is_told_by_numa_node);
	tcase_add_test(tc, memory_stat_lags_by_64_pages_a_cpu);
	hugetlb_tests_add(tc);
	failed = unit_run();
	printf("# status %d\n", failed);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return failed;
}
