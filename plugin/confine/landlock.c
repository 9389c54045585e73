/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in linux/landlock.h, which older distributions lack or have without the later rights. */
enum {
	CREATE_RULESET_VERSION = 1,
	RULE_PATH_BENEATH = 1,
};

#define FS_EXECUTE (1ULL << 0)
#define FS_WRITE_FILE (1ULL << 1)
#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR (1ULL << 3)
#define FS_REMOVE_DIR (1ULL << 4)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_DIR (1ULL << 7)
#define FS_MAKE_REG (1ULL << 8)
#define FS_VERSION_1 ((1ULL << 13) - 1)
#define FS_REFER (1ULL << 13) /* from version 2 on: rename and link between directories */
#define FS_TRUNCATE (1ULL << 14) /* from version 3 on */
#define FS_IOCTL_DEV (1ULL << 15) /* from version 5 on */

/* From version 6 on. */
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* The same on all architectures, as every system call since Linux 5.0. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return version > 0 ? (int)version : 0;
}

/* What a kernel of that version can refuse. */
static struct ruleset ruleset_of(int version, int with_reading)
{
	struct ruleset r = { .fs = FS_VERSION_1 };

	if (!with_reading)
		r.fs &= ~(FS_READ_FILE | FS_READ_DIR);
	if (version >= 2)
		r.fs |= FS_REFER;
	if (version >= 3)
		r.fs |= FS_TRUNCATE;
	if (version >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		r.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return r;
}

static uint64_t rights_of(unsigned access)
{
	uint64_t rights = 0;

	if (access & LANDLOCK_READ)
		rights |= FS_READ_FILE | FS_READ_DIR;
	if (access & LANDLOCK_REMOVE)
		rights |= FS_REMOVE_FILE;
	if (access & LANDLOCK_WRITE)
		rights |= FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG | FS_MAKE_DIR | FS_REMOVE_FILE |
			FS_REMOVE_DIR;
	return rights;
}

static int rules_add(int set, uint64_t handled, const struct landlock_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct path_beneath beneath = {
			.allowed = rights_of(rules[i].access) & handled,
			.parent = rules[i].dir,
		};

		if (rules[i].dir >= 0 && beneath.allowed &&
			syscall(SYS_landlock_add_rule, set, RULE_PATH_BENEATH, &beneath, 0))
			return -errno;
	}
	return 0;
}

int landlock_restrict(const struct landlock_rule *rules, size_t n, int with_reading)
{
	int version = landlock_version(), set, rc;
	struct ruleset ruleset = ruleset_of(version, with_reading);
	/* Kernels refuse a structure whose members they do not know, unless these are 0. */
	size_t size = version >= 6 ? sizeof(ruleset) : sizeof(ruleset.fs);

	if (!version)
		return -ENOSYS;
	set = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	if (set < 0)
		return -errno;
	rc = rules_add(set, ruleset.fs, rules, n);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, set, 0))
		rc = -errno;
	close(set);
	return rc;
}
