/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Huge pages that were reserved: they stand in neither RSS nor PSS. */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#define HUGE_PAGE (2 * MIB)
#define BYTES (32 * MIB)

static char *area;

static void touch(size_t bytes)
{
	for (size_t at = 0; at < bytes; at += HUGE_PAGE)
		((volatile char *)area)[at]++;
}

/* Huge pages may run out, which the mapping tells and no later access. */
static void map_huge(int fd, int flags)
{
	area = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (area == MAP_FAILED)
		shape_cannot("huge pages");
	touch(BYTES);
}

static void share(void)
{
	enum { READERS = 3 };

	for (int i = 0; i < READERS; i++)
		children_fork(touch, BYTES);
	children_wait(READERS);
	shape_stage();
}

static void huge_memfd(void)
{
	int fd = memfd_create("huge", MFD_HUGETLB | MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)BYTES) < 0)
		shape_cannot("a memfd of huge pages");
	map_huge(fd, MAP_SHARED);
	close(fd);
	share();
}

/* fork keeps them in common. */
static void huge_shared(void)
{
	map_huge(-1, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
	share();
}

static void huge_private(void)
{
	map_huge(-1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
	shape_stage();
}

static void huge_segment(void)
{
	int id = shmget(IPC_PRIVATE, BYTES, IPC_CREAT | SHM_HUGETLB | 0600);

	if (id < 0)
		shape_cannot("SHM_HUGETLB");
	area = shmat(id, NULL, 0);
	shmctl(id, IPC_RMID, NULL);
	if (area == (void *)-1)
		shape_cannot("SHM_HUGETLB");
	touch(BYTES);
	share();
}

static void huge_file(void)
{
	int fd;

	shape_mount("hugetlbfs", "pagesize=2M");
	fd = open("/mnt/plasma", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)BYTES) < 0)
		err(EXIT_FAILED, "a file of huge pages");
	map_huge(fd, MAP_SHARED);
	close(fd);
	share();
}

const struct shape hugetlb_shapes[] = {
	{ "huge-memfd", "PostgreSQL's huge_pages, gVisor: MFD_HUGETLB", huge_memfd },
	{ "huge-shared", "MPI: MAP_HUGETLB shared by forked ranks", huge_shared },
	{ "huge-private", "DPDK, malloc with hugetlb: MAP_HUGETLB", huge_private },
	{ "huge-segment", "Oracle: SHM_HUGETLB", huge_segment },
	{ "huge-file", "Ray's --huge-pages: a file on hugetlbfs", huge_file },
	{ 0 },
};
