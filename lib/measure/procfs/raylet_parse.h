/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Ray says of one node: the command line of its raylet, and SESSION/logs/debug_state.txt. Pure
 * functions over a buffer. Both are the user's text. Seen with Ray 2.9 to 2.60.
 */
#ifndef RAYPSS_RAYLET_PARSE_H
#define RAYPSS_RAYLET_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RAYLET_PATH = 512 };

/* UNKNOWN, or "", is what the command line does not say. */
struct raylet_options {
	uint64_t capacity; /* of the object store, bytes */
	uint64_t memory; /* that tasks may ask for, bytes */
	uint64_t cpus_hundredths;
	char session[RAYLET_PATH]; /* the session's directory, an absolute path */
	bool spills_elsewhere; /* objects are not spilled below the session's directory */
};

/* cmdline: the arguments, each with its NUL. */
void raylet_options_parse(const char *cmdline, size_t len, struct raylet_options *out);

struct raylet_state {
	uint64_t pinned; /* bytes */
	uint64_t spilled; /* bytes that lie in files now */
	uint64_t objects; /* in the store */
};

/* What the text does not say is UNKNOWN. */
void raylet_state_parse(const char *text, size_t len, struct raylet_state *out);

#endif
