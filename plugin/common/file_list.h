/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files to read one after the other: a file that is read may add those that it includes. */
#ifndef RAYPSS_FILE_LIST_H
#define RAYPSS_FILE_LIST_H

enum { FILE_LIST_MAX = 64 };

/* Begins as { 0 }. */
struct file_list {
	unsigned n;
	char *paths[FILE_LIST_MAX];
};

/* Adds a copy of path. 0, -ENOMEM, or -E2BIG: the list is full. */
int file_list_add(struct file_list *list, const char *path);

/*
 * Adds the files that a pattern of glob(7) names. A pattern without a slash in front is relative to
 * the directory of file. Returns how many files had no room.
 */
unsigned file_list_include(struct file_list *list, const char *file, const char *pattern);

/*
 * The path of a file that another file names: name itself if it begins with a slash, else name in
 * the directory of file. out has PATH_MAX bytes. 0 or -ENAMETOOLONG.
 */
int file_list_beside(const char *file, const char *name, char *out);

/* Frees the paths. */
void file_list_clear(struct file_list *list);

#endif
