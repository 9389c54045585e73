/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/pagewalk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/page_walk_cost.h"
#include "base/procfile.h"
#include "base/units.h"

/*
 * The private memory of a fork group is known only from Pss_Anon, and how much memory was given back
 * lazily only from LazyFree. Reading these is not just attribution. Such reads may take this part of
 * a core beside the budget.
 */
#define NEEDED_BUDGET 0.005

/* Savings at most: short steps are read at all, and a long pause does not pay for a long stall. */
#define SAVINGS_NS (20 * NS_PER_MS)

/* A step that grows is looked at often, and what it gives back meanwhile is known from reads alone. */
#define NEEDED_SAVINGS_NS (3 * SAVINGS_NS)

/*
 * A process is read again at this age, and only if its RSS changed by CHANGE. Two kinds are read again
 * at any later look, because private depends on the read: a process that grew fast may have given
 * memory back lazily since, and lazily freed memory may be in use again without any trace in the RSS.
 */
#define AGE_MIN_NS NS_PER_S
#define CHANGE (4 * MIB)

/* The gain of reading a changed process. Less is the gain of reading unchanged, lazily freed memory. */
#define GAIN_CHANGED (UINT64_MAX / 4)
#define GAIN_NEW (UINT64_MAX / 2)

enum { SMAPS_CHUNK = 64 * 1024 };

/* CPU time that walks may take: it accrues with time and walks spend it. */
struct walk_budget {
	double part; /* of one core */
	double stall_ns; /* the most that one walk may take */
	double most_ns; /* usual bound of savings_ns */
	double savings_ns;
};

struct pagewalk {
	int proc_fd;
	struct walk_budget attribution;
	struct walk_budget needed;
	double ns_per_byte;
	uint64_t last_ns;
	uint64_t reads;
	uint64_t cpu_ns;
	uint64_t sharing; /* as of this run */
	bool no_rollup; /* before Linux 4.14 */
	char buf[]; /* SMAPS_CHUNK */
};

/*
 * Attribution must not disturb a process. Admins who want big processes read set a bigger budget.
 */
static double stall_of(double budget)
{
	double ns = budget * (double)NS_PER_S;

	return ns < (double)PAGEWALK_STALL_NS ? ns : (double)PAGEWALK_STALL_NS;
}

struct pagewalk *pagewalk_create(int proc_fd, double budget)
{
	struct pagewalk *w = malloc(sizeof(*w) + SMAPS_CHUNK);

	if (w)
		*w = (struct pagewalk){
			.proc_fd = proc_fd,
			.attribution = { budget, stall_of(budget), SAVINGS_NS, SAVINGS_NS },
			.needed = { NEEDED_BUDGET, (double)PAGEWALK_STALL_NS, NEEDED_SAVINGS_NS,
				NEEDED_SAVINGS_NS },
			.ns_per_byte = (double)PAGE_WALK_NS_PER_GIB / (double)GIB,
		};
	return w;
}

void pagewalk_destroy(struct pagewalk *w)
{
	free(w);
}

uint64_t pagewalk_reads(const struct pagewalk *w)
{
	return w->reads;
}

uint64_t pagewalk_cpu_ns(const struct pagewalk *w)
{
	return w->cpu_ns;
}

