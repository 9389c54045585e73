/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/hugetlb.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/unknown.h"
#include "measure/cgroup/cgroup_file.h"

static int open_at(int dir, const struct hugetlb_size *size, const char *word)
{
	char name[HUGETLB_NAME + 16];

	snprintf(name, sizeof(name), "%s%s", size->name, word);
	return cgroup_file_open(dir, name);
}

/* "hugetlb.2MB.current" is taken; "hugetlb.2MB.rsvd.current" counts what is reserved, not used. */
static void name_take(struct hugetlb *h, const char *name)
{
	static const char prefix[] = "hugetlb.", suffix[] = ".current";
	const char *dot = strchr(name, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
	struct hugetlb_size *size = &h->sizes[h->sizes_n];

	if (strncmp(name, prefix, strlen(prefix)) || !end || strcmp(end, suffix) ||
		h->sizes_n == HUGETLB_SIZES || end + 1 - name >= HUGETLB_NAME)
		return;
	*size = (struct hugetlb_size){ .current = -1 };
	memcpy(size->name, name, (size_t)(end + 1 - name));
	h->sizes_n++;
}

void hugetlb_open(struct hugetlb *h, int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	h->sizes_n = 0;
	if (!d) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(d)))
		name_take(h, entry->d_name);
	closedir(d);
	for (unsigned i = 0; i < h->sizes_n; i++)
		h->sizes[i].current = open_at(dir, &h->sizes[i], "current");
	hugetlb_level(h, dir);
}

void hugetlb_level(struct hugetlb *h, int dir)
{
	for (unsigned i = 0; i < h->sizes_n; i++) {
		struct hugetlb_size *size = &h->sizes[i];
		int fd = size->levels_n < HUGETLB_LEVELS ? open_at(dir, size, "max") : -1;

		if (fd >= 0)
			size->max[size->levels_n++] = fd;
	}
}

void hugetlb_close(struct hugetlb *h)
{
	for (unsigned i = 0; i < h->sizes_n; i++) {
		if (h->sizes[i].current >= 0)
			close(h->sizes[i].current);
		for (unsigned k = 0; k < h->sizes[i].levels_n; k++)
			close(h->sizes[i].max[k]);
	}
	h->sizes_n = 0;
}

/* UNKNOWN where it cannot be read, or is "max". */
static uint64_t number_of(int fd)
{
	uint64_t value;

	return cgroup_number_read(fd, &value) ? UNKNOWN : value;
}

static uint64_t limit_of(const struct hugetlb_size *size)
{
	uint64_t limit = UNKNOWN;

	for (unsigned i = 0; i < size->levels_n; i++) {
		uint64_t max = number_of(size->max[i]);

		if (max < limit)
			limit = max;
	}
	return limit;
}

void hugetlb_read(const struct hugetlb *h, uint64_t *current, uint64_t *limit)
{
	bool unlimited = false;
	uint64_t sum = 0;

	*current = *limit = UNKNOWN;
	for (unsigned i = 0; i < h->sizes_n; i++) {
		uint64_t used = number_of(h->sizes[i].current), max;

		if (used == UNKNOWN)
			continue;
		*current = (*current == UNKNOWN ? 0 : *current) + used;
		if (!used)
			continue;
		max = limit_of(&h->sizes[i]);
		unlimited |= max == UNKNOWN;
		sum += max;
	}
	if (*current != UNKNOWN && *current && !unlimited)
		*limit = sum;
}
