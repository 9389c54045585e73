/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/families.h"
#include "measure/procfs/fork_groups.h"
#include "measure/procfs/pid_read.h"
#include "measure/procfs/statm.h"
#include "measure/procfs/titles.h"
#include "measure/procfs/totals.h"

/*
 * Page tables, swap and the title are read again when the RSS changed by 1/64; which program the
 * process is, when its memory changed by a quarter, as by an exec; both at a bounded age, too.
 */
#define STATUS_AGE_MIN_NS (500 * NS_PER_MS)
#define STATUS_AGE_NS (20 * NS_PER_S)
#define STATUS_CHANGE_SHIFT 6
#define HUGE_PAGE_MIN (2 * MIB) /* new huge pages are not in the RSS, but take addresses */
#define IDENTITY_AGE_NS (30 * NS_PER_S)
#define IDENTITY_CHANGE_SHIFT 2
#define IDENTITY_YOUNG_NS (2 * NS_PER_S)

/*
 * The maps of a process are scanned again when its shared memory has changed, and at a bounded age,
 * since unmapping one file and mapping another of the same size leaves no other trace. The dearer
 * a scan of all processes is, the greater is that age.
 */
#define SCAN_AGE_MIN_NS (2 * NS_PER_S)
#define SCAN_AGE_MAX_NS (30 * NS_PER_S)
#define DRIVER_AGE_NS NS_PER_S
#define SCAN_CHANGE_AGE_NS (200 * NS_PER_MS)
#define SCAN_DUTY 0.0001

/* Descriptors not used for statm: our own files, directories read for a moment. */
enum { DESCRIPTORS_SPARE = 32 };

/* status lists the user's groups before the sizes, 11 bytes each: room for thousands. */
enum { STATUS_SIZE = 64 * 1024 };

struct procfs {
	int proc_fd;
	struct process_table *table;
	struct objects *objects;
	uint64_t page_size;
	unsigned descriptors_room;
	double scan_cost_ns; /* of one process, smoothed */
	uint64_t round_ns; /* when the scan of all processes last began anew */
	struct fork_groups groups;
	struct titles titles;
	struct totals totals;
	/* Of the process that forks the step's tasks; 0 = not known. */
	uint64_t launcher_stack, launcher_brk;
	char status[]; /* STATUS_SIZE */
};

void procfs_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

struct procfs *procfs_create(int proc_fd, struct process_table *table)
{
	struct procfs *s = malloc(sizeof(*s) + STATUS_SIZE);
	struct rlimit limit;

	if (!s)
		return NULL;
	*s = (struct procfs){
		.proc_fd = proc_fd,
		.table = table,
		.objects = objects_create(proc_fd),
		.page_size = (uint64_t)sysconf(_SC_PAGESIZE),
	};
	if (!s->objects) {
		free(s);
		return NULL;
	}
	fork_groups_init(&s->groups, proc_fd);
	titles_init(&s->titles, proc_fd, table, objects_devices(s->objects));
	totals_init(&s->totals, s->page_size);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS_SPARE)
		s->descriptors_room = (unsigned)(limit.rlim_cur - DESCRIPTORS_SPARE);
	return s;
}

void procfs_destroy(struct procfs *s)
{
	if (!s)
		return;
	objects_destroy(s->objects);
	fork_groups_clear(&s->groups);
	free(s);
}

uint64_t procfs_bound(const struct procfs *s)
{
	return s->totals.bound;
}

bool procfs_saw_ray(const struct procfs *s)
{
	return s->titles.ray;
}

struct objects *procfs_objects(const struct procfs *s)
{
	return s->objects;
}

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

void procfs_read(struct procfs *s)
{
	for (unsigned i = 0; i < process_count(s->table);) {
		struct process *p = process_at(s->table, i);

		if (p->gone || statm_read(s->proc_fd, s->page_size, p) == -ESRCH) {
			s->groups.stale |= p->related;
			process_remove(s->table, p);
		} else {
			if (!p->size)
				s->groups.stale |= p->related;
			i++;
		}
	}
}

void procfs_launcher(struct procfs *s, pid_t pid)
{
	struct pid_stat stat;

	if (pid_stat_read(s->proc_fd, pid, &stat))
		return;
	s->launcher_stack = stat.start_stack;
	s->launcher_brk = stat.start_brk;
}

/* The leader has left, so its stat shows no addresses. */
static void thread_identify(const struct procfs *s, struct process *p)
{
	char path[PROC_PATH];
	struct pid_stat stat;

	snprintf(path, sizeof(path), "%d/task/%d/stat", p->pid, p->via);
	if (pid_stat_read_at(s->proc_fd, path, &stat))
		return;
	p->start_stack = stat.start_stack;
	p->start_brk = stat.start_brk;
}

