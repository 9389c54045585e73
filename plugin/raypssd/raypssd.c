/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypssd: accounts one step on one node, started by ray_pss.so. raypssd is a process of its own:
 * the job does not notice when raypssd fails, and the last sample survives in the shared block.
 *
 * raypssd --finish writes the record from the block of a raypssd that died or was killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "measure/procfs/procfs.h"
#include "plugin/common/fds.h"
#include "plugin/raypssd/confine.h"
#include "plugin/raypssd/daemon.h"
#include "plugin/raypssd/daemon_end.h"
#include "plugin/raypssd/daemon_look.h"
#include "plugin/raypssd/daemon_loop.h"
#include "plugin/raypssd/detach.h"
#include "plugin/raypssd/host_cache.h"
#include "plugin/raypssd/lifetime.h"
#include "plugin/raypssd/shm_account.h"
#include "plugin/raypssd/step_end.h"
#include "results/expire.h"
#include "results/spool.h"

/* How long raypssd may work at the spool's retention when slurmstepd needs it no more. */
#define EXPIRE_NS (5 * NS_PER_S)

static void members_options_fill(const struct shm_block *block, struct members_options *m)
{
	const char **required = m->required;

	m->uid = block->info.uid;
	*required++ = block->env_job;
	if (*block->env_step)
		*required++ = block->env_step;
	else
		m->forbidden = "SLURM_STEP_ID=";
	if (*block->env_node)
		*required++ = block->env_node;
}

static int accountant_begin(struct daemon *d)
{
	struct accountant_options options = {
		.proc_root = "/proc",
		.kmsg = "/dev/kmsg",
		.interval_ns = d->block->interval_ns,
		.min_interval_ns = d->block->min_interval_ns,
		.budget = d->block->budget,
		.duty = d->block->duty,
		.limit = d->block->limit,
	};

	members_options_fill(d->block, &options.members);
	procfs_raise_descriptors();
	account_init(&d->account, d->block->limit, monotonic_ns());
	return accountant_create(&options, &d->accountant);
}

/* From here on raypssd may read what users' processes wrote. */
static void rights_give_up(struct daemon *d)
{
	first_error_keep(&d->error, "no bound of its life", lifetime_prepare());
	first_error_keep(&d->error, "cannot confine itself", confine());
}

static int begin(struct daemon *d)
{
	const struct shm_block *block = d->block;
	int rc;

	host_cache_fill();
	if (publishing_is_possible(block))
		first_error_keep(&d->error, "cannot start the publisher",
			publisher_client_start(&d->publisher, block->slurm_conf));
	first_error_keep(&d->error, "no live figures", state_create(&block->info, &d->state));
	rc = accountant_begin(d);
	first_error_keep(&d->error, "cannot account", rc);
	if (rc)
		return rc;
	step_source_use(&d->source, d->accountant);
	notify_init(&d->notify, block->notify_signal, block->notify_part, block->info.uid,
		d->source.stepd);
	rights_give_up(d);
	return 0;
}

/*
 * slurmstepd has closed the socket and waits for nothing. So the retention has a time of its own,
 * which the kernel keeps to if the spool hangs.
 */
static void spool_tidy(const struct daemon *d)
{
	if (d->spool < 0)
		return;
	lifetime_limit(EXPIRE_NS);
	expire_spool(d->spool, d->block->info.cluster, EXPIRE_NS / 10);
}

static int account_step(struct daemon *d)
{
	int rc = begin(d);

	if (rc == 0) {
		daemon_look_tasks(d);
		daemon_loop_run(d);
	}
	/* slurmstepd died, or has all it wants. A publisher that is at work ends on its own. */
	daemon_end_record(d);
	if (rc == 0)
		spool_tidy(d);
	accountant_destroy(d->accountant);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int finish_only(struct daemon *d)
{
	rights_give_up(d);
	state_discard(&d->block->info);
	if (shm_account_read(d->block, &d->account))
		account_init(&d->account, d->block->limit, monotonic_ns());
	daemon_end_record(d);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct daemon d = {
		.publisher = { .request = -1, .answer = -1 },
	};

	fds_close_from(RAYPSSD_BLOCK + 1);
	if (shm_block_map(RAYPSSD_BLOCK, &d.block) || !shm_block_is_valid(d.block)) {
		fprintf(stderr, "raypssd: ray_pss.so of the same build must start raypssd\n");
		return EXIT_FAILURE;
	}
	detach(d.block);
	first_error_keep(&d.error, "cannot leave the step's cgroup",
		step_source_begin(&d.source, RAYPSSD_SOCKET));
	d.spool = spool_open(d.block->spool);
	first_error_keep(&d.error, d.block->spool, d.spool);
	return argc > 1 && !strcmp(argv[1], "--finish") ? finish_only(&d) : account_step(&d);
}
