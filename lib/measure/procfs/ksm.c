/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/ksm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/procfile.h"
#include "base/units.h"

#define READ_INTERVAL_NS NS_PER_S

static int file_open(const char *sys_root, const char *name)
{
	char path[PROC_PATH];
	int n = snprintf(path, sizeof(path), "%s/kernel/mm/ksm/%s", sys_root, name);

	return n < (int)sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

void ksm_open(struct ksm *k, int proc_fd, const char *sys_root)
{
	*k = (struct ksm){
		.proc_fd = proc_fd,
		.sharing_fd = sys_root ? file_open(sys_root, "pages_sharing") : -1,
		.shared_fd = sys_root ? file_open(sys_root, "pages_shared") : -1,
		.page_size = (uint64_t)sysconf(_SC_PAGESIZE),
	};
}

void ksm_close(struct ksm *k)
{
	if (k->sharing_fd >= 0)
		close(k->sharing_fd);
	if (k->shared_fd >= 0)
		close(k->shared_fd);
	k->sharing_fd = k->shared_fd = -1;
}

static int number_parse(const char *buf, ssize_t len, uint64_t *out)
{
	const char *p = buf;

	return len < 0 ? (int)len : digits_parse(&p, buf + len, out);
}

static int number_read(int fd, uint64_t *out)
{
	char buf[32];

	return fd < 0 ? -EBADF : number_parse(buf, procfile_pread(fd, buf, sizeof(buf)), out);
}

/* Which part of the merged mappings is saved. 0 or -errno. */
static int ratio_read(const struct ksm *k, double *ratio)
{
	uint64_t sharing = 0, shared = 0;
	int rc = number_read(k->sharing_fd, &sharing);

	*ratio = 0;
	if (rc || !sharing)
		return rc;
	rc = number_read(k->shared_fd, &shared);
	if (rc == 0)
		*ratio = (double)sharing / ((double)sharing + (double)shared);
	return rc;
}

/* 0, -ESRCH where the process is gone, or -errno. */
static int process_read(const struct ksm *k, struct process *p, double ratio)
{
	char path[PROC_PATH], buf[32];
	uint64_t pages = 0;
	int rc;

	procfile_path(path, p->via, "ksm_merging_pages");
	rc = number_parse(buf, procfile_read(k->proc_fd, path, buf, sizeof(buf)), &pages);
	if (rc == 0)
		p->merged = (uint64_t)((double)pages * (double)k->page_size * ratio);
	else if (rc == -ENOENT && faccessat(k->proc_fd, "self/ksm_merging_pages", F_OK, 0) == 0)
		rc = -ESRCH;
	return rc;
}

void ksm_read(struct ksm *k, struct process_table *table, uint64_t now_ns)
{
	double ratio;

	if (k->read_ns && now_ns - k->read_ns < READ_INTERVAL_NS)
		return;
	k->read_ns = now_ns;
	k->known = ratio_read(k, &ratio) == 0;
	if (ratio == 0 && !k->merges)
		return;
	k->merges = ratio > 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);
		int rc;

		p->merged = 0;
		if (!k->merges || !p->size || p->copy || p->mm_owner)
			continue;
		rc = process_read(k, p, ratio);
		if (rc && rc != -ESRCH)
			k->known = false;
	}
}
