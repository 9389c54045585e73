/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypssd: accounts one step on one node, started by ray_pss.so. A process of its own: whatever
 * happens to it, the job does not notice, and its last look survives in the shared block.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/accountant.h"
#include "measure/procfs/procfs.h"
#include "plugin/common/fds.h"
#include "plugin/common/maxrss_rule.h"
#include "plugin/common/plugstack.h"
#include "plugin/common/shm_block.h"
#include "plugin/raypssd/confine.h"
#include "plugin/raypssd/detach.h"
#include "plugin/raypssd/host_cache.h"
#include "plugin/raypssd/lifetime.h"
#include "plugin/raypssd/live_file.h"
#include "plugin/raypssd/publisher_client.h"
#include "plugin/raypssd/step_end.h"
#include "plugin/raypssd/step_source.h"
#include "results/record.h"
#include "results/spool.h"

/* How often the record of a running step is renewed in the spool. */
#define RECORD_EVERY_NS (600 * NS_PER_S)

/* How long slurmstepd is outlived at most, when all is written. */
#define AFTERLIFE_NS (900 * NS_PER_MS)

/* Up to so many nodes each says its line. */
enum { TALKING_NODES = 4 };

/* What is always polled. */
enum { FIXED_FDS = 2 };

struct daemon {
	struct shm_block *block;
	struct accountant *accountant;
	struct account account;
	struct publisher_client publisher;
	struct state_file *state;
	struct step_source source;
	int spool;
	unsigned tasks_seen;
	bool notified;
	bool kill_told;
	unsigned unasked; /* publisher's answers that slurmstepd does not wait for */
	bool to_publish; /* the step's end is ours to publish, and that did not succeed yet */
	uint64_t recorded_ns; /* when the record was last written */
	bool finished;
	char trouble[SHM_TEXT];
};

