/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "config.h"

int privileges_known(unsigned capability)
{
	return prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
}

int privileges_keep(const unsigned *capabilities, size_t n)
{
	unsigned had = 0;

	prctl(PR_SET_DUMPABLE, 0);
	for (size_t i = 0; i < n; i++)
		if (capng_have_capability(CAPNG_PERMITTED, capabilities[i]))
			had |= 1U << i;
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < n; i++)
		if (had & 1U << i)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capabilities[i]);
	return capng_apply(CAPNG_SELECT_BOTH) ? -EPERM : 0;
}

static int lower(__rlimit_resource_t resource, uint64_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return -errno;
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > value)
		limit.rlim_max = value;
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit) ? -errno : 0;
}

int privileges_limit(const struct privilege_limits *limits)
{
	const struct {
		__rlimit_resource_t resource;
		uint64_t value;
	} wanted[] = {
#ifndef WITH_SANITIZERS /* these reserve terabytes of it */
		{ RLIMIT_DATA, limits->memory },
#endif
		{ RLIMIT_FSIZE, limits->file },
		{ RLIMIT_NOFILE, limits->descriptors },
	};
	int rc = lower(RLIMIT_CORE, 0);

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (rc == 0 && wanted[i].value)
			rc = lower(wanted[i].resource, wanted[i].value);
	return rc;
}
