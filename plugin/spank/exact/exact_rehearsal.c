/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/exact_rehearsal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <slurm/slurm.h>

#include "base/units.h"
#include "plugin/spank/exact/linked_library.h"

#define SLURM_LIBRARY "libslurmfull.so"

/* Slurm's code in the child may look for its configuration on the network. */
#define WAIT_NS (3 * NS_PER_S)

/* slurmctld tells slurmstepd the number of TRES. Every release has at least 8. */
enum { TRES_COUNT = 8 };

/* In memory that the child shares: what is known so far, also if Slurm's code ends the child. */
struct answer {
	enum exact_answer answer;
	char why[EXACT_WHY];
};

/* How slurmstepd starts: src/common/read_config.h, log.h, assoc_mgr.h, jobacct_gather.h. */
struct slurm_start {
	int (*conf_init)(const char *file);
	void (*version_print)(void);
	uint32_t *tres_count;
	int (*gatherer_load)(void);
};

__attribute__((format(printf, 2, 3))) static void unsure(struct answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->why, sizeof(a->why), format, args);
	va_end(args);
	a->answer = EXACT_UNSURE;
}

static bool slurm_load(const char *library, struct slurm_start *out, struct answer *a)
{
	const struct {
		const char *name;
		void *to;
	} wanted[] = {
		{ "slurm_conf_init", &out->conf_init },
		{ "print_slurm_version", &out->version_print },
		{ "g_tres_count", &out->tres_count },
		{ "jobacct_gather_init", &out->gatherer_load },
	};
	void *handle = dlopen(library, RTLD_NOW | RTLD_GLOBAL);

	if (!handle) {
		unsure(a, "Slurm's library cannot be loaded: %s", dlerror());
		return false;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		void *symbol = dlsym(handle, wanted[i].name);

		if (!symbol) {
			unsure(a, "%s has no %s", library, wanted[i].name);
			return false;
		}
		memcpy(wanted[i].to, &symbol, sizeof(symbol));
	}
	return true;
}

/* print_slurm_version prints "slurm 24.11.5", or "slurm-wlm 22.05.8" on Debian. */
static bool is_built_release(void (*version_print)(void), int output, struct answer *a)
{
	unsigned major = 0, minor = 0;
	char text[128] = "";
	off_t at;

	fflush(stdout);
	at = lseek(output, 0, SEEK_END);
	version_print();
	fflush(stdout);
	if (at < 0 || pread(output, text, sizeof(text) - 1, at) <= 0 ||
		sscanf(text, "%*s %u.%u", &major, &minor) != 2) {
		unsure(a, "Slurm's library does not tell its release");
		return false;
	}
	if (major == SLURM_VERSION_MAJOR(SLURM_VERSION_NUMBER) &&
		minor == SLURM_VERSION_MINOR(SLURM_VERSION_NUMBER))
		return true;
	a->answer = EXACT_REFUSED;
	snprintf(a->why, sizeof(a->why), "built for another Slurm release");
	return false;
}

static void try(const char *library, int output, struct answer *a)
{
	struct slurm_start slurm;
	struct exact_proof proof;

	if (!slurm_load(library, &slurm, a) || !is_built_release(slurm.version_print, output, a))
		return;
	/* Slurm ends the process where there is no configuration. */
	unsure(a, "slurm.conf cannot be read");
	if (slurm.conf_init(NULL))
		return;
	unsure(a, "the plugin of JobAcctGatherType cannot be loaded");
	if (slurm.gatherer_load())
		return;
	if (!*slurm.tres_count)
		*slurm.tres_count = TRES_COUNT;
	a->answer = EXACT_REFUSED;
	if (exact_prove(&proof, 1, a->why))
		return;
	a->answer = EXACT_TAKEN;
	*a->why = '\0';
}

