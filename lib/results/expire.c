/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/expire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "results/job_dir.h"
#include "results/spool.h"
#include "results/spool_file.h"

#define EXPIRE_FILE ".expire"
#define EXPIRE_MAGIC 0x52504531 /* "RPE1": another layout gets another number */

/* Ages in buckets: seconds below 16, then 16 for each octave, so a bucket is 6 % of its age wide. */
enum { SUB_BITS = 4, SUB = 1 << SUB_BITS, BUCKETS = SUB * (32 - SUB_BITS + 1) };

enum pass { PASS_NONE, PASS_BY_AGE, PASS_BY_NUMBER };

struct state {
	uint32_t magic;
	uint32_t pass; /* enum pass; after a pass the file's own time says when that ended */
	int64_t cursor; /* telldir(3): where the pass goes on */
	int64_t cutoff; /* jobs that did not change since then are too many; 0 = none are */
	uint32_t ages[BUCKETS]; /* how many jobs stay, by age */
};

struct piece {
	int jobs_fd;
	struct state *state;
	time_t now;
	uint64_t end_ns;
	unsigned left; /* jobs and files */
};

static unsigned bucket_of(uint32_t age)
{
	unsigned octave;

	if (age < SUB)
		return age;
	octave = 31 - (unsigned)__builtin_clz(age);
	return (octave - SUB_BITS + 1) * SUB + ((age >> (octave - SUB_BITS)) & (SUB - 1));
}

/* The greatest age in a bucket. */
static int64_t bucket_end(unsigned bucket)
{
	unsigned octave = bucket / SUB + SUB_BITS - 1;

	if (bucket < SUB)
		return bucket;
	return ((int64_t)(SUB + bucket % SUB + 1) << (octave - SUB_BITS)) - 1;
}

/* Sets the cutoff where more jobs stay than there should be. True where it made some too many. */
static bool cutoff_set(struct state *s, time_t now)
{
	uint64_t n = 0, older = 0;
	unsigned i = 0;

	while (i < BUCKETS && n < EXPIRE_JOBS)
		n += s->ages[i++];
	if (n < EXPIRE_JOBS)
		return false;
	for (unsigned k = i; k < BUCKETS; k++)
		older += s->ages[k];
	if (older)
		s->cutoff = now - bucket_end(i - 1);
	return older;
}

static bool is_too_old(const struct piece *p, time_t modified)
{
	return p->now - modified > EXPIRE_AGE_S || modified < p->state->cutoff;
}

/* False where the entry is not done with: then the next piece begins with it. */
static bool entry_take(struct piece *p, const char *name)
{
	uint32_t job;
	bool is_job = job_dir_is_name(name, &job);
	struct stat st;
	int64_t age;

	if ((!is_job && !job_dir_is_aside(name)) ||
		fstatat(p->jobs_fd, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		return true;
	p->left--;
	if (is_too_old(p, st.st_mtime)) {
		/* A job may have thousands of files. What cannot be removed is passed over. */
		return job_dir_remove(p->jobs_fd, name, EXPIRE_FILES) != 0;
	}
	age = p->now - st.st_mtime;
	if (is_job)
		p->state->ages[bucket_of(age < 0 ? 0 : (uint32_t)age)]++;
	return true;
}

/* True at the end of the directory. */
static bool piece_do(struct piece *p, DIR *stream)
{
	struct dirent *entry;

	seekdir(stream, (long)p->state->cursor);
	while (p->left && monotonic_ns() < p->end_ns) {
		entry = readdir(stream);
		if (!entry)
			return true;
		if (!entry_take(p, entry->d_name))
			return false;
		p->state->cursor = telldir(stream);
	}
	return false;
}

static void pass_begin(struct state *s, enum pass pass)
{
	s->pass = pass;
	s->cursor = 0;
	memset(s->ages, 0, sizeof(s->ages));
}

/* Whether the last pass ended within the hour before now. In the future: by another clock. */
static bool pass_is_recent(int fd, time_t now)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_mtime <= now && now - st.st_mtime < EXPIRE_EVERY_S;
}

/* True where a pass is under way or due. */
static bool pass_is_due(int fd, struct state *s, time_t now)
{
	if (pread(fd, s, sizeof(*s), 0) != sizeof(*s) || s->magic != EXPIRE_MAGIC) {
		*s = (struct state){ .magic = EXPIRE_MAGIC };
		pass_begin(s, PASS_BY_AGE);
		return true;
	}
	if (s->pass != PASS_NONE)
		return true;
	if (pass_is_recent(fd, now))
		return false;
	pass_begin(s, PASS_BY_AGE);
	return true;
}

static int piece_locked(int jobs_fd, int fd, uint64_t budget_ns)
{
	struct state state;
	struct piece p = {
		.jobs_fd = jobs_fd,
		.state = &state,
		.end_ns = monotonic_ns() + budget_ns,
		.left = EXPIRE_PIECE,
	};
	bool over;
	DIR *stream;
	int rc;

	/* By our own clock first: to ask the file system's clock costs more. */
	if (!pass_is_due(fd, &state, time(NULL)))
		return 1;
	rc = spool_file_clock(jobs_fd, &p.now);
	if (rc)
		return rc;
	if (!pass_is_due(fd, &state, p.now))
		return 1;
	stream = spool_file_list(jobs_fd);
	if (!stream)
		return -errno;
	over = piece_do(&p, stream);
	closedir(stream);
	if (over && state.pass == PASS_BY_AGE && cutoff_set(&state, p.now))
		pass_begin(&state, PASS_BY_NUMBER);
	else if (over)
		state.pass = PASS_NONE;
	errno = ENOSPC; /* of a short write */
	if (pwrite(fd, &state, sizeof(state), 0) != sizeof(state))
		return -errno;
	return state.pass == PASS_NONE;
}

int expire_piece(int jobs_fd, uint64_t budget_ns)
{
	int fd = spool_file_open(jobs_fd, EXPIRE_FILE), rc;

	if (fd < 0)
		return fd;
	rc = spool_file_lock(fd, 1);
	if (rc == 0)
		rc = piece_locked(jobs_fd, fd, budget_ns);
	close(fd);
	return rc;
}

int expire_spool(int spool_fd, const char *cluster, uint64_t budget_ns)
{
	const char *const both[] = { cluster, NULL };
	int done = 1;

	for (int i = 0; i < 2; i++) {
		int jobs = spool_jobs_open(spool_fd, both[i]);
		int rc = jobs < 0 ? jobs : expire_piece(jobs, budget_ns / 2);

		if (jobs >= 0)
			close(jobs);
		if (rc < 0)
			return rc;
		done &= rc;
	}
	return done;
}
