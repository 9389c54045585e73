/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/daemon_look.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"

/* How often the record of a running step is renewed in the spool. */
#define RECORD_EVERY_NS (600 * NS_PER_S)

/* How long that may hold up the looks and an end of the step, which comes at any moment. */
#define RECORD_RENEW_NS (100 * NS_PER_MS)

/* A task that has ended already is no error: short tasks do that. */
static void error_keep(struct daemon *d, const char *what, int rc)
{
	if (rc != -ESRCH)
		first_error_keep(&d->error, what, rc);
}

/* A task may have ended, and its pid may have gone to another user's process. */
static int task_add(struct daemon *d, const struct shm_task *task)
{
	int rc = task->start ? process_ref_check(task->pid, task->start) : 0;

	return rc ? rc : accountant_add_task(d->accountant, task->pid, (int32_t)task->local);
}

void daemon_look_tasks(struct daemon *d)
{
	unsigned n = atomic_load(&d->block->tasks_n);

	for (; d->tasks_seen < n && d->tasks_seen < SHM_TASKS; d->tasks_seen++) {
		const struct shm_task *task = &d->block->tasks[d->tasks_seen];

		task_shares_add(&d->shares, task->local, task->global);
		error_keep(d, "cannot add a task", task_add(d, task));
		error_keep(d, "notify cannot reach a task",
			notify_add(&d->notify, task->pid, task->start));
	}
}

static int record_ask(struct daemon *d, uint64_t wait_ns)
{
	int rc = record_writer_ask(&d->writer, d->finished ? RECORD_END : RECORD_WRITE, wait_ns);

	first_error_keep(&d->error, "cannot confine the writer", d->writer.unconfined);
	if (rc && rc != -ETIMEDOUT)
		first_error_say(&d->error, "cannot write the record in %s: %s", d->block->spool,
			strerror(-rc));
	d->recorded_ns = monotonic_ns();
	return rc;
}

int daemon_look_record(struct daemon *d)
{
	int rc = record_ask(d, RECORD_WAIT_NS);

	if (rc == -ETIMEDOUT)
		first_error_say(&d->error, "%s did not answer: no record yet", d->block->spool);
	if (rc == 0 && d->finished)
		atomic_store(&d->block->finished, 1);
	return rc;
}

/*
 * The first record waits for the restart count, which is part of its name. The record of a running
 * step shows the batch step that there is this step, and outlives a crash of the node.
 */
static bool record_is_due(const struct daemon *d)
{
	return d->account.samples && atomic_load(&d->block->task_ready) &&
		(!d->recorded_ns || monotonic_ns() - d->recorded_ns > RECORD_EVERY_NS);
}

static void record_renew(struct daemon *d)
{
	bool first = !d->recorded_ns;

	/* The next one tells if that was too late. */
	if (record_ask(d, RECORD_RENEW_NS) == -ETIMEDOUT)
		return;
	/* Not the first one: the end of a step that has just begun must not wait for the disk. */
	if (!first)
		record_writer_ask(&d->writer, RECORD_SYNC, RECORD_WAIT_NS);
}

/* The first signal's time goes into the block at once: the step may end before another look. */
static void notified_keep(struct daemon *d, uint64_t at_ns)
{
	if (d->account.notified_ns != UNKNOWN)
		return;
	d->account.notified_ns = at_ns - d->account.started_ns;
	account_slots_write(&d->block->account, &d->account);
}

void daemon_look_take(struct daemon *d, int (*how)(struct accountant *, const struct look **))
{
	const struct look *look;

	if (d->tasks_seen)
		step_source_seek(&d->source, d->accountant, &d->block->tasks[d->tasks_seen - 1]);
	hang_look_begin(&d->guardian.watch);
	first_error_keep(&d->error, "cannot find processes", how(d->accountant, &look));
	hang_look_end(&d->guardian.watch);
	account_add(&d->account, look);
	account_slots_write(&d->block->account, &d->account);
	if (task_shares_take(&d->shares, look))
		task_figures_write(&d->block->task_figures, &d->shares.sample);
	live_file_write(d->live, &d->account);
	limits_files_write(&d->limits, look);
	if (notify_check(&d->notify, look, sample_footprint(&d->account.last), d->account.limit))
		notified_keep(d, look->sample.at_ns);
	if (record_is_due(d))
		record_renew(d);
}