static bool slurmstepd_find(char *path, size_t size)
{
	const char *env = getenv("PATH");
	char dirs[4096], *rest = dirs, *dir;

	snprintf(dirs, sizeof(dirs), "%s:/usr/sbin:/usr/local/sbin:/sbin", env ? env : "");
	while ((dir = strsep(&rest, ":"))) {
		int len = snprintf(path, size, "%s/slurmstepd", dir);

		if (*dir == '/' && (size_t)len < size && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void try_slurmstepd(const char *slurmstepd, int output, struct answer *a)
{
	char found[PATH_MAX], library[PATH_MAX];
	int rc;

	if (!slurmstepd && !slurmstepd_find(found, sizeof(found))) {
		unsure(a, "slurmstepd is not found");
		return;
	}
	if (!slurmstepd)
		slurmstepd = found;
	rc = linked_library_find(slurmstepd, SLURM_LIBRARY, library, sizeof(library));
	if (rc == 0) {
		try(library, output, a);
	} else if (rc == -ENOENT && access(slurmstepd, X_OK) == 0) {
		a->answer = EXACT_REFUSED;
		snprintf(a->why, sizeof(a->why), "Slurm's library is linked into slurmstepd");
	} else {
		unsure(a, "the libraries of %s are not known: %s", slurmstepd, strerror(-rc));
	}
}

/* Nothing of what Slurm prints or reads is the caller's. output: a file of its own. */
static int streams_replace(int output)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
			dup2(null, STDERR_FILENO) < 0
		? -errno
		: 0;
}

static void child_run(const char *slurmstepd, const char *library, struct answer *a)
{
	int output = memfd_create("output", MFD_CLOEXEC), rc;

	/* The child's children end with it. */
	setpgid(0, 0);
	rc = output < 0 ? -errno : streams_replace(output);
	if (rc)
		unsure(a, "%s", strerror(-rc));
	else if (library)
		try(library, output, a);
	else
		try_slurmstepd(slurmstepd, output, a);
	_exit(EXIT_SUCCESS);
}

/* Waits for the child; it holds the other end of the pipe. */
static void child_wait(pid_t pid, int pipe, uint64_t wait_ns, struct answer *a)
{
	struct pollfd end = { .fd = pipe };
	int status = 0, rc;
	uint64_t until = monotonic_ns() + wait_ns, now;

	do {
		now = monotonic_ns();
		rc = poll(&end, 1, now < until ? (int)((until - now) / NS_PER_MS) : 0);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (rc == 0)
		unsure(a, "Slurm's library did not start within %d s", (int)(wait_ns / NS_PER_S));
	else if (WIFSIGNALED(status))
		unsure(a, "Slurm's library ended with signal %d", WTERMSIG(status));
}

static void rehearse(
	const char *slurmstepd, const char *library, uint64_t wait_ns, struct answer *a)
{
	int alive[2];
	pid_t pid;

	if (pipe2(alive, O_CLOEXEC)) {
		unsure(a, "%s", strerror(errno));
		return;
	}
	pid = fork();
	if (pid == 0)
		child_run(slurmstepd, library, a);
	close(alive[1]);
	if (pid < 0)
		unsure(a, "%s", strerror(errno));
	else
		child_wait(pid, alive[0], wait_ns, a);
	close(alive[0]);
}

static enum exact_answer answer(
	const char *slurmstepd, const char *library, uint64_t wait_ns, char why[EXACT_WHY])
{
	struct answer *shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum exact_answer a;

	if (shared == MAP_FAILED) {
		snprintf(why, EXACT_WHY, "%s", strerror(errno));
		return EXACT_UNSURE;
	}
	unsure(shared, "Slurm's library did not start");
	rehearse(slurmstepd, library, wait_ns, shared);
	a = shared->answer;
	snprintf(why, EXACT_WHY, "%s", shared->why);
	munmap(shared, sizeof(*shared));
	return a;
}

enum exact_answer exact_rehearse(const char *slurmstepd, char why[EXACT_WHY])
{
	return answer(slurmstepd, NULL, WAIT_NS, why);
}

enum exact_answer exact_rehearse_library(const char *library, uint64_t wait_ns, char why[EXACT_WHY])
{
	return answer(NULL, library, wait_ns, why);
}
