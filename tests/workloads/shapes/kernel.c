/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that the kernel holds for the step's processes. */
#include "../common.h"
#include "shape.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The pages belong to the socket; statm counts them as file. */
static void packet_rings(void)
{
	enum { RINGS = 2, BLOCK = 64 * 1024, BLOCKS = 512, FRAME = 2048 };
	const struct tpacket_req ring = { .tp_block_size = BLOCK,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = FRAME,
		.tp_frame_nr = BLOCKS * (BLOCK / FRAME) };
	const size_t bytes = (size_t)BLOCK * BLOCKS;

	for (int i = 0; i < RINGS; i++) {
		int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ARP));

		if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0)
			shape_cannot("a packet ring");
		read_through(shape_map(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED), bytes);
	}
	shape_stage();
}

/* An entry is 64 bytes, two completions are 32, and an index is 4. */
static void uring(void)
{
	enum { RINGS = 8, ENTRIES = 32768 };

	for (int i = 0; i < RINGS; i++) {
		struct io_uring_params ring = { 0 };
		int fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring);
		size_t entries = (size_t)ENTRIES * 64;

		if (fd < 0)
			shape_cannot("io_uring");
		shape_map(fd, ring.sq_off.array + ENTRIES * sizeof(uint32_t),
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE);
		if (mmap(NULL, entries, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			    IORING_OFF_SQES) == MAP_FAILED)
			shape_cannot("the entries of io_uring");
	}
	shape_stage();
}

static void *idle(void *unused)
{
	pause();
	return unused;
}

static void many_threads(void)
{
	enum { THREADS = 1500 };
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * KIB);
	for (int i = 0; i < THREADS; i++) {
		errno = pthread_create(&thread, &attributes, idle, NULL);
		if (errno)
			shape_cannot("1500 threads");
	}
	shape_stage();
}

static char *store;

static void read_store(size_t bytes)
{
	read_through(store, bytes);
}

/* Each reader pays 2 MiB of page tables for a GiB of the store. */
static void page_tables(void)
{
	enum { READERS = 31 };
	const size_t bytes = 128 * MIB;

	store = shape_store(bytes);
	shape_stage();
	for (int i = 0; i < READERS; i++)
		children_fork(read_store, bytes);
	children_wait(READERS);
	shape_stage();
}

const struct shape kernel_shapes[] = {
	{ "packet-rings", "tcpdump's rings: packet_mmap", packet_rings },
	{ "uring", "a database with a ring for each core", uring },
	{ "many-threads", "Ray's workers: thousands of threads", many_threads },
	{ "page-tables", "PostgreSQL, Ray: many processes map one large segment", page_tables },
	{ 0 },
};
