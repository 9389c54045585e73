/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The step that raypss check --step runs: raypss check --hold, in two processes. */
#ifndef RAYPSS_CHECK_STEP_H
#define RAYPSS_CHECK_STEP_H

#include "base/units.h"

/* What the two processes have: one shared object, and private memory each. */
#define HOLD_SHARED (64 * MIB)
#define HOLD_PRIVATE (16 * MIB)
enum { HOLD_PROCESSES = 2 };

/*
 * Is the step: takes the memory in two processes, waits until the live figures have it, and prints
 * "JOB STEP NODE". Returns the exit status: 0; or 1 after a line on standard error.
 */
int check_step_hold(void);

#endif
