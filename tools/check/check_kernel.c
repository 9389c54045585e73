/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel has that makes figures better, and what slurmd may do on this node. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/procfile.h"
#include "plugin/common/process_ref.h"
#include "tools/check/check.h"

/*
 * PROCMAP_QUERY of linux/fs.h, which may be older. The number has the size of the kernel's structure;
 * without one the kernel that knows the question refuses, but in another way than one that does not.
 */
#define QUERY _IOC(_IOC_READ | _IOC_WRITE, 'f', 17, 104)

/* linux/capability.h may be older. */
enum { DAC_READ_SEARCH = 2, SYS_PTRACE = 19, SYS_ADMIN = 21, CHECKPOINT_RESTORE = 40 };

static bool exists_any(const char *pattern)
{
	glob_t found;
	bool any = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return any;
}

static void cgroups_tell(struct check *c)
{
	struct statfs fs;
	bool v2 = statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;

	if (!v2)
		check_say(c, CHECK_OK, "kernel",
			"no cgroup v2: figures come from /proc, and there is no bound");
	else if (exists_any("/sys/fs/cgroup/*/memory.peak"))
		check_say(c, CHECK_OK, "kernel", "cgroup v2 with memory.peak: records have bound");
	else
		check_say(c, CHECK_OK, "kernel",
			"cgroup v2 without memory.peak (Linux 5.19): records have no bound");
}

static void query_tell(struct check *c)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	bool has = fd >= 0 && ioctl(fd, QUERY, NULL) && errno != ENOTTY;

	if (fd >= 0)
		close(fd);
	check_say(c, CHECK_OK, "kernel", "PROCMAP_QUERY: %s",
		has ? "yes" : "no, before Linux 6.11: a sample reads maps as text");
}

static void readable_tell(struct check *c, const char *path, const char *gain, const char *loss)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	check_say(c, CHECK_OK, "kernel", "%s: %s", path, fd >= 0 ? gain : loss);
	if (fd >= 0)
		close(fd);
}

/* A process named slurmd; 0 = none. */
static pid_t slurmd_find(void)
{
	glob_t found;
	pid_t pid = 0;

	if (glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !pid; i++) {
			char path[64], name[32];

			snprintf(path, sizeof(path), "%.48s/comm", found.gl_pathv[i]);
			if (procfile_read(AT_FDCWD, path, name, sizeof(name)) > 0 &&
				!strcmp(name, "slurmd\n"))
				pid = (pid_t)strtol(found.gl_pathv[i] + strlen("/proc/"), NULL, 10);
		}
	}
	globfree(&found);
	return pid;
}

static const char *capability_missing(uint64_t have, bool knows_restore)
{
	if (!(have >> SYS_PTRACE & 1))
		return "CAP_SYS_PTRACE";
	if (!(have >> DAC_READ_SEARCH & 1))
		return "CAP_DAC_READ_SEARCH";
	if (!knows_restore && !(have >> SYS_ADMIN & 1))
		return "CAP_SYS_ADMIN";
	if (knows_restore && !(have >> CHECKPOINT_RESTORE & 1))
		return "CAP_CHECKPOINT_RESTORE";
	return NULL;
}

/* Steps have what slurmd has, which a unit file of systemd may have cut. */
static void slurmd_check(struct check *c)
{
	bool knows_restore = access("/proc/sys/kernel/cap_last_cap", F_OK) == 0;
	char path[64], text[8192], last[16];
	const char *effective;
	pid_t pid = slurmd_find();

	if (!pid)
		return;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (procfile_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return;
	effective = strstr(text, "\nCapEff:\t");
	if (!effective)
		return;
	if (procfile_read(AT_FDCWD, "/proc/sys/kernel/cap_last_cap", last, sizeof(last)) > 0)
		knows_restore = strtol(last, NULL, 10) >= CHECKPOINT_RESTORE;
	effective = capability_missing(strtoull(effective + 9, NULL, 16), knows_restore);
	if (effective)
		check_say(c, CHECK_BROKEN, "slurmd",
			"slurmd, process %d, lacks %s: raypssd cannot read what users map", pid,
			effective);
	else
		check_say(c, CHECK_OK, "slurmd", "slurmd, process %d, has all capabilities needed",
			pid);
}

void check_kernel(struct check *c)
{
	struct utsname name;

	if (uname(&name) == 0)
		check_say(c, CHECK_OK, "kernel", "Linux %s", name.release);
	cgroups_tell(c);
	query_tell(c);
	check_say(c, CHECK_OK, "kernel", "pidfd: %s",
		process_ref_has_pidfd() ? "yes" : "no, before Linux 5.3: signals go by number");
	readable_tell(c, "/proc/pressure/memory", "records have pressure with a cgroup v2",
		"no: records have no pressure (psi=1 at boot)");
	if (c->as_root)
		readable_tell(c, "/dev/kmsg", "victims of the kernel are named",
			"no: victims of the kernel are not named");
	slurmd_check(c);
}