/* smaps is long, so it is added up in pieces. Each piece ends with a mapping's last line. */
static int smaps_read(struct pagewalk *w, const char *path, struct smaps *sum)
{
	static const char last_line[] = "\nVmFlags:";
	int fd = openat(w->proc_fd, path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	int rc = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (rc == 0 && (n = read(fd, w->buf + have, SMAPS_CHUNK - have)) != 0) {
		const char *cut = NULL, *p;

		if (n < 0) {
			rc = -errno;
			break;
		}
		have += (size_t)n;
		for (p = w->buf; (p = memmem(p, have - (size_t)(p - w->buf), last_line,
					  sizeof(last_line) - 1));) {
			const char *end = memchr(p + 1, '\n', have - (size_t)(p + 1 - w->buf));

			if (!end)
				break;
			cut = p = end;
		}
		if (!cut) {
			rc = have == SMAPS_CHUNK ? -EINVAL : 0;
			continue;
		}
		cut++;
		rc = smaps_add(w->buf, (size_t)(cut - w->buf), sum);
		have -= (size_t)(cut - w->buf);
		memmove(w->buf, cut, have);
	}
	close(fd);
	return rc;
}

static int read_sum(struct pagewalk *w, pid_t pid, struct smaps *sum)
{
	char path[PROC_PATH];
	ssize_t n;

	if (!w->no_rollup) {
		procfile_path(path, pid, "smaps_rollup");
		n = procfile_read(w->proc_fd, path, w->buf, SMAPS_CHUNK);
		if (n >= 0)
			return smaps_add(w->buf, (size_t)n, sum);
		if (n != -ENOENT)
			return (int)n;
		if (faccessat(w->proc_fd, "self/smaps_rollup", F_OK, 0) == 0)
			return -ESRCH;
		w->no_rollup = true;
	}
	procfile_path(path, pid, "smaps");
	return smaps_read(w, path, sum);
}

int pagewalk_read(struct pagewalk *w, struct process *p, uint64_t now_ns)
{
	/* CPU time: waiting for the process's mmap lock or for a core is no cost of the walk. */
	uint64_t begin = thread_cpu_ns();
	struct smaps sum = { 0 };
	double took;
	int rc = read_sum(w, p->via, &sum);

	p->walk_ns = now_ns;
	if (rc)
		return rc;
	took = (double)(thread_cpu_ns() - begin);
	/* Reading a small process costs by its mappings, not by its pages. */
	if (sum.rss > 64 * MIB)
		w->ns_per_byte += 0.2 * (took / (double)sum.rss - w->ns_per_byte);
	p->smaps = sum;
	p->pss_ns = now_ns;
	p->pss_sharing = w->sharing;
	w->reads++;
	return 0;
}

static double cost_of(const struct pagewalk *w, const struct process *p)
{
	return 50e3 + w->ns_per_byte * (double)p->row->rss;
}

static uint64_t change_of(const struct process *p)
{
	return p->row->rss > p->smaps.rss ? p->row->rss - p->smaps.rss : p->smaps.rss - p->row->rss;
}

uint64_t pagewalk_sharing(const struct process_table *table)
{
	const struct look_process *rows = process_rows(table);
	uint64_t sum = 0;

	for (unsigned i = 0, n = process_count(table); i < n; i++)
		sum += rows[i].file_shmem;
	return sum;
}

bool pagewalk_is_fresh(const struct process *p, uint64_t sharing)
{
	uint64_t shift =
		sharing > p->pss_sharing ? sharing - p->pss_sharing : p->pss_sharing - sharing;

	return p->pss_ns && change_of(p) < CHANGE + p->row->rss / 32 &&
		(p->row->file_shmem < CHANGE || shift < CHANGE + sharing / 32);
}

static uint64_t lazyfree_of(const struct process *p)
{
	return !p->forked && p->smaps.lazyfree >= CHANGE ? p->smaps.lazyfree : 0;
}

static bool has_grown_fast(const struct process *p)
{
	return p->row->rss > p->smaps.rss + p->smaps.rss / 2 + CHANGE;
}

/* Whether the last read is old enough. No process is read twice in a look. */
static bool is_due(const struct process *p, uint64_t now_ns)
{
	if (!p->walk_ns || now_ns - p->walk_ns >= AGE_MIN_NS)
		return true;
	return p->walk_ns != now_ns && p->walk_ns == p->pss_ns && !p->forked &&
		(lazyfree_of(p) || has_grown_fast(p));
}

/* Whether a read would stall the process for too long. */
static bool is_too_big(const struct pagewalk *w, const struct process *p, bool needed)
{
	/* A fork group needs reading once in a while, lazily freed memory at each look. */
	return cost_of(w, p) > (needed && p->forked ? w->needed.stall_ns : w->attribution.stall_ns);
}

/* What a read is worth, 0 = nothing. */
static uint64_t gain_of(
	const struct pagewalk *w, const struct process *p, uint64_t now_ns, bool needed)
{
	if (needed && !p->forked && !lazyfree_of(p))
		return 0;
	if (!p->pss_ns)
		return GAIN_NEW + p->row->rss / 2;
	/* Neither copy-on-write nor reuse of lazily freed memory changes the RSS, so age decides. */
	if (needed)
		return now_ns - p->pss_ns;
	if (pagewalk_is_fresh(p, w->sharing))
		return lazyfree_of(p);
	return change_of(p) ? GAIN_CHANGED + change_of(p) : 0;
}

/* The process whose read is worth most. needed: among those whose private depends on reads. */
static struct process *most_wanted(
	struct pagewalk *w, struct process_table *table, uint64_t now_ns, bool needed)
{
	struct process *best = NULL;
	uint64_t best_gain = 0;

	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);
		uint64_t gain;

		if (!p->row->rss || p->unreadable || p->shunned || p->copy || p->mm_owner ||
			!is_due(p, now_ns) || is_too_big(w, p, needed))
			continue;
		gain = gain_of(w, p, now_ns, needed);
		if (gain <= best_gain)
			continue;
		best = p;
		best_gain = gain;
	}
	return best;
}

static void spend(struct pagewalk *w, struct process_table *table, uint64_t now_ns,
	struct walk_budget *budget, bool needed, uint64_t elapsed_ns)
{
	double most = budget->most_ns;
	struct process *p;

	budget->savings_ns += budget->part * (double)elapsed_ns;
	while (budget->part > 0 && (p = most_wanted(w, table, now_ns, needed))) {
		uint64_t begin = thread_cpu_ns(), spent;

		/* A read that costs more than the usual savings has to be saved for. */
		if (cost_of(w, p) > most)
			most = cost_of(w, p);
		if (cost_of(w, p) > budget->savings_ns)
			break;
		/* If the process is gone or may not be read, its last figures stay. */
		(void)process_reading(table, p->pid);
		(void)pagewalk_read(w, p, now_ns);
		spent = thread_cpu_ns() - begin;
		budget->savings_ns -= (double)spent;
		w->cpu_ns += spent;
	}
	if (budget->savings_ns > most)
		budget->savings_ns = most;
}

void pagewalk_run(struct pagewalk *w, struct process_table *table, uint64_t now_ns)
{
	uint64_t elapsed = w->last_ns ? now_ns - w->last_ns : 0;

	w->last_ns = now_ns;
	w->sharing = pagewalk_sharing(table);
	spend(w, table, now_ns, &w->needed, true, elapsed);
	spend(w, table, now_ns, &w->attribution, false, elapsed);
}
