/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"
#include "hold.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define TICK 0.010

/* By rename, so that whoever waits for the file never reads half of it. */
void ready_write(const char *path, const struct ready *ready)
{
	char temporary[4096];
	FILE *file;

	if (snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid()) >=
		(int)sizeof(temporary))
		errx(EXIT_FAILED, "%s: the path is too long", path);
	file = fopen(temporary, "we");
	if (!file)
		err(EXIT_FAILED, "%s", temporary);
	fprintf(file, "{\"pids\":[");
	for (size_t i = 0; i < ready->processes; i++)
		fprintf(file, "%s%ld", i ? "," : "", (long)ready->pids[i]);
	fprintf(file,
		"],\"parent\":%ld,\"origin\":%ld,\"shared_bytes\":%zu,\"private_bytes\":%zu,"
		"\"file_bytes\":%zu}\n",
		(long)ready->parent, (long)ready->origin, ready->shared_bytes, ready->private_bytes,
		ready->file_bytes);
	if (ferror(file) | fclose(file) || rename(temporary, path) < 0)
		err(EXIT_FAILED, "%s", path);
}

static void spike(const struct load *load)
{
	char *memory;

	if (!load->spike)
		return;
	memory = anonymous(load->spike);
	fill(memory, load->spike);
	nap(load->spike_seconds);
	munmap(memory, load->spike);
}

int hold(const struct hold *hold, const struct load *load)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), grown = 0, wanted;
	char *memory = load->grow_to ? anonymous(load->grow_to) : NULL;
	double start = now(), elapsed;

	spike(load);
	for (;; nap(TICK)) {
		elapsed = now() - start;
		if (grown < load->grow_to) {
			wanted = (size_t)((double)load->grow_rate * elapsed) / page * page;
			if (wanted > load->grow_to)
				wanted = load->grow_to;
			fill(memory + grown, wanted - grown);
			grown = wanted;
		}
		if (hold->until ? !access(hold->until, F_OK)
				: elapsed >= hold->seconds && grown == load->grow_to)
			return 0;
		if (hold->until && elapsed >= hold->timeout)
			return EXIT_TIMEOUT;
	}
}
