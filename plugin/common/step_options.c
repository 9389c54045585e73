/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/step_options.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* A notice at less of the limit says nothing of memory that is short. */
#define NOTIFY_LEAST 0.01

enum { TEXT_MAX = 1024 };

/* Says the same twice, or contradicts itself. */
static int set_once(enum tristate *target, enum tristate value)
{
	if (*target != TRISTATE_UNSET && *target != value)
		return -EEXIST;
	*target = value;
	return 0;
}

static int set_on(const char *value, void *target)
{
	(void)value;
	return set_once(&((struct step_options *)target)->accounting, TRISTATE_ON);
}

static int set_off(const char *value, void *target)
{
	(void)value;
	return set_once(&((struct step_options *)target)->accounting, TRISTATE_OFF);
}

static int set_interval(const char *value, void *target)
{
	uint64_t *target_ns = &((struct step_options *)target)->interval_ns, ns;
	int rc = duration_parse_within(value, INTERVAL_LEAST_NS, INTERVAL_MOST_NS, &ns);

	if (rc)
		return rc;
	if (*target_ns && *target_ns != ns)
		return -EEXIST;
	*target_ns = ns;
	return 0;
}

static int set_maxrss(const char *value, void *target)
{
	/* MAXRSS_AUTO is the site's own choice, as if the user had said nothing. */
	static const char *const names[] = { "auto", "pss", "leave", "exact", NULL };
	enum maxrss_policy *policy = &((struct step_options *)target)->maxrss;
	int choice;

	if (words_choose(value, names, &choice))
		return -EINVAL;
	if (*policy != MAXRSS_AUTO && *policy != (enum maxrss_policy)choice)
		return -EEXIST;
	*policy = (enum maxrss_policy)choice;
	return 0;
}

static int set_summary(const char *value, void *target)
{
	(void)value;
	return set_once(&((struct step_options *)target)->summary, TRISTATE_ON);
}

static int set_quiet(const char *value, void *target)
{
	(void)value;
	return set_once(&((struct step_options *)target)->summary, TRISTATE_OFF);
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
	return set_once(&((struct step_options *)target)->limits, TRISTATE_ON);
}

static int set_nolimits(const char *value, void *target)
{
	(void)value;
	return set_once(&((struct step_options *)target)->limits, TRISTATE_OFF);
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
	double part;
	int signo;

	if (!at || (size_t)(at - value) >= sizeof(name))
		return -EINVAL;
	memcpy(name, value, (size_t)(at - value));
	name[at - value] = '\0';
	if (signal_parse(name, &signo) || !can_be_caught(signo) || percent_parse(at + 1, &part))
		return -EINVAL;
	if (part < NOTIFY_LEAST)
		return -ERANGE;
	if (o->notify_signal && (o->notify_signal != signo || o->notify_part != part))
		return -EEXIST;
	o->notify_signal = signo;
	o->notify_part = part;
	return 0;
}

static const struct word words[] = {
	{ "on", NULL, set_on, "on" },
	{ "off", NULL, set_off, "off" },
	{ "interval", INTERVAL_ALLOWED, set_interval, "interval=DUR" },
	{ "maxrss", "auto, pss, leave or exact", set_maxrss, "maxrss=auto|pss|leave|exact" },
	{ "summary", NULL, set_summary, "summary" },
	{ "quiet", NULL, set_quiet, "quiet" },
	{ "series", NULL, set_series, "series" },
	{ "limits", NULL, set_limits, "limits" },
	{ "nolimits", NULL, set_nolimits, "nolimits" },
	{ "notify", "a signal that can be caught and 1% to 100% of the limit, such as USR1@80%",
		set_notify, "notify=SIG@PCT%" },
	{ NULL, NULL, NULL, NULL },
};

/* Case and spaces around words are forgiven. A signal's name keeps its case, which is forgiven there. */
static char *trimmed(char *word)
{
	size_t n;

	while (isspace((unsigned char)*word))
		word++;
	n = strlen(word);
	while (n && isspace((unsigned char)word[n - 1]))
		word[--n] = '\0';
	for (char *c = word; *c && *c != '='; c++)
		*c = (char)tolower((unsigned char)*c);
	return word;
}

/* "yes" and "1" are understood, but not offered. */
static const char *usual_word(const char *word)
{
	static const char *const same[][2] = { { "yes", "on" }, { "1", "on" }, { "true", "on" },
		{ "no", "off" }, { "0", "off" }, { "false", "off" } };

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (!strcmp(word, same[i][0]))
			return same[i][1];
	return word;
}

int options_parse(const char *text, struct step_options *out, char error[WORDS_ERROR])
{
	struct step_options o = { 0 };
	char copy[TEXT_MAX], *rest = copy, *word;

	if (!text || !strcmp(text, "(null)"))
		text = "";
	if (strlen(text) >= sizeof(copy)) {
		snprintf(error, WORDS_ERROR, "longer than %d characters", TEXT_MAX - 1);
		return -EINVAL;
	}
	strcpy(copy, text);
	while ((word = strsep(&rest, ","))) {
		word = trimmed(word);
		if (!strcmp(word, "help")) {
			snprintf(error, WORDS_ERROR, "words, with commas between them: ");
			words_list(words, error + strlen(error), WORDS_ERROR - strlen(error));
			return -EINVAL;
		}
		if (*word && words_apply(words, usual_word(word), &o, error))
			return -EINVAL;
	}
	if (o.accounting == TRISTATE_UNSET)
		o.accounting = TRISTATE_ON;
	*out = o;
	return 0;
}
