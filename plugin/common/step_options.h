/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user asks for one step: --ray-pss-accounting[=WORD,...] or SLURM_RAY_PSS_ACCOUNTING.
 * Pure; the words are described in ray_pss(8).
 */
#ifndef RAYPSS_STEP_OPTIONS_H
#define RAYPSS_STEP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/word_list.h"

#define OPTION_NAME "ray-pss-accounting"
#define OPTION_ENV "SLURM_RAY_PSS_ACCOUNTING"

/* For --help of srun, sbatch and salloc. */
#define OPTION_USAGE                                                                               \
	"[=on|off|interval=DUR|maxrss=pss|leave|summary|quiet|series|limits|notify=SIG@PCT%,...] " \
	"account the step's memory with shared memory counted once"

enum wish { WISH_NONE, WISH_OFF, WISH_ON };
enum maxrss_wish { MAXRSS_AUTO, MAXRSS_PSS, MAXRSS_LEAVE };

struct step_options {
	enum wish accounting;
	uint64_t interval_ns; /* 0 = not said */
	enum maxrss_wish maxrss; /* AUTO = not said */
	enum wish summary; /* the line on srun's stderr */
	bool series;
	bool limits;
	int notify_signal; /* 0 = none */
	double notify_part; /* of the limit */
};

/*
 * text: the words, or NULL, "" or the "(null)" that a nested srun hands over: all mean "on".
 * 0, or -EINVAL with *out untouched and one line in error.
 */
int options_parse(const char *text, struct step_options *out, char error[WORDS_ERROR]);

#endif
