#include "accountant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pace.h"
#include "pagewalk.h"
#include "procfs.h"
#include "units.h"

/* More than any sane step on one node; bounds our memory. */
enum { PROCESSES_MAX = 16384 };

struct accountant {
	struct account *account;
	int proc_fd;
	struct process_table *table;
	struct members *members;
	struct procfs *procfs;
	struct pagewalk *pagewalk;
	struct pace pace;
	uint64_t due_ns;
};

int accountant_create(
	const struct accountant_options *options, struct account *account, struct accountant **out)
{
	struct accountant *a = calloc(1, sizeof(*a));
	int rc = -ENOMEM;

	if (!a)
		return -ENOMEM;
	a->account = account;
	a->proc_fd = open(options->proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->proc_fd < 0) {
		rc = -errno;
		goto fail;
	}
	a->table = process_table_create(PROCESSES_MAX);
	if (!a->table)
		goto fail;
	rc = members_create(a->proc_fd, a->table, &options->members, &a->members);
	if (rc)
		goto fail;
	rc = -ENOMEM;
	a->procfs = procfs_create(a->proc_fd, a->table);
	a->pagewalk = pagewalk_create(a->proc_fd, options->budget);
	if (!a->procfs || !a->pagewalk)
		goto fail;
	pace_init(&a->pace, options->interval_ns, options->min_interval_ns);
	a->due_ns = monotonic_ns();
	account_init(account, options->limit, a->due_ns);
	*out = a;
	return 0;
fail:
	accountant_destroy(a);
	return rc;
}

void accountant_destroy(struct accountant *a)
{
	if (!a)
		return;
	pagewalk_destroy(a->pagewalk);
	procfs_destroy(a->procfs);
	members_destroy(a->members);
	process_table_destroy(a->table);
	if (a->proc_fd >= 0)
		close(a->proc_fd);
	free(a);
}

int accountant_add_task(struct accountant *a, pid_t pid)
{
	int rc = members_add(a->members, pid);

	/* A new task is looked at soon, whatever the pace was. */
	if (rc == 0)
		a->due_ns = monotonic_ns();
	return rc;
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

int accountant_look(struct accountant *a)
{
	uint64_t now = monotonic_ns();
	struct sample sample;
	int rc;

	procfs_read(a->procfs);
	rc = members_discover(a->members, now);
	procfs_refresh(a->procfs, now);
	pagewalk_run(a->pagewalk, a->table, now);
	procfs_sample(a->procfs, now, &sample);
	/* A step without processes (before its first, after its last) is not a look at it. */
	if (sample.processes)
		account_add(a->account, &sample, a->table, procfs_objects(a->procfs));
	a->account->scans = pagewalk_reads(a->pagewalk);
	a->account->cpu_ns = cpu_ns();
	a->due_ns = now + pace_next(&a->pace, now, sample_footprint(&sample), a->account->limit);
	return rc;
}

uint64_t accountant_due_ns(const struct accountant *a)
{
	return a->due_ns;
}

unsigned accountant_processes(const struct accountant *a)
{
	return process_count(a->table);
}

bool accountant_has(const struct accountant *a, pid_t pid)
{
	return process_find(a->table, pid);
}
