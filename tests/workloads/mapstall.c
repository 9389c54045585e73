/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an application feels of whoever reads its memory figures: threads map, touch and unmap,
 * which stops while somebody walks the page tables. To build it alone:
 * cc -O2 -pthread -o mapstall mapstall.c common.c object.c hold.c
 */
#include "common.h"
#include "hold.h"
#include "object.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOOP_BYTES (256 * KIB)

/* Latencies by octave of nanoseconds and STEPS parts of each: 3 % fine, however long it runs. */
enum { MAX_THREADS = 256, STEP_BITS = 5, STEPS = 1 << STEP_BITS, OCTAVES = 40 };

static struct {
	size_t threads, resident;
	int anon;
	double seconds;
	const char *ready;
} o = { .threads = 1, .resident = 2048 * MIB, .seconds = 2 };

static const struct option_spec specs[] = {
	{ "threads", "N", "threads that map and unmap", .count = &o.threads, .min = 1,
		.max = MAX_THREADS },
	{ "resident", "MIB", "memory to be resident beside: a plasma store, read and written",
		.count = &o.resident, .max = MAX_MIB, .unit = MIB },
	{ "anon", NULL, "resident memory is private instead", .flag = &o.anon, .max = 1 },
	{ "seconds", "SECONDS", "how long", .seconds = &o.seconds, .max = MAX_SECONDS },
	{ "ready", "FILE", "when the memory is in place write pids and true sizes (JSON) to FILE",
		.text = &o.ready },
	{ 0 },
};

struct lap {
	pthread_t thread;
	size_t counts[OCTAVES * STEPS], loops;
	double worst, seconds;
};

static pthread_barrier_t barrier;

static size_t bucket(double seconds)
{
	unsigned long exact = (unsigned long)(seconds * 1e9), ns = exact < STEPS ? STEPS : exact;
	size_t octave = 63 - (size_t)__builtin_clzl(ns) - STEP_BITS;
	size_t index = octave * STEPS + ((ns >> octave) & (STEPS - 1));

	return index < OCTAVES * STEPS ? index : OCTAVES * STEPS - 1;
}

/* The upper end of a bucket, so that the figure is never flattering. */
static double bucket_seconds(size_t index)
{
	return (double)((STEPS + index % STEPS + 1UL) << (index / STEPS)) / 1e9;
}

static void *run(void *argument)
{
	struct lap *lap = argument;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	double before, took, start;
	char *memory;

	pthread_barrier_wait(&barrier);
	start = now();
	do {
		before = now();
		memory = mmap(NULL, LOOP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
		took = now() - before;
		if (memory == MAP_FAILED)
			err(EXIT_FAILED, "mmap");
		for (size_t at = 0; at < LOOP_BYTES; at += page)
			((volatile char *)memory)[at] = 1;
		munmap(memory, LOOP_BYTES);
		lap->counts[bucket(took)]++;
		lap->loops++;
		if (took > lap->worst)
			lap->worst = took;
	} while (before < start + o.seconds);
	lap->seconds = now() - start;
	return NULL;
}

static double percentile(const struct lap *total, double share)
{
	size_t seen = 0, i = 0;

	while (i < OCTAVES * STEPS - 1 &&
		(double)(seen += total->counts[i]) < share * (double)total->loops)
		i++;
	return bucket_seconds(i) < total->worst ? bucket_seconds(i) : total->worst;
}

static void make_resident(void)
{
	struct object store = { .kind = OBJECT_PLASMA, .bytes = o.resident };
	pid_t pid = getpid();
	struct ready ready = {
		.origin = pid,
		.parent = pid,
		.shared_bytes = o.anon ? 0 : o.resident,
		.private_bytes = o.anon ? o.resident : 0,
	};

	if (o.resident && o.anon) {
		fill(anonymous(o.resident), o.resident);
	} else if (o.resident) {
		object_create(&store, NULL);
		fill(store.memory, store.bytes);
		object_close(&store);
	}
	if (o.ready)
		ready_write(o.ready, &ready);
}

int main(int argc, char **argv)
{
	static struct lap total;
	struct lap *laps;
	double rate = 0;

	options_parse(argc, argv, "Threads that map, touch and unmap 256 KiB in a loop.", specs);
	make_resident();
	laps = calloc(o.threads, sizeof(*laps));
	if (!laps)
		err(EXIT_FAILED, "threads");
	pthread_barrier_init(&barrier, NULL, (unsigned int)o.threads);
	for (size_t i = 0; i < o.threads; i++) {
		errno = pthread_create(&laps[i].thread, NULL, run, &laps[i]);
		if (errno)
			err(EXIT_FAILED, "threads");
	}
	for (size_t i = 0; i < o.threads; i++) {
		pthread_join(laps[i].thread, NULL);
		total.loops += laps[i].loops;
		rate += (double)laps[i].loops / laps[i].seconds;
		if (laps[i].seconds > total.seconds)
			total.seconds = laps[i].seconds;
		if (laps[i].worst > total.worst)
			total.worst = laps[i].worst;
		for (size_t j = 0; j < OCTAVES * STEPS; j++)
			total.counts[j] += laps[i].counts[j];
	}
	printf("{\"threads\":%zu,\"resident_bytes\":%zu,\"seconds\":%.3f,\"loops\":%zu,"
	       "\"loops_per_second\":%.1f,\"mmap_p999_ms\":%.4f,\"mmap_worst_ms\":%.4f}\n",
		o.threads, o.resident, total.seconds, total.loops, rate,
		1e3 * percentile(&total, 0.999), 1e3 * total.worst);
	free(laps);
	return EXIT_SUCCESS;
}
