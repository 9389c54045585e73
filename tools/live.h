/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live figures of running steps: files /run/raypss/JOB.STEP.NODE, which raypssd overwrites in
 * place (ray_pss(8), LIVE FIGURES).
 */
#ifndef RAYPSS_LIVE_H
#define RAYPSS_LIVE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/unknown.h"
#include "results/step_info.h"

/* Bytes where nothing else is said; UNKNOWN where the file says "-" or lacks the key. */
struct live {
	uint64_t sequence; /* of the sample */
	uint64_t elapsed_ms;
	uint64_t limit;
	uint64_t footprint;
	uint64_t private;
	uint64_t shared;
	uint64_t kernel;
	uint64_t swap;
	uint64_t file;
	uint64_t rss;
	uint64_t store;
	uint64_t processes; /* number */
	uint64_t peak; /* highest footprint */
	uint64_t growth; /* bytes a second; 0 where nothing grows */
	uint64_t headroom; /* up to the limit */
	uint64_t level; /* enum live_level */
};

/* Whose figures a file has, by its name. */
struct live_name {
	uint32_t job;
	char step[STEP_SIZE];
	char node[NODE_SIZE];
};

/* Keys that are not known are ignored. 0, or -EAGAIN: it was being overwritten, read again. */
int live_parse(const char *text, struct live *out);

/* Opens a file. A descriptor or -errno. */
int live_open(const char *path);

/* Reads an open file, also while it is overwritten. 0, -EAGAIN (in vain) or another -errno. */
int live_read(int fd, struct live *out);

/* The figures under the names of their keys; what is not known is null. A new reference. */
json_t *live_json(const struct live *figures);

/* "65.0.n1"; a node's name may have dots. 0, or -EINVAL: no such name. */
int live_name_parse(const char *name, struct live_name *out);

#endif
