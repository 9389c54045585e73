/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/shm_block.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/common/plugstack.h"

static int map(int fd, struct shm_block **block)
{
	void *address = mmap(NULL, sizeof(**block), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (address == MAP_FAILED)
		return -errno;
	*block = address;
	return 0;
}

int shm_block_create(struct shm_block **block)
{
	int fd = memfd_create("ray_pss", MFD_CLOEXEC | MFD_ALLOW_SEALING), rc;

	if (fd < 0)
		return -errno;
	rc = ftruncate(fd, sizeof(**block)) ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
		? -errno
		: map(fd, block);
	if (rc) {
		close(fd);
		return rc;
	}
	(*block)->version = SHM_BLOCK_VERSION;
	return fd;
}

int shm_block_map(int fd, struct shm_block **block)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size != (off_t)sizeof(**block))
		return -EPROTO;
	rc = map(fd, block);
	if (rc == 0 && (*block)->version != SHM_BLOCK_VERSION) {
		munmap(*block, sizeof(**block));
		rc = -EPROTO;
	}
	return rc;
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* Another byte than 0 or 1 in a bool has no defined meaning. */
static bool is_bool(const bool *b)
{
	return *(const unsigned char *)b <= 1;
}

static bool info_is_valid(const struct step_info *f)
{
	return is_text(f->cluster, sizeof(f->cluster)) && is_text(f->step, sizeof(f->step)) &&
		is_text(f->node, sizeof(f->node)) && is_bool(&f->in_slurm) &&
		(unsigned)f->corrected <= CORRECTED_EXACT && is_bool(&f->rss_compared) &&
		is_bool(&f->kill_on_limit) && is_bool(&f->with_series) && is_bool(&f->begun_late) &&
		is_bool(&f->task_had_rss) && is_bool(&f->ended) && is_bool(&f->lost) &&
		is_bool(&f->signalled);
}

/* Not true for NaN. */
static bool is_fraction(double value)
{
	return value >= 0 && value <= 1;
}

bool shm_block_is_valid(const struct shm_block *b)
{
	return info_is_valid(&b->info) && is_text(b->env_job, sizeof(b->env_job)) &&
		is_text(b->env_step, sizeof(b->env_step)) &&
		is_text(b->env_node, sizeof(b->env_node)) && is_text(b->spool, sizeof(b->spool)) &&
		is_text(b->slurm_conf, sizeof(b->slurm_conf)) && is_fraction(b->budget) &&
		is_fraction(b->duty) && is_fraction(b->notify_part) && b->publish <= PUBLISH_NONE;
}

void shm_block_add_task(struct shm_block *block, const struct shm_task *task)
{
	unsigned n = atomic_load(&block->tasks_n);

	if (n >= SHM_TASKS)
		return;
	block->tasks[n] = *task;
	atomic_store(&block->tasks_n, n + 1);
}
