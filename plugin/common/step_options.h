/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user asks for one step: --ray-pss-accounting[=WORD,...] or SLURM_RAY_PSS_ACCOUNTING.
 * Pure; the words are described in ray_pss(8).
 */
#ifndef RAYPSS_STEP_OPTIONS_H
#define RAYPSS_STEP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/tristate.h"
#include "plugin/common/word_list.h"

#define OPTION_NAME "ray-pss-accounting"
#define OPTION_ENV "SLURM_RAY_PSS_ACCOUNTING"

/* For --help of srun, sbatch and salloc. */
#define OPTION_USAGE                                                                               \
	"account the step's memory with shared memory counted once; WORDs have commas between "    \
	"them, such as =summary,interval=500ms; =help lists them"

/* With a shorter interval the accounting would cost more than it tells; a longer one tells nothing. */
#define INTERVAL_LEAST_NS (10 * NS_PER_MS)
#define INTERVAL_MOST_NS (24 * 3600 * NS_PER_S)
#define INTERVAL_ALLOWED "a number with ms, s, m or h from 10ms to 24h, such as 500ms"

enum maxrss_policy { MAXRSS_AUTO, MAXRSS_PSS, MAXRSS_LEAVE, MAXRSS_EXACT };

struct step_options {
	enum tristate accounting;
	uint64_t interval_ns; /* 0 = unset */
	enum maxrss_policy maxrss; /* MAXRSS_AUTO = unset */
	enum tristate summary; /* the line on srun's stderr */
	bool series; /* put the time series into the record */
	enum tristate limits; /* show the step's limit in /sys/fs/cgroup */
	int notify_signal; /* 0 = none; never SIGKILL or SIGSTOP */
	double notify_part; /* of the limit, above 0, at most 1 */
};

/*
 * text: the words. NULL, "" and the "(null)" that a nested srun hands over mean "on". 0, or -EINVAL:
 * *out is untouched and error has one line.
 */
int options_parse(const char *text, struct step_options *out, char error[WORDS_ERROR]);

#endif
