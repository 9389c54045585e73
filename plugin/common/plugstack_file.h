/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file plugstack.conf and what it includes, as Slurm reads it (spank(7), CONFIGURATION): each
 * line is "optional|required PLUGIN [ARGUMENT...]" or "include PATTERN"; # begins a comment.
 */
#ifndef RAYPSS_PLUGSTACK_FILE_H
#define RAYPSS_PLUGSTACK_FILE_H

#include <limits.h>
#include <stdbool.h>

enum {
	PLUGSTACK_LINE = 4096, /* Slurm reads as much at once */
	PLUGSTACK_WORDS = 64, /* arguments of a line; more than there are keys */
};

enum plugstack_kind { PLUGSTACK_NOTHING, PLUGSTACK_PLUGIN, PLUGSTACK_INCLUDE, PLUGSTACK_WRONG };

/* The words of a line; they point into its text. */
struct plugstack_line {
	bool required;
	char *path; /* of the plugin, or the pattern of files to include */
	int ac;
	char *av[PLUGSTACK_WORDS];
};

/* Takes a line apart, which is changed. */
enum plugstack_kind plugstack_line_parse(char *text, struct plugstack_line *out);

struct plugstack_place {
	char file[PATH_MAX];
	unsigned line;
};

/* What the files say of ray_pss.so. */
struct plugstack_file {
	unsigned entries; /* lines that name ray_pss.so */
	struct plugstack_place place; /* of the first one */
	struct plugstack_line entry; /* the first one */
	char text[PLUGSTACK_LINE]; /* of the entry */
	unsigned wrong; /* lines that Slurm does not understand */
	struct plugstack_place wrong_place; /* of the first one */
	unsigned unread; /* included files that could not be read, or were too many */
};

/*
 * Reads the file and what it includes. 0, or -errno where the file itself cannot be read. out has
 * no pointers but those into itself: do not copy it.
 */
int plugstack_file_read(const char *path, struct plugstack_file *out);

#endif
