/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/exact.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "base/units.h"
#include "plugin/spank/exact/exact_proof.h"
#include "plugin/spank/exact/task_update.h"

/* A poll holds the figures for microseconds. */
#define LEAVE_NS NS_PER_S
#define LEAVE_STEP_NS (100 * NS_PER_US)

typedef void poll_fn(void *list, uint64_t container, bool profile);

/*
 * Slurm calls the poll under its lock of the task list, so there is one at a time. Everything but
 * the atomics is either written before our function is in the table, or belongs to the poll.
 */
static struct {
	/* Of the thread that runs the hooks. */
	bool taken;
	uint16_t *oom_kill;
	uint16_t oom_kill_was;
	poll_fn **slot;

	/* Stay as they are for ever: another plugin may go on calling our function. */
	poll_fn *real;
	void (*handle_limit)(uint64_t memory, uint64_t virtual);

	/*
	 * The poll counts itself in, then looks whether we are active. exact_give_back makes us
	 * inactive, then waits until nobody is in. Both orders are sequentially consistent, so one
	 * of the two sees the other.
	 */
	atomic_bool active;
	atomic_uint inside;

	struct exact_step step;
	uint64_t most; /* memory and swap of the node, bytes */
	uint64_t taken_ns;
	struct task_update update;
	struct task_sample read; /* scratch */
	struct task_sample last; /* the last that was sane */
	bool has_last;
	bool told; /* the log knows that OverMemoryKill does not act */
	bool told_tasks; /* and that no task can be told from another */
} exact;

static bool enter(void)
{
	atomic_fetch_add(&exact.inside, 1);
	if (atomic_load(&exact.active))
		return true;
	atomic_fetch_sub(&exact.inside, 1);
	return false;
}

static void leave(void)
{
	atomic_fetch_sub(&exact.inside, 1);
}

/* A sample that cannot be used leaves the one before. */
static void sample_read(void)
{
	if (task_figures_read(exact.step.figures, exact.most, &exact.read) == 0) {
		exact.last = exact.read;
		exact.has_last = true;
	}
}

static bool is_fresh(uint64_t since_ns)
{
	/* A time in the future wraps around to a great age. */
	return monotonic_ns() - since_ns <= exact.step.fresh_ns;
}

/* What is to be done outside of enter() and leave(): both may take long in Slurm. */
struct outcome {
	bool compare;
	uint64_t footprint;
	uint64_t virtual;
	const char *line;
};

/* Says once when raypssd falls silent, and once when it is back. */
static const char *line_about(bool fresh)
{
	if (fresh == !exact.told)
		return NULL;
	/* raypssd needs a moment for its first sample. */
	if (!fresh && !exact.has_last && is_fresh(exact.taken_ns))
		return NULL;
	exact.told = !fresh;
	return fresh ? "raypssd tells the memory of the step again: OverMemoryKill acts"
		     : "raypssd does not tell the memory of the step: OverMemoryKill does not act";
}

/* Says once that Slurm's list never had the tasks of the step: nothing was written. */
static const char *line_about_tasks(void)
{
	if (exact.update.offset_known || exact.told_tasks || is_fresh(exact.taken_ns))
		return NULL;
	exact.told_tasks = true;
	return "maxrss=exact: Slurm's list has other tasks than the step: MaxRSS stays Slurm's own";
}

static struct outcome after_poll(void *list)
{
	struct outcome out = { 0 };
	struct task_list_sums sums;
	bool fresh;

	sample_read();
	fresh = exact.has_last && is_fresh(exact.last.at_ns);
	sums = task_update(&exact.update, list, exact.has_last ? &exact.last : NULL);
	if (sums.tasks)
		out.line = line_about_tasks();
	if (!exact.oom_kill_was || !sums.tasks)
		return out;
	out.compare = fresh;
	out.footprint = exact.last.footprint;
	out.virtual = sums.virtual;
	if (!out.line)
		out.line = line_about(fresh);
	return out;
}