static void reply(enum message type, const char *text)
{
	char buf[MESSAGE_SIZE];
	int n = snprintf(buf, sizeof(buf), "%c%s", type, text);

	if (n >= (int)sizeof(buf))
		n = sizeof(buf) - 1;
	/* Nobody there any more: the loop finds out by itself. */
	(void)send(RAYPSSD_SOCKET, buf, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The first trouble is what explains the others. */
static void trouble(struct daemon *d, const char *what, int rc)
{
	if (rc && !*d->trouble)
		snprintf(d->trouble, sizeof(d->trouble), "%s: %s", what, strerror(-rc));
}

static void tasks_take(struct daemon *d)
{
	unsigned n = atomic_load(&d->block->tasks_n);

	for (; d->tasks_seen < n && d->tasks_seen < SHM_TASKS; d->tasks_seen++) {
		int rc = accountant_add_task(d->accountant, d->block->tasks[d->tasks_seen].pid);

		if (rc != -ESRCH)
			trouble(d, "cannot add a task", rc);
	}
}

/* notify=SIG@PCT%: once, to the tasks that still live. */
static void notify(struct daemon *d)
{
	const struct shm_block *block = d->block;
	double bound;

	if (!block->notify_signal || d->notified || d->account.limit == UNKNOWN)
		return;
	bound = block->notify_part * (double)d->account.limit;
	if ((double)sample_footprint(&d->account.last) < bound)
		return;
	d->notified = true;
	for (unsigned i = 0; i < d->tasks_seen; i++)
		if (accountant_has(d->accountant, block->tasks[i].pid))
			kill(block->tasks[i].pid, block->notify_signal);
}

static void record_write(struct daemon *d)
{
	json_t *host = host_cache_load();
	json_t *record = record_json(&d->block->facts, &d->account, host);
	int rc = d->spool < 0 ? d->spool : spool_write(d->spool, &d->block->facts, record);

	json_decref(record);
	json_decref(host);
	trouble(d, "cannot write the record", rc);
	if (rc == 0 && d->finished)
		atomic_store(&d->block->finished, 1);
	d->recorded_ns = monotonic_ns();
}

static void look(struct daemon *d, int (*how)(struct accountant *))
{
	if (d->tasks_seen)
		step_source_seek(&d->source, d->accountant, d->block->tasks[d->tasks_seen - 1].pid);
	trouble(d, "cannot find processes",
		step_source_look(&d->source, d->accountant, &d->account, how));
	shm_account_write(d->block, &d->account);
	state_write(d->state, &d->account);
	notify(d);
	/* What a node that dies leaves behind; and the batch step sees which steps there are. */
	if (d->account.samples && atomic_load(&d->block->task_ready) &&
		(!d->recorded_ns || monotonic_ns() - d->recorded_ns > RECORD_EVERY_NS))
		record_write(d);
}

/* Whether an answer of the publisher's will come. */
static bool publish(struct daemon *d)
{
	int rc = 0;

	if (publishing_is_possible(d->block))
		rc = publishing_step_end(&d->publisher, d->block, &d->account, d->spool);
	d->to_publish = rc != 0;
	if (rc < 0)
		reply(MESSAGE_PUBLISHED, "the publisher is gone; raypss publish does it later");
	return rc > 0;
}

/* The kernel killed for memory. The first time this is told at once: the step may not survive. */
static void killed(struct daemon *d)
{
	look(d, accountant_look);
	if (d->kill_told)
		return;
	d->kill_told = true;
	record_write(d);
	if (publishing_is_possible(d->block) &&
		publishing_step_end(&d->publisher, d->block, &d->account, d->spool) > 0)
		d->unasked++;
}

/* Passes one answer of the publisher on to slurmstepd. */
static void published(struct daemon *d, const char *answer)
{
	char line[MESSAGE_SIZE];

	if (d->unasked) {
		d->unasked--;
		return;
	}
	d->to_publish = *answer;
	snprintf(line, sizeof(line), "%s%s", *answer ? "not in sacct yet: " : "", answer);
	reply(MESSAGE_PUBLISHED, line);
}

/* One read may hold the answers to several requests. */
static void answers_take(struct daemon *d)
{
	unsigned waiting = d->publisher.waiting;
	char text[MESSAGE_SIZE - 64];
	int rc;

	while ((rc = publisher_client_answer(&d->publisher, text, sizeof(text))) == 0) {
		published(d, text);
		waiting--;
	}
	/* The publisher is gone, and with it all answers. slurmstepd waits for one at most. */
	if (rc == -EPIPE && waiting > d->unasked) {
		d->unasked = 0;
		published(d, "slurmctld did not answer");
	}
}

static void finish(struct daemon *d)
{
	if (d->finished)
		return;
	d->finished = true;
	d->block->facts.lost = !d->block->facts.ended;
	record_write(d);
	state_remove(d->state);
	d->state = NULL;
	/* Stopped after its answer, nobody would miss it. */
	lifetime_limit(AFTERLIFE_NS);
	reply(MESSAGE_FINISHED, d->trouble);
}

/* One line for people; of a step on many nodes only from the first and those with a memory flag. */
static void tell(const struct daemon *d)
{
	const struct step_info *f = &d->block->facts;
	char line[MESSAGE_SIZE - 2];
	size_t n = 0;

	if (f->nodes > TALKING_NODES && d->block->node_id != 0 &&
		record_verdict(f, &d->account) == VERDICT_NONE)
		return;
	if (f->nodes > 1)
		n = (size_t)snprintf(line, sizeof(line), "%.64s: ", f->node);
	record_line(f, &d->account, line + n, sizeof(line) - n);
	reply(MESSAGE_LINE, line);
}

/* What the correction of MaxRSS costs is Slurm's doing, but nobody else knows it. */
static void advise(const struct daemon *d)
{
	double cost = maxrss_cost(d->account.rss_max, d->block->poll_s);
	char line[MESSAGE_SIZE - 2], rss[SIZE_TEXT];

	if (!d->block->facts.corrected || cost < MAXRSS_COST_ADVICE)
		return;
	snprintf(line, sizeof(line),
		"Slurm's PSS reads of %s every %u s took about %.0f %% of a core and stalled the "
		"step meanwhile; maxrss=leave avoids them",
		size_format(d->account.rss_max, rss), d->block->poll_s, cost * 100);
	reply(MESSAGE_ADVICE, line);
}

/* False once slurmstepd is gone. */
static bool request_take(struct daemon *d)
{
	char byte;
	ssize_t n = recv(RAYPSSD_SOCKET, &byte, 1, MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	switch (byte) {
	case MESSAGE_TASKS:
		tasks_take(d);
		break;
	case MESSAGE_PUBLISH:
		look(d, accountant_look);
		record_write(d);
		tell(d);
		advise(d);
		if (!publish(d))
			reply(MESSAGE_PUBLISHED, "");
		break;
	case MESSAGE_FINISH:
		look(d, accountant_look);
		finish(d);
		/* The last try while slurmstepd is there; the publisher goes on alone. */
		if (d->to_publish && !d->publisher.waiting)
			publish(d);
		break;
	default:
		break;
	}
	return true;
}

/* NULL: nothing is due any more. */
static const struct timespec *timeout_of(const struct daemon *d, struct timespec *timeout)
{
	uint64_t now = monotonic_ns(), due = accountant_due_ns(d->accountant);

	*timeout = timespec_of(due > now ? due - now : 0);
	return d->finished ? NULL : timeout;
}

static void run(struct daemon *d)
{
	bool connected = true;

	while (connected) {
		struct pollfd fds[] = {
			{ .fd = RAYPSSD_SOCKET, .events = POLLIN },
			{ .fd = d->publisher.answer, .events = POLLIN },
			{ .fd = -1 }, /* from FIXED_FDS on what the accountant wants */
			[FIXED_FDS + ACCOUNTANT_WATCHED - 1] = { .fd = -1 },
		};
		struct timespec timeout;

		if (!d->finished)
			accountant_watch(d->accountant, fds + FIXED_FDS);
		if (ppoll(fds, FIXED_FDS + ACCOUNTANT_WATCHED, timeout_of(d, &timeout), NULL) < 0 &&
			errno != EINTR)
			break;
		if (!d->finished && accountant_woken(d->accountant, fds + FIXED_FDS))
			killed(d);
		if (fds[1].revents)
			answers_take(d);
		if (fds[0].revents)
			connected = request_take(d);
		else if (!d->finished && accountant_due_ns(d->accountant) <= monotonic_ns())
			look(d, accountant_tick);
	}
	/* slurmstepd died, or has all it wants. What is still being published ends on its own. */
	finish(d);
	if (d->spool >= 0)
		spool_expire(d->spool, time(NULL));
}

static void members_options_fill(const struct shm_block *block, struct members_options *m)
{
	const char **required = m->required;

	m->uid = block->facts.uid;
	*required++ = block->env_job;
	if (*block->env_step)
		*required++ = block->env_step;
	else
		m->forbidden = "SLURM_STEP_ID=";
	if (*block->env_node)
		*required++ = block->env_node;
}

static int daemon_begin(struct daemon *d)
{
	struct accountant_options options = {
		.proc_root = "/proc",
		.interval_ns = d->block->interval_ns,
		.min_interval_ns = d->block->min_interval_ns,
		.budget = d->block->budget,
		.limit = d->block->limit,
	};

	members_options_fill(d->block, &options.members);
	procfs_raise_descriptors();
	return accountant_create(&options, &d->account, &d->accountant);
}

int main(int argc, char **argv)
{
	bool only_finish = argc > 1 && !strcmp(argv[1], "--finish");
	static struct daemon d = { .publisher = { .request = -1, .answer = -1 },
		.source.victims.kmsg = -1 };
	int rc;

	fds_close_from(RAYPSSD_BLOCK + 1);
	d.block =
		mmap(NULL, sizeof(*d.block), PROT_READ | PROT_WRITE, MAP_SHARED, RAYPSSD_BLOCK, 0);
	if (d.block == MAP_FAILED || d.block->version != SHM_BLOCK_VERSION) {
		fprintf(stderr, "raypssd: is started by ray_pss.so, not by hand\n");
		return EXIT_FAILURE;
	}
	detach(d.block);
	trouble(&d, "cannot leave the step's cgroup", step_source_begin(&d.source, RAYPSSD_SOCKET));
	d.spool = spool_open(d.block->spool);
	if (d.spool < 0)
		trouble(&d, d.block->spool, d.spool);
	if (only_finish) {
		state_discard(&d.block->facts);
		if (shm_account_read(d.block, &d.account))
			account_init(&d.account, d.block->limit, monotonic_ns());
		finish(&d);
		return EXIT_SUCCESS;
	}
	host_cache_fill();
	if (publishing_is_possible(d.block))
		trouble(&d, "cannot start the publisher",
			publisher_client_start(&d.publisher, d.block->slurm_conf));
	rc = state_create(&d.block->facts, &d.state);
	if (rc)
		trouble(&d, "no live figures", rc);
	rc = daemon_begin(&d);
	if (rc) {
		trouble(&d, "cannot account", rc);
		finish(&d);
		return EXIT_FAILURE;
	}
	step_source_use(&d.source, d.accountant);
	trouble(&d, "no bound of its life", lifetime_prepare());
	trouble(&d, "cannot confine itself", confine());
	tasks_take(&d);
	run(&d);
	step_source_end(&d.source);
	accountant_destroy(d.accountant);
	return EXIT_SUCCESS;
}
