/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/lifetime.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "base/units.h"

static timer_t timer;
static bool have_timer;

int lifetime_prepare(void)
{
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };

	if (timer_create(CLOCK_MONOTONIC, &kill, &timer))
		return -errno;
	have_timer = true;
	return 0;
}

void lifetime_limit(uint64_t ns)
{
	struct itimerspec end = { .it_value = timespec_of(ns) };

	if (have_timer)
		timer_settime(timer, 0, &end, NULL);
}