/* In place of jobacct_gather_p_poll_data. */
static void poll(void *list, uint64_t container, bool profile)
{
	struct outcome out;

	if (enter()) {
		if (exact.step.ask)
			exact.step.ask();
		leave();
	}
	exact.real(list, container, profile);
	if (!enter())
		return;
	out = after_poll(list);
	leave();
	if (out.line)
		exact.step.log(out.line);
	if (out.compare)
		exact.handle_limit(out.footprint, out.virtual);
}

bool exact_possible(uint32_t tasks, char why[EXACT_WHY])
{
	struct exact_proof p;

	if (exact_prove(&p, tasks, why))
		return false;
	slurm_parts_release(&p.slurm);
	return true;
}

/* Keeps our code in memory until the process ends: a poll may be in it when SPANK unloads us. */
static int stay_loaded(void)
{
	Dl_info self;
	void *handle;

	if (!dladdr((void *)(uintptr_t)poll, &self))
		return -ENOENT;
	handle = dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
	if (!handle)
		return -ENOENT;
	dlclose(handle);
	return 0;
}

/* Memory and swap, bytes; 0 where the kernel does not say. */
static uint64_t node_memory(void)
{
	struct sysinfo info;

	if (sysinfo(&info))
		return 0;
	return ((uint64_t)info.totalram + info.totalswap) * info.mem_unit;
}

static void state_fill(const struct exact_proof *p, const struct exact_step *step)
{
	exact.oom_kill = p->slurm.oom_kill;
	exact.oom_kill_was = __atomic_load_n(exact.oom_kill, __ATOMIC_RELAXED);
	exact.slot = (poll_fn **)p->table;
	exact.real = (poll_fn *)(uintptr_t)p->slurm.functions[0];
	exact.handle_limit = p->slurm.handle_limit;
	exact.step = *step;
	exact.most = node_memory();
	exact.update.api = p->slurm.api;
	exact.update.layout = p->layout;
	exact.update.tasks = step->tasks;
	exact.update.first_task = step->first_task;
	exact.update.offset_known = false;
	exact.taken_ns = monotonic_ns();
	exact.has_last = false;
	exact.told = false;
	exact.told_tasks = false;
}

/* Leaves alone what somebody else has changed meanwhile. */
static bool slot_change(poll_fn *from, poll_fn *to)
{
	return __atomic_compare_exchange_n(
		exact.slot, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void oom_kill_change(uint16_t from, uint16_t to)
{
	__atomic_compare_exchange_n(
		exact.oom_kill, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int exact_take(const struct exact_step *step, char why[EXACT_WHY])
{
	struct exact_proof p;
	int rc;

	if (exact.taken) {
		snprintf(why, EXACT_WHY, "already taken over");
		return -EALREADY;
	}
	rc = exact_prove(&p, step->tasks, why);
	if (rc)
		return rc;
	rc = stay_loaded();
	if (rc) {
		snprintf(why, EXACT_WHY, "ray_pss.so cannot be kept in memory");
		slurm_parts_release(&p.slurm);
		return rc;
	}
	state_fill(&p, step);
	if (!exact.most) {
		snprintf(why, EXACT_WHY, "the kernel does not tell the node's memory");
		slurm_parts_release(&p.slurm);
		return -ENOSYS;
	}
	/*
	 * First OverMemoryKill, then the poll, and back in the reverse order: at no time does the
	 * plugin's poll compare its own sum while ours is in place. The plugin stays loaded.
	 */
	oom_kill_change(exact.oom_kill_was, 0);
	exact.taken = true;
	atomic_store(&exact.active, true);
	if (!slot_change(exact.real, poll)) {
		snprintf(why, EXACT_WHY, "Slurm's table of the accounting plugin has changed");
		exact_give_back();
		slurm_parts_release(&p.slurm);
		return -EAGAIN;
	}
	return 0;
}

int exact_give_back(void)
{
	uint64_t until = monotonic_ns() + LEAVE_NS;
	struct timespec pause = timespec_of(LEAVE_STEP_NS);

	if (!exact.taken)
		return 0;
	slot_change(poll, exact.real);
	if (exact.oom_kill_was)
		oom_kill_change(0, exact.oom_kill_was);
	atomic_store(&exact.active, false);
	while (atomic_load(&exact.inside)) {
		if (monotonic_ns() > until)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
	exact.taken = false;
	return 0;
}
