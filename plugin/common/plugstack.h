/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The site's settings: the arguments of ray_pss.so's line in plugstack.conf. Pure. */
#ifndef RAYPSS_PLUGSTACK_H
#define RAYPSS_PLUGSTACK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/step_options.h"
#include "plugin/common/word_list.h"
#include "results/publish_field.h"

/* Which steps end with a line on srun's stderr; flagged: those whose line has something to say. */
enum summary_rule { SUMMARY_OFF, SUMMARY_ON, SUMMARY_FLAGGED };

enum site_mode { MODE_OPT_IN, MODE_AUTO, MODE_ALWAYS, MODE_OFF };

struct site {
	enum site_mode mode;
	uint64_t interval_ns; /* longest time between two samples */
	uint64_t min_interval_ns; /* shortest */
	double budget; /* part of one core for reading PSS of processes */
	double duty; /* part of one core for everything else that a sample costs */
	enum maxrss_policy maxrss;
	char spool[PATH_MAX];
	enum publish_field publish;
	enum summary_rule summary;
	bool limits; /* show steps their limit in /sys/fs/cgroup */
	bool watch; /* with MODE_AUTO: wait in other steps for a raylet */
	uint64_t deadline_ns; /* longest time that all hooks of a step wait */
};

/* The values of keys that a line does not have. */
void site_defaults(struct site *site);

/* Applies one word of a line. 0, or -EINVAL and one line as below. */
int site_word(const char *word, struct site *site, char error[WORDS_ERROR]);

/*
 * 0, or -EINVAL: error has one line that names the wrong key and the valid ones, and site->mode is
 * MODE_OFF. A site must not be accounted in another way than it meant.
 */
int site_parse(int ac, char **av, struct site *site, char error[WORDS_ERROR]);

/*
 * A step's longest time between two samples. asked_ns: what the user asked for, 0 = nothing. No user
 * gets below the site's min_interval.
 */
uint64_t site_interval(const struct site *site, uint64_t asked_ns);

#endif
