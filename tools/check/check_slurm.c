/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slurmctld, slurmdbd, the job field for publish=, and what maxrss= does on this node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/maxrss_rule.h"
#include "plugin/spank/exact/exact_rehearsal.h"
#include "tools/check/check.h"

static void controller_check(struct check *c)
{
	const struct slurm_facts *s = &c->slurm;

	if (*s->conf || *s->plugstack)
		check_say(c, CHECK_OK, "slurm", "settings of %s", *s->conf ? s->conf : "slurmctld");
	else
		check_say(c, CHECK_BROKEN, "slurm", "no slurm.conf was read: %s",
			*s->said ? s->said : "the publisher did not answer in time");
	if (*s->confined && !fact_is_yes(s->confined) && c->as_root)
		check_say(c, CHECK_BROKEN, "confine", "the publisher cannot give up its rights: %s",
			s->confined);
	if (!*s->conf && !*s->plugstack)
		return;
	if (fact_is_yes(s->controller))
		check_say(c, CHECK_OK, "slurmctld", "answers the publisher, release%s",
			s->controller + 3);
	else
		check_say(c, CHECK_BROKEN, "slurmctld", "does not answer the publisher: %s",
			*s->controller ? s->controller : "not in time");
}

static void database_check(struct check *c)
{
	const char *database = c->slurm.database;

	if (!strcmp(database, "none"))
		check_say(c, CHECK_WARNING, "slurmdbd",
			"the site has none: figures are in records only, not in sacct");
	else if (fact_is_yes(database))
		check_say(c, CHECK_OK, "slurmdbd", "answers the publisher");
	else
		check_say(c, CHECK_BROKEN, "slurmdbd", "does not answer the publisher: %s",
			*database ? database : "not in time");
}

/* slurmctld sends two of the three fields to slurmdbd only where it is told to. */
static void publish_check(struct check *c)
{
	static const char *const flags[] = {
		[PUBLISH_ADMIN_COMMENT] = NULL,
		[PUBLISH_EXTRA] = "job_extra",
		[PUBLISH_COMMENT] = "job_comment",
		[PUBLISH_NONE] = NULL,
	};
	const char *field = publish_field_names[c->site.publish];
	const char *flag = flags[c->site.publish];

	if (!*c->slurm.store_flags)
		return;
	if (flag && !strstr(c->slurm.store_flags, flag))
		check_say(c, CHECK_BROKEN, "publish",
			"publish=%s needs AccountingStoreFlags=%s in slurm.conf: sacct does not "
			"get the field",
			field, flag);
	else
		check_say(c, CHECK_OK, "publish", "publish=%s", field);
	if (c->site.publish == PUBLISH_ADMIN_COMMENT && strtoul(c->slurm.jobstats, NULL, 10))
		check_say(c, CHECK_WARNING, "publish",
			"AdminComment of %s jobs has jobstats' JS1: text, which is left alone: "
			"choose publish=extra or comment",
			c->slurm.jobstats);
}

static struct slurm_settings settings_of(const struct slurm_facts *s)
{
	return (struct slurm_settings){
		.readable = true,
		.gather_linux = !strcmp(s->gather, "jobacct_gather/linux"),
		.no_shared = strcasestr(s->params, "NoShare"),
		.uses_pss = strcasestr(s->params, "UsePss"),
		.kill_on_limit = fact_is_yes(s->kill),
		.poll_s = maxrss_poll_seconds(s->frequency),
	};
}

/* For the greatest step that the node can have, the worst case of the rule. */
static void auto_tell(struct check *c, const struct slurm_settings *settings)
{
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	char why[256], size[SIZE_TEXT];
	bool corrects = maxrss_decide(MAXRSS_AUTO, settings, memory, cpus, why, sizeof(why));

	if (!*why && !corrects)
		snprintf(why, sizeof(why), "%s",
			settings->uses_pss ? "MaxRSS is PSS already"
					   : "it changes nothing with these settings");
	check_say(c, CHECK_OK, "maxrss", "maxrss=auto, a step with %u CPUs and %s: %s", cpus,
		size_format(memory, size), corrects ? "MaxRSS becomes PSS" : why);
}

/* A refusal matters where the site wants it; elsewhere a user may ask for it. */
static void exact_tell(struct check *c)
{
	enum check_level level = c->site.maxrss == MAXRSS_EXACT ? CHECK_WARNING : CHECK_OK;
	char why[EXACT_WHY] = "";

	switch (exact_rehearse(NULL, why)) {
	case EXACT_TAKEN:
		check_say(c, CHECK_OK, "maxrss", "maxrss=exact: MaxRSS becomes the footprint");
		break;
	case EXACT_REFUSED:
		check_say(c, level, "maxrss", "maxrss=exact is refused: %s", why);
		break;
	case EXACT_UNSURE:
		check_say(
			c, level, "maxrss", "maxrss=exact: cannot be told without a step: %s", why);
		break;
	}
}

static void gather_check(struct check *c)
{
	const struct slurm_facts *s = &c->slurm;
	struct slurm_settings settings = settings_of(s);

	if (!*s->gather)
		return;
	if (strstr(s->gather, "none")) {
		check_say(c, CHECK_WARNING, "gather",
			"%s: Slurm itself measures nothing, and no MaxRSS can be corrected",
			s->gather);
		return;
	}
	check_say(c, CHECK_OK, "gather", "%s, parameters %s, a poll each %u s", s->gather,
		*s->params ? s->params : "none", settings.poll_s);
	if (c->site.maxrss == MAXRSS_PSS && !settings.gather_linux)
		check_say(c, CHECK_WARNING, "maxrss",
			"maxrss=pss does nothing: only jobacct_gather/linux can be corrected");
	auto_tell(c, &settings);
	exact_tell(c);
}

void check_slurm(struct check *c)
{
	controller_check(c);
	if (!*c->slurm.conf && !*c->slurm.plugstack)
		return;
	database_check(c);
	publish_check(c);
	gather_check(c);
}
