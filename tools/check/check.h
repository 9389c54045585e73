/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypss check found: a list of lines, each with how bad it is. The parts of the check add
 * lines; each part is a function with its own file.
 */
#ifndef RAYPSS_CHECK_H
#define RAYPSS_CHECK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "plugin/common/plugstack.h"
#include "tools/check/slurm_facts.h"

/* The exit status, too: the worst of all lines. */
enum check_level { CHECK_OK, CHECK_WARNING, CHECK_BROKEN };

enum { CHECK_LINES = 96, CHECK_TEXT = 640 };

struct check_line {
	enum check_level level;
	const char *what; /* one word: the part */
	char text[CHECK_TEXT];
};

struct check {
	const char *plugstack; /* the file that was asked for, or NULL = Slurm's */
	char plugin[PATH_MAX]; /* ray_pss.so as plugstack.conf names it */
	struct site site; /* of plugstack.conf, defaults where that has none */
	struct slurm_facts slurm;
	bool as_root;
	size_t n;
	struct check_line lines[CHECK_LINES];
};

/* Adds a line. what stays the caller's. Text is cleaned; lines beyond the last are dropped. */
void check_say(struct check *c, enum check_level level, const char *what, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Says that others than root may change a file that root uses, if so; what: the line's word.
 * Returns whether it did.
 */
bool check_say_untrusted(struct check *c, const char *what, const char *path);

/* The worst of all lines. */
enum check_level check_worst(const struct check *c);

/* Writes the lines to standard output, for people or as JSON. */
void check_print(const struct check *c, bool as_json);

/*
 * The parts, in their order: each uses what those before it found.
 * check_plugstack: fills in site. check_programs: ray_pss.so and the programs that it starts, of
 * one build. check_slurm: slurmctld, slurmdbd, publish=, MaxRSS. check_places: spool, live figures.
 * check_kernel: what this kernel has. check_step: runs a real step; arguments are srun's, up to NULL.
 */
void check_plugstack(struct check *c);
void check_programs(struct check *c);
void check_slurm(struct check *c);
void check_places(struct check *c);
void check_kernel(struct check *c);
void check_step(struct check *c, char *const *srun_arguments);

#endif