/*
 * A task between fork and exec shows the launcher's memory, which is not the step's: it does not
 * count, however much of it the launcher has locked or written.
 */
static void copy_check(struct procfs *s, struct process *p)
{
	bool was = p->copy;

	p->copy = s->launcher_stack && p->start_stack == s->launcher_stack &&
		p->start_brk == s->launcher_brk;
	/* statm was read before the exec, perhaps. */
	if (was && !p->copy)
		(void)statm_read(s->proc_fd, s->page_size, p);
}

static void gone_note(struct process *p)
{
	p->gone = true;
	p->unreadable = false;
	p->size = p->row->rss = p->row->file_shmem = 0;
}

/* Which program the process is: exec may have changed it. */
static void identity_refresh(struct procfs *s, struct process *p, uint64_t now_ns)
{
	uint64_t start_stack = p->start_stack, start_brk = p->start_brk;
	bool first = !p->identity_ns;
	struct pid_stat stat;

	p->identity_ns = now_ns;
	p->identity_size = p->size;
	p->identity_rss = p->row->rss;
	/* Discovery has just read the stat of a new process. */
	if (p->stat_ns != now_ns) {
		if (pid_stat_read(s->proc_fd, p->pid, &stat))
			return;
		/* Happens only without a kept statm, which would have read ESRCH. */
		if (p->row->start && p->row->start != stat.start) {
			gone_note(p);
			return;
		}
		process_identify(s->table, p, &stat, now_ns);
	}
	/*
	 * The addresses are gone: the process ended, or its first thread did, after statm was read. It
	 * would leave its fork group, and count in full what the others still have.
	 */
	if (start_stack && !p->start_stack && statm_read(s->proc_fd, s->page_size, p) == -ESRCH)
		gone_note(p);
	if (p->via != p->pid)
		thread_identify(s, p);
	copy_check(s, p);
	if (first || p->start_stack != start_stack || p->start_brk != start_brk) {
		s->groups.stale = true;
		p->mapped_most = 0;
	}
}

/*
 * Threads and page tables come without RSS, but not without address space. VmHWM rises without any
 * other trace: a young process is read at half its age, so that short steps have that figure, too.
 */
static inline bool status_due(const struct process *p, uint64_t now_ns)
{
	uint64_t age = now_ns - p->status_ns;

	if (!p->status_ns)
		return true;
	if (age <= STATUS_AGE_MIN_NS)
		return false;
	return age > STATUS_AGE_NS || age > (now_ns - p->seen_ns) / 2 ||
		difference(p->row->rss, p->status_rss) > p->status_rss >> STATUS_CHANGE_SHIFT ||
		difference(p->size, p->status_size) > p->status_size >> STATUS_CHANGE_SHIFT ||
		difference(p->size, p->status_size) >= HUGE_PAGE_MIN || p->status.hugetlb;
}

static bool identity_due(const struct process *p, uint64_t now_ns)
{
	uint64_t age = now_ns - p->identity_ns;

	if (!p->identity_ns || age > IDENTITY_AGE_NS || p->copy)
		return true;
	/* Most processes execute another program soon after fork. */
	if (age <= STATUS_AGE_MIN_NS && now_ns - p->seen_ns > IDENTITY_YOUNG_NS)
		return false;
	/* A member of a fork group leaves the group by exec: notice that soon. */
	return difference(p->size, p->identity_size) > p->identity_size >> IDENTITY_CHANGE_SHIFT ||
		difference(p->row->rss, p->identity_rss) > p->identity_rss >>
		IDENTITY_CHANGE_SHIFT ||
		(p->related && status_due(p, now_ns));
}

static void status_refresh(struct procfs *s, struct process *p, uint64_t now_ns)
{
	char path[PROC_PATH];
	ssize_t n;

	procfile_path(path, p->via, "status");
	n = procfile_read(s->proc_fd, path, s->status, STATUS_SIZE);
	p->unreadable = n != -ESRCH && n != -ENOENT &&
		(n < 0 || n == STATUS_SIZE - 1 ||
			pid_status_parse(s->status, (size_t)n, &p->status));
	totals_row_status(&s->totals, p);
	p->status_ns = now_ns;
	p->status_rss = p->row->rss;
	p->status_size = p->size;
}

