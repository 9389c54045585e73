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
 * The private memory of a fork group is known only from Pss_Anon, so reading it is not just
 * attribution. Such reads may take this part of a core beside the budget.
 */
#define FORKED_BUDGET 0.005

/* Savings at most: short steps are read at all, and a long pause does not pay for a long stall. */
#define SAVINGS_NS (20 * NS_PER_MS)

/* A process is read again at this age at the earliest, and only if its RSS changed by CHANGE. */
#define AGE_MIN_NS NS_PER_S
#define CHANGE (4 * MIB)

enum { SMAPS_CHUNK = 64 * 1024 };

/* CPU time that walks may take: it accrues with time and walks spend it. */
struct walk_budget {
	double part; /* of one core */
	double stall_ns; /* the most that one walk may take */
	double savings_ns;
};

struct pagewalk {
	int proc_fd;
	struct walk_budget attribution;
	struct walk_budget forked;
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
			.attribution = { budget, stall_of(budget), SAVINGS_NS },
			.forked = { FORKED_BUDGET, (double)PAGEWALK_STALL_NS, SAVINGS_NS },
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

/* The process whose read is worth most, among those that a read would not stall for too long. */
static struct process *most_changed(struct pagewalk *w, struct process_table *table,
	uint64_t now_ns, double stall_ns, bool forked)
{
	struct process *best = NULL;
	uint64_t best_gain = 0;

	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);
		uint64_t gain;

		if (!p->row->rss || p->unreadable || (forked && !p->forked) ||
			cost_of(w, p) > stall_ns)
			continue;
		if (p->walk_ns && now_ns - p->walk_ns < AGE_MIN_NS)
			continue;
		/* Copy-on-write changes shares without changing the RSS, so age decides for fork groups. */
		gain = forked && p->pss_ns ? now_ns - p->pss_ns : change_of(p);
		if (!p->pss_ns)
			gain = UINT64_MAX / 2 + p->row->rss / 2;
		else if (!forked && pagewalk_is_fresh(p, w->sharing))
			continue;
		if (gain <= best_gain || p->copy || p->mm_owner)
			continue;
		best = p;
		best_gain = gain;
	}
	return best;
}

static void spend(struct pagewalk *w, struct process_table *table, uint64_t now_ns,
	struct walk_budget *budget, bool forked, uint64_t elapsed_ns)
{
	double most = (double)SAVINGS_NS;
	struct process *p;

	budget->savings_ns += budget->part * (double)elapsed_ns;
	while (budget->part > 0 && (p = most_changed(w, table, now_ns, budget->stall_ns, forked))) {
		uint64_t begin = thread_cpu_ns(), spent;

		/* A read that costs more than the usual savings has to be saved for. */
		if (cost_of(w, p) > most)
			most = cost_of(w, p);
		if (cost_of(w, p) > budget->savings_ns)
			break;
		/* If the process is gone or may not be read, its last figures stay. */
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
	spend(w, table, now_ns, &w->forked, true, elapsed);
	spend(w, table, now_ns, &w->attribution, false, elapsed);
}
