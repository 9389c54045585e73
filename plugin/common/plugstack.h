/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The site's settings: the arguments of ray_pss.so's line in plugstack.conf. Pure. */
#ifndef RAYPSS_PLUGSTACK_H
#define RAYPSS_PLUGSTACK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/step_options.h"
#include "plugin/common/word_list.h"

enum site_mode { MODE_OPT_IN, MODE_AUTO, MODE_ALWAYS, MODE_OFF };
enum publish_field { PUBLISH_ADMIN_COMMENT, PUBLISH_EXTRA, PUBLISH_COMMENT, PUBLISH_NONE };

struct site {
	enum site_mode mode;
	uint64_t interval_ns;
	uint64_t min_interval_ns;
	double budget;
	enum maxrss_wish maxrss;
	char spool[PATH_MAX];
	enum publish_field publish;
	bool summary;
	uint64_t deadline_ns;
};

/* What holds where a line says nothing. */
void site_defaults(struct site *site);

/*
 * 0, or -EINVAL and one line in error that names the key and the valid ones; *site is then off:
 * a site that wrote a key wrong must not be accounted in a way it did not mean.
 */
int site_parse(int ac, char **av, struct site *site, char error[WORDS_ERROR]);

#endif
