/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypssd: accounts one step on one node, started by ray_pss.so. raypssd is a process of its own:
 * the job does not notice when raypssd fails, and the last sample survives in the shared block.
 *
 * raypssd --finish writes the record from the block of a raypssd that died or was killed.
 * raypssd --check answers raypss check.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "base/units.h"
#include "measure/cgroup/kmsg.h"
#include "measure/procfs/procfs.h"
#include "plugin/common/fds.h"
#include "plugin/common/paths.h"
#include "plugin/confine/confinement.h"
#include "plugin/confine/reader_confine.h"
#include "plugin/confine/writer_confine.h"
#include "plugin/raypssd/daemon.h"
#include "plugin/raypssd/daemon_check.h"
#include "plugin/raypssd/daemon_end.h"
#include "plugin/raypssd/daemon_look.h"
#include "plugin/raypssd/daemon_loop.h"
#include "plugin/raypssd/detach.h"
#include "plugin/raypssd/guardian.h"
#include "plugin/raypssd/host_cache.h"
#include "plugin/raypssd/lifetime.h"
#include "plugin/raypssd/reply.h"
#include "plugin/raypssd/step_end.h"
#include "results/spool.h"

/* How long the spool's retention may take when slurmstepd needs raypssd no more. */
#define EXPIRE_NS (5 * NS_PER_S)

/* How long the writing of a record may take when slurmstepd waits no more. */
#define FINISH_ONLY_NS (5 * NS_PER_S)

/* raypssd needs less for the last record and for the retention. */
#define ALONE_NS (10 * NS_PER_S)

/* Made by the first raypssd after boot that misses a part of the confinement. */
#define TOLD_MARK STATE_DIR "/version-" PACKAGE_VERSION

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

/* A raypssd that was started anew goes on with what the one before it saw. */
static void account_begin(struct daemon *d)
{
	const struct shm_block *block = d->block;
	const struct guardian *g = &d->guardian;

	if ((g->signal || g->hung) && account_slots_read(&block->account, &d->account) == 0) {
		account_resume(&d->account);
		task_shares_resume(&d->shares, &block->task_figures);
	} else {
		account_init(&d->account, block->limit, monotonic_ns());
	}
}

static int accountant_begin(struct daemon *d)
{
	struct accountant_options options = {
		.proc_root = "/proc",
		.sys_root = "/sys",
		.kmsg = "/dev/kmsg",
		.kmsg_is_foreign = !kmsg_has_our_pids(),
		.interval_ns = d->block->interval_ns,
		.min_interval_ns = d->block->min_interval_ns,
		.budget = d->block->budget,
		.duty = d->block->duty,
		.limit = d->block->limit,
		.launcher = d->source.stepd,
		.places = accountant_places,
		.shunned = &d->guardian.shunned,
	};

	if (d->guardian.watch.shared)
		options.reading = &d->guardian.watch.shared->reading;
	members_options_fill(d->block, &options.members);
	procfs_raise_descriptors();
	return accountant_create(&options, &d->accountant);
}

