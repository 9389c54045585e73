/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/plugstack.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "measure/accountant.h"
#include "plugin/common/paths.h"

/* No hook may hold up a job longer, whatever the site writes. */
#define DEADLINE_MOST_NS (10 * NS_PER_S)

/* duty=: what samples may cost by default, and at least so that there are any. */
#define DUTY_USUAL 0.02
#define DUTY_LEAST 0.001

static int set_mode(const char *value, void *target)
{
	static const char *const names[] = { "opt-in", "auto", "always", "off", NULL };
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	((struct site *)target)->mode = (enum site_mode)choice;
	return 0;
}

static int set_interval(const char *value, void *target)
{
	return duration_parse_within(
		value, INTERVAL_LEAST_NS, INTERVAL_MOST_NS, &((struct site *)target)->interval_ns);
}

static int set_min_interval(const char *value, void *target)
{
	return duration_parse_within(
		value, NS_PER_MS, INTERVAL_MOST_NS, &((struct site *)target)->min_interval_ns);
}

static int set_budget(const char *value, void *target)
{
	return percent_parse(value, &((struct site *)target)->budget);
}

static int set_duty(const char *value, void *target)
{
	double *duty = &((struct site *)target)->duty;

	if (percent_parse(value, duty))
		return -EINVAL;
	return *duty < DUTY_LEAST ? -ERANGE : 0;
}

static int set_maxrss(const char *value, void *target)
{
	static const char *const names[] = { "auto", "pss", "leave", "exact", NULL };
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	((struct site *)target)->maxrss = (enum maxrss_policy)choice;
	return 0;
}

static int set_spool(const char *value, void *target)
{
	struct site *site = target;

	if (*value != '/' || strlen(value) >= sizeof(site->spool))
		return -EINVAL;
	strcpy(site->spool, value);
	return 0;
}

static int set_publish(const char *value, void *target)
{
	int choice;

	if (words_choose(value, publish_field_names, &choice))
		return -EINVAL;
	((struct site *)target)->publish = (enum publish_field)choice;
	return 0;
}

static int set_summary(const char *value, void *target)
{
	static const char *const names[] = { "off", "on", "flagged", NULL };
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	((struct site *)target)->summary = (enum summary_rule)choice;
	return 0;
}

static int set_limits(const char *value, void *target)
{
	static const char *const names[] = { "off", "on", NULL };
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	((struct site *)target)->limits = choice;
	return 0;
}

static int set_watch(const char *value, void *target)
{
	static const char *const names[] = { "off", "on", NULL };
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	((struct site *)target)->watch = choice;
	return 0;
}

static int set_deadline(const char *value, void *target)
{
	return duration_parse_within(
		value, 0, DEADLINE_MOST_NS, &((struct site *)target)->deadline_ns);
}

static const struct word keys[] = {
	{ "mode", "opt-in, auto, always or off", set_mode, "mode" },
	{ "interval", INTERVAL_ALLOWED, set_interval, "interval" },
	{ "min_interval", "a number with ms, s, m or h from 1ms to 24h, such as 50ms",
		set_min_interval, "min_interval" },
	{ "budget", PERCENT_ALLOWED, set_budget, "budget" },
	{ "duty", "a percentage from 0.1% to 100%, such as 2%", set_duty, "duty" },
	{ "maxrss", "auto, pss, leave or exact", set_maxrss, "maxrss" },
	{ "spool", "an absolute path", set_spool, "spool" },
	{ "publish", "admin_comment, extra, comment or none", set_publish, "publish" },
	{ "summary", "on, off or flagged", set_summary, "summary" },
	{ "limits", "on or off", set_limits, "limits" },
	{ "watch", "on or off", set_watch, "watch" },
	{ "deadline", "a number with ms or s, at most 10s, such as 300ms", set_deadline,
		"deadline" },
	{ NULL, NULL, NULL, NULL },
};

void site_defaults(struct site *site)
{
	*site = (struct site){
		.mode = MODE_OPT_IN,
		.interval_ns = INTERVAL_DEFAULT_NS,
		.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
		.budget = BUDGET_DEFAULT,
		.duty = DUTY_USUAL,
		.maxrss = MAXRSS_AUTO,
		.spool = SPOOL_DEFAULT,
		.publish = PUBLISH_ADMIN_COMMENT,
		.summary = SUMMARY_ON,
		.watch = true,
		.deadline_ns = 300 * NS_PER_MS,
	};
}

int site_word(const char *word, struct site *site, char error[WORDS_ERROR])
{
	return words_apply(keys, word, site, error);
}

int site_parse(int ac, char **av, struct site *site, char error[WORDS_ERROR])
{
	site_defaults(site);
	for (int i = 0; i < ac; i++) {
		if (site_word(av[i], site, error)) {
			site->mode = MODE_OFF;
			return -EINVAL;
		}
	}
	return 0;
}

uint64_t site_interval(const struct site *site, uint64_t asked_ns)
{
	uint64_t least = site->min_interval_ns < site->interval_ns ? site->min_interval_ns
								   : site->interval_ns;

	if (!asked_ns)
		return site->interval_ns;
	return asked_ns > least ? asked_ns : least;
}
