/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An accounting plugin for fake_slurm.so; loaded as jobacct_gather_fake.so. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/unit/plugin/fake_slurm.h"

#pragma GCC visibility push(default)

void jobacct_gather_p_poll_data(void *list, uint64_t container, bool profile);
int jobacct_gather_p_endpoll(void);
int jobacct_gather_p_add_task(pid_t pid, void *id);

#pragma GCC visibility pop

void jobacct_gather_p_poll_data(void *list, uint64_t container, bool profile)
{
	(void)container;
	(void)profile;
	fake_slurm()->plugin_poll(list);
}

int jobacct_gather_p_endpoll(void)
{
	return 0;
}

int jobacct_gather_p_add_task(pid_t pid, void *id)
{
	(void)pid;
	(void)id;
	return 0;
}
