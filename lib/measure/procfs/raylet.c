/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/raylet.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/safe_open.h"

#define SESSION_AGE_NS (2 * NS_PER_S)

/* A raylet forks for each worker: until the fork has executed its program it looks like a raylet. */
#define SURE_NS (2 * NS_PER_S)

enum {
	COMMAND_LINE = 64 * 1024,
	STATE_READ = 64 * 1024, /* the lines that count stand in the first 16 KiB */
	ENTRIES = 4096, /* of a directory */
};

void raylet_init(struct raylet *r, int proc_fd)
{
	*r = (struct raylet){ .proc_fd = proc_fd, .log.fd = -1 };
	r->known = (struct look_ray){ .capacity = UNKNOWN,
		.memory = UNKNOWN,
		.cpus_hundredths = UNKNOWN,
		.spilled = UNKNOWN,
		.pinned = UNKNOWN,
		.objects = UNKNOWN,
		.monitor_kills = UNKNOWN };
}

void raylet_close(struct raylet *r)
{
	raylet_log_open(&r->log, -1);
}

/* The one that is known, or the first; counts all. */
static const struct process *raylet_find(
	struct raylet *r, struct process_table *table, uint64_t now_ns)
{
	const struct process *known = r->id.pid ? process_find(table, r->id.pid) : NULL;
	const struct process *first = NULL;

	r->known.raylets = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		const struct process *p = process_at(table, i);

		if (p->role != ROLE_SYSTEM || !p->size || strcmp(p->row->name, "raylet"))
			continue;
		if (first && now_ns - p->seen_ns < SURE_NS)
			continue;
		r->known.raylets++;
		if (!first)
			first = p;
	}
	if (known && known->row->start == r->id.start)
		return known->size ? known : NULL;
	return first;
}

static void options_read(struct raylet *r, const struct process *p)
{
	char path[PROC_PATH], *buf = malloc(COMMAND_LINE);
	ssize_t n;

	if (!buf)
		return;
	procfile_path(path, p->via, "cmdline");
	n = procfile_read(r->proc_fd, path, buf, COMMAND_LINE);
	if (n > 0) {
		r->id = (struct process_id){ p->pid, p->row->start };
		r->read_ns = 0;
		raylet_log_open(&r->log, -1);
		raylet_options_parse(buf, (size_t)n, &r->options);
		r->known.capacity = r->options.capacity;
		r->known.memory = r->options.memory;
		r->known.cpus_hundredths = r->options.cpus_hundredths;
	}
	free(buf);
}

static void state_read(struct raylet *r, struct devices *devices)
{
	char path[RAYLET_PATH + 32], *buf = malloc(STATE_READ);
	struct raylet_state state;
	enum device_kind kind;
	ssize_t n = -1;
	int fd;

	if (!buf)
		return;
	snprintf(path, sizeof(path), "%s/logs/debug_state.txt", r->options.session);
	fd = safe_open(devices, r->proc_fd, r->id.pid, path, &kind);
	if (fd >= 0) {
		n = pread(fd, buf, STATE_READ, 0);
		close(fd);
	}
	if (n > 0) {
		raylet_state_parse(buf, (size_t)n, &state);
		r->known.pinned = state.pinned;
		r->known.objects = state.objects;
		r->known.spilled = state.spilled;
	}
	free(buf);
}

static void log_read(struct raylet *r, struct devices *devices)
{
	char path[RAYLET_PATH + 32];
	enum device_kind kind;
	uint64_t kills;

	if (r->log.fd < 0) {
		snprintf(path, sizeof(path), "%s/logs/raylet.out", r->options.session);
		raylet_log_open(&r->log, safe_open(devices, r->proc_fd, r->id.pid, path, &kind));
	}
	kills = raylet_log_read(&r->log);
	if (kills != UNKNOWN)
		r->known.monitor_kills = kills;
}

/* Adds up the files of a directory, whose descriptor it takes over. False: that is not all of them. */
static bool directory_bytes(int fd, uint64_t *sum)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry = NULL;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (unsigned i = 0; i < ENTRIES && (entry = readdir(dir)); i++) {
		struct stat st;

		if (entry->d_type == DT_REG &&
			fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			*sum += (uint64_t)st.st_blocks * STAT_BLOCK;
	}
	closedir(dir);
	return !entry;
}

/* The files of SESSION/ray_spilled_objects_NODE: fresher than what debug_state.txt says. */
static void spilled_read(struct raylet *r, struct devices *devices)
{
	enum device_kind kind;
	uint64_t sum = 0;
	bool is_whole = true;
	struct dirent *entry = NULL;
	int fd = safe_open(devices, r->proc_fd, r->id.pid, r->options.session, &kind);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	r->known.spill_on = kind == DEVICE_MEMORY ? RAY_ON_TMPFS : RAY_ON_DISK;
	for (unsigned i = 0; i < ENTRIES && (entry = readdir(dir)); i++) {
		char path[RAYLET_PATH + 300];

		if (strncmp(entry->d_name, "ray_spilled_objects", 19))
			continue;
		snprintf(path, sizeof(path), "%s/%s", r->options.session, entry->d_name);
		fd = safe_open(devices, r->proc_fd, r->id.pid, path, &kind);
		is_whole &= directory_bytes(fd, &sum);
	}
	closedir(dir);
	if ((is_whole && !entry) || r->known.spilled == UNKNOWN || sum > r->known.spilled)
		r->known.spilled = sum;
}

void raylet_refresh(
	struct raylet *r, struct process_table *table, struct objects *objects, uint64_t now_ns)
{
	const struct process *p = raylet_find(r, table, now_ns);
	struct devices *devices = objects_devices(objects);

	/* A program whose task Ray killed ends at once, and its raylet with it. */
	if (!p && r->known.present)
		log_read(r, devices);
	r->known.present = p;
	r->known.store_on = objects_store_on(objects);
	if (!p || !process_reading(table, p->pid))
		return;
	if (p->pid != r->id.pid || p->row->start != r->id.start)
		options_read(r, p);
	objects_store_size(objects, r->options.capacity);
	if (!*r->options.session || (r->read_ns && now_ns - r->read_ns < SESSION_AGE_NS))
		return;
	r->read_ns = now_ns;
	state_read(r, devices);
	log_read(r, devices);
	if (!r->options.spills_elsewhere)
		spilled_read(r, devices);
}
