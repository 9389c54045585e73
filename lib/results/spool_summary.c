/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/spool_summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/unknown.h"
#include "results/spool_file.h"

#define SUMMARY_FILE ".summary"
#define SUMMARY_MAGIC 0x52505334 /* "RPS4": another layout gets another number */

enum {
	LOCK_TRIES = 20,
	/* All nodes of a wide step write at once: a node that must wait gives up soon. */
	LOCK_TRIES_WIDE = 2,
	READ_TRIES = 5,
};

struct file {
	uint32_t magic;
	uint32_t checksum; /* of the summary: a node may have died while it wrote */
	struct job_summary summary;
};

static uint32_t checksum_of(const struct job_summary *s)
{
	const unsigned char *bytes = (const unsigned char *)s;
	uint32_t a = 1, b = 0;

	/* Adler's sums, without the modulo: enough to see a torn file. */
	for (size_t i = 0; i < sizeof(*s); i++) {
		a += bytes[i];
		b += a;
	}
	return a ^ (b << 16 | b >> 16);
}

/* False for what is no whole summary of this layout. */
static bool load(int fd, struct file *f)
{
	return pread(fd, f, sizeof(*f), 0) == sizeof(*f) && f->magic == SUMMARY_MAGIC &&
		f->checksum == checksum_of(&f->summary) && job_summary_is_sane(&f->summary);
}

int spool_summary_update(int job_dir, const struct job_node *node)
{
	bool wide = node->nodes != UNKNOWN && node->nodes > SUMMARY_NODES;
	struct file f;
	int fd, rc;

	if (!job_summary_wants(node))
		return 0;
	fd = spool_file_open(job_dir, SUMMARY_FILE);
	if (fd < 0)
		return fd;
	rc = spool_file_lock(fd, wide ? LOCK_TRIES_WIDE : LOCK_TRIES);
	if (rc == 0) {
		if (!load(fd, &f))
			memset(&f, 0, sizeof(f));
		job_summary_add(&f.summary, node);
		f.magic = SUMMARY_MAGIC;
		f.checksum = checksum_of(&f.summary);
		errno = ENOSPC; /* of a short write */
		if (pwrite(fd, &f, sizeof(f), 0) != sizeof(f))
			rc = -errno;
	}
	close(fd);
	return rc;
}

int spool_summary_read(int job_dir, struct job_summary *out)
{
	int fd = openat(job_dir, SUMMARY_FILE, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	int rc = fd < 0 ? -errno : -EAGAIN;
	struct file f;

	/* Readers take no lock: a file that is being written has a wrong checksum. */
	for (int i = 0; fd >= 0 && rc && i < READ_TRIES; i++) {
		if (!load(fd, &f))
			continue;
		*out = f.summary;
		rc = 0;
	}
	if (fd >= 0)
		close(fd);
	return rc;
}
