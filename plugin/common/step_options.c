/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/step_options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* With a shorter interval the accounting would cost more than it tells. */
#define INTERVAL_LEAST_NS (10 * NS_PER_MS)

enum { TEXT_MAX = 1024 };

static int set_on(const char *value, void *target)
{
	(void)value;
	((struct step_options *)target)->accounting = TRISTATE_ON;
	return 0;
}

static int set_off(const char *value, void *target)
{
	(void)value;
	((struct step_options *)target)->accounting = TRISTATE_OFF;
	return 0;
}

static int set_interval(const char *value, void *target)
{
	uint64_t *interval = &((struct step_options *)target)->interval_ns;

	return duration_parse(value, interval) || *interval < INTERVAL_LEAST_NS ? -EINVAL : 0;
}

static int set_maxrss(const char *value, void *target)
{
	static const char *const names[] = { "pss", "leave", "exact", NULL };
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	/* A user cannot ask for the site's own choice, MAXRSS_AUTO. */
	((struct step_options *)target)->maxrss = (enum maxrss_policy)(MAXRSS_PSS + choice);
	return 0;
}

static int set_summary(const char *value, void *target)
{
	(void)value;
	((struct step_options *)target)->summary = TRISTATE_ON;
	return 0;
}

static int set_quiet(const char *value, void *target)
{
	(void)value;
	((struct step_options *)target)->summary = TRISTATE_OFF;
	return 0;
}

static int set_series(const char *value, void *target)
{
	(void)value;
	((struct step_options *)target)->series = true;
	return 0;
}

static int set_limits(const char *value, void *target)
{
	(void)value;
	((struct step_options *)target)->limits = true;
	return 0;
}

/* These two signals cannot be caught: they would end or stop the step instead of telling it. */
static bool can_be_caught(int signo)
{
	return signo != SIGKILL && signo != SIGSTOP;
}

static int set_notify(const char *value, void *target)
{
	struct step_options *o = target;
	const char *at = strchr(value, '@');
	char name[16];

	if (!at || (size_t)(at - value) >= sizeof(name))
		return -EINVAL;
	memcpy(name, value, (size_t)(at - value));
	name[at - value] = '\0';
	if (signal_parse(name, &o->notify_signal) || !can_be_caught(o->notify_signal) ||
		percent_parse(at + 1, &o->notify_part) || o->notify_part <= 0)
		return -EINVAL;
	return 0;
}

static const struct word words[] = {
	{ "on", NULL, set_on, "on" },
	{ "off", NULL, set_off, "off" },
	{ "interval", DURATION_ALLOWED " (at least 10ms)", set_interval, "interval=DUR" },
	{ "maxrss", "pss, leave or exact", set_maxrss, "maxrss=pss|leave|exact" },
	{ "summary", NULL, set_summary, "summary" },
	{ "quiet", NULL, set_quiet, "quiet" },
	{ "series", NULL, set_series, "series" },
	{ "limits", NULL, set_limits, "limits" },
	{ "notify", "a signal that can be caught and a percentage of the limit, such as USR1@80%",
		set_notify, "notify=SIG@PCT%" },
	{ NULL, NULL, NULL, NULL },
};

int options_parse(const char *text, struct step_options *out, char error[WORDS_ERROR])
{
	struct step_options o = { .accounting = TRISTATE_ON };
	char copy[TEXT_MAX], *rest = copy, *word;

	if (!text || !strcmp(text, "(null)"))
		text = "";
	if (strlen(text) >= sizeof(copy)) {
		snprintf(error, WORDS_ERROR, "longer than %d characters", TEXT_MAX - 1);
		return -EINVAL;
	}
	strcpy(copy, text);
	while ((word = strsep(&rest, ",")))
		if (*word && words_apply(words, word, &o, error))
			return -EINVAL;
	*out = o;
	return 0;
}