/* The first step of a version since the node's boot says what is at work here. */
static void version_tell(void)
{
	int fd = open(TOLD_MARK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const char *missing = confinement_missing();
	char text[256];

	if (fd < 0)
		return;
	close(fd);
	snprintf(text, sizeof(text), "version %s accounts steps on this node%s%s", PACKAGE_VERSION,
		missing ? "; " : "", missing ? missing : "");
	reply(MESSAGE_ADVICE, text);
}

/* From here on raypssd may read what users' processes wrote. */
static void rights_give_up(struct daemon *d)
{
	version_tell();
	first_error_keep(&d->error, "no bound of its life", lifetime_prepare());
	first_error_keep(
		&d->error, "cannot confine itself", reader_confine(d->block->notify_signal));
}

/* The writer takes over the requests to the publisher; raypssd hears the answers. */
static void writer_begin(struct daemon *d, struct record_desk *desk)
{
	if (publishing_is_possible(d->block))
		first_error_keep(&d->error, "cannot start the publisher",
			publisher_client_start(&d->publisher, d->block->slurm_conf));
	desk->publisher = d->publisher;
	first_error_keep(
		&d->error, "cannot start the writer", record_writer_start(&d->writer, desk));
	d->publisher.request = -1;
}

static int begin(struct daemon *d, struct record_desk *desk)
{
	const struct shm_block *block = d->block;
	int rc;

	host_cache_fill();
	first_error_keep(&d->error, "no live figures", live_file_create(&block->info, &d->live));
	first_error_keep(&d->error, "no figures for /sys/fs/cgroup",
		limits_files_open(&d->limits, &block->info));
	writer_begin(d, desk);
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
 * which the kernel keeps to if raypssd is stopped.
 */
static void spool_tidy(struct daemon *d)
{
	lifetime_limit(EXPIRE_NS);
	record_writer_ask(&d->writer, RECORD_EXPIRE, EXPIRE_NS);
}

/* What became of the raypssd before this one, if there was one. */
static void guardian_tell(struct daemon *d)
{
	const struct guardian *g = &d->guardian;

	if (g->hung && g->hung_by)
		first_error_say(&d->error,
			"process %d let nobody read its files in /proc: raypssd was started anew",
			g->hung_by);
	else if (g->hung)
		first_error_say(&d->error, "a sample did not end: raypssd was started anew");
	else if (g->signal)
		first_error_say(
			&d->error, "raypssd was ended by signal %d, and started anew", g->signal);
}

static int account_step(struct daemon *d, struct record_desk *desk)
{
	int rc;

	d->guardian.alone_ns = ALONE_NS;
	guardian_run(&d->guardian, d->block, RAYPSSD_SOCKET);
	guardian_tell(d);
	account_begin(d);
	rc = begin(d, desk);
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

/* Another raypssd has died, or did not answer. */
static int finish_only(struct daemon *d, struct record_desk *desk)
{
	int rc;

	first_error_keep(&d->error, "no bound of its life", lifetime_prepare());
	lifetime_limit(FINISH_ONLY_NS);
	desk->spool = spool_open(desk->spool_path);
	first_error_keep(&d->error, desk->spool_path, desk->spool);
	first_error_keep(
		&d->error, "cannot confine itself", writer_confine(desk->spool, STATE_DIR));
	d->block->info.lost = !d->block->info.ended;
	rc = record_do(desk, RECORD_END);
	first_error_keep(&d->error, "cannot write the record", rc);
	if (rc == 0)
		atomic_store(&d->block->finished, 1);
	reply(MESSAGE_FINISHED, d->error.text);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct daemon d = {
		.publisher = { .request = -1, .answer = -1 },
	};
	struct record_desk desk = {
		.publisher = { .request = -1, .answer = -1 },
		.spool = -EBADF,
	};

	if (argc > 1 && !strcmp(argv[1], "--check"))
		return daemon_check();
	if (argc > 1 && !strcmp(argv[1], "--version"))
		return puts(PACKAGE_STRING) == EOF;
	fds_close_from(RAYPSSD_BLOCK + 1);
	if (shm_block_map(RAYPSSD_BLOCK, &d.block) || !shm_block_is_valid(d.block)) {
		fprintf(stderr, "raypssd: ray_pss.so of the same build must start raypssd\n");
		return EXIT_FAILURE;
	}
	/* raypss-dormant was detached, and is this process. */
	if (argc < 2 || strcmp(argv[1], RAYPSSD_FOUND) != 0)
		detach(d.block);
	first_error_keep(&d.error, "cannot leave the step's cgroup",
		step_source_begin(&d.source, RAYPSSD_SOCKET));
	desk.block = d.block;
	desk.info = d.block->info;
	snprintf(desk.spool_path, sizeof(desk.spool_path), "%s", d.block->spool);
	return argc > 1 && !strcmp(argv[1], "--finish") ? finish_only(&d, &desk)
							: account_step(&d, &desk);
}