static void scan(struct procfs *s, struct process *p, uint64_t now_ns, bool whole)
{
	uint64_t begin = monotonic_ns();
	int rc = objects_scan(s->objects, p, now_ns, whole);

	p->sealed = rc == -EACCES || rc == -EPERM;
	p->unmeasured |= p->sealed;
	if (whole) {
		s->scan_cost_ns += 0.1 * ((double)(monotonic_ns() - begin) - s->scan_cost_ns);
		p->whole_ns = now_ns;
	}
	p->maps_ns = now_ns;
	p->maps_size = p->size;
	p->maps_hugetlb = p->status.hugetlb;
	p->maps_file_shmem = p->row->file_shmem;
}

/* The age at which scanning all processes costs SCAN_DUTY of a core. */
static uint64_t scan_age(const struct procfs *s)
{
	double age = s->scan_cost_ns * process_count(s->table) / SCAN_DUTY;

	if (age < (double)SCAN_AGE_MIN_NS)
		return SCAN_AGE_MIN_NS;
	return age > (double)SCAN_AGE_MAX_NS ? SCAN_AGE_MAX_NS : (uint64_t)age;
}

static void scan_if_due(struct procfs *s, struct process *p, uint64_t now_ns, uint64_t age_max)
{
	uint64_t young = (now_ns - p->seen_ns) / 2;

	if (young < SETTLED_NS)
		young = SETTLED_NS;
	if (young < age_max)
		age_max = young;
	if (age_max > DRIVER_AGE_NS && titles_may_become_driver(&s->titles, p))
		age_max = DRIVER_AGE_NS;
	if (p->scan.incomplete || now_ns - (p->whole_ns ? p->whole_ns : p->seen_ns) >= age_max)
		scan(s, p, now_ns, true);
	else if (!p->maps_ns || p->maps_hugetlb != p->status.hugetlb)
		scan(s, p, now_ns, false);
	else if (now_ns - p->maps_ns > SCAN_CHANGE_AGE_NS && p->size != p->maps_size &&
		difference(p->row->file_shmem, p->maps_file_shmem) > 64 * KIB)
		scan(s, p, now_ns, false);
}

/* The child was forked from the program that the parent runs now: read that again. */
static void parent_refresh(struct procfs *s, const struct process *child, uint64_t now_ns)
{
	struct process *parent = process_find(s->table, child->row->ppid);

	if (parent && parent->size && parent->identity_ns != now_ns)
		identity_refresh(s, parent, now_ns);
}

void procfs_refresh(struct procfs *s, uint64_t now_ns)
{
	uint64_t age = scan_age(s);

	titles_begin(&s->titles);
	for (unsigned i = 0; i < process_count(s->table); i++) {
		struct process *p = process_at(s->table, i);

		if (!p->seen_ns) {
			int rc;

			p->seen_ns = now_ns;
			if (process_count(s->table) <= s->descriptors_room)
				statm_open(s->proc_fd, p);
			rc = statm_read(s->proc_fd, s->page_size, p);
			p->unreadable = rc && rc != -ESRCH;
			parent_refresh(s, p, now_ns);
		}
		if (!p->size)
			continue;
		p->shunned = !process_reading(s->table, p->pid);
		if (identity_due(p, now_ns))
			identity_refresh(s, p, now_ns);
		if (!p->size || p->copy)
			continue;
		if (status_due(p, now_ns))
			status_refresh(s, p, now_ns);
		if (p->shunned)
			continue;
		if (titles_due(p, now_ns))
			titles_read(&s->titles, p, now_ns);
		if (p->status.locked)
			objects_locked(s->objects, p, now_ns);
		scan_if_due(s, p, now_ns, age);
	}
	if (s->titles.ray)
		families_update(s->table);
	if (now_ns - s->round_ns > age) {
		/* A file that two rounds of scans did not see is mapped by no process any more. */
		objects_expire(s->objects, s->round_ns > age ? s->round_ns - age : 0);
		s->round_ns = now_ns;
	}
	if (s->groups.stale || !address_spaces_hold(&s->groups.spaces, s->table))
		fork_groups_update(&s->groups, s->table);
}

void procfs_reread(struct procfs *s, uint64_t now_ns)
{
	for (unsigned i = 0; s->groups.any && i < process_count(s->table); i++) {
		struct process *p = process_at(s->table, i);

		if (p->forked && p->pss_ns == now_ns)
			(void)statm_read(s->proc_fd, s->page_size, p);
	}
}

void procfs_sample(struct procfs *s, uint64_t now_ns, struct sample *out)
{
	objects_measure(s->objects, s->table, now_ns);
	fork_groups_count(&s->groups, s->table);
	*out = sample_unknown(now_ns);
	out->processes_ns = now_ns;
	totals_add_up(&s->totals, s->table, &s->groups, s->objects, out);
	if (s->titles.ray)
		families_count(s->table);
}
