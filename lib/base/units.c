/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct unit {
	const char *name;
	double factor;
};

/* A non-negative decimal number without the inf, nan and hexadecimal that strtod also takes. */
static int number_parse(const char *text, double *value, const char **rest)
{
	size_t digits = strspn(text, "0123456789.");
	char *end;

	if (!digits || digits > 24)
		return -EINVAL;
	*value = strtod(text, &end);
	if (end != text + digits)
		return -EINVAL;
	*rest = end;
	return 0;
}

static int scaled_parse(const char *text, const struct unit *units, uint64_t *out)
{
	const char *rest;
	double value;

	if (!text || number_parse(text, &value, &rest))
		return -EINVAL;
	for (; units->name; units++) {
		if (strcasecmp(rest, units->name))
			continue;
		value *= units->factor;
		if (value >= 9e18)
			return -ERANGE;
		*out = (uint64_t)value;
		return 0;
	}
	return -EINVAL;
}

int duration_parse(const char *text, uint64_t *ns)
{
	static const struct unit units[] = {
		{ "ms", 1e6 },
		{ "s", 1e9 },
		{ "m", 60e9 },
		{ "h", 3600e9 },
		{ NULL, 0 },
	};

	return scaled_parse(text, units, ns);
}

int duration_parse_within(const char *text, uint64_t least, uint64_t most, uint64_t *ns)
{
	uint64_t value;
	int rc = duration_parse(text, &value);

	if (rc == 0 && (value < least || value > most))
		rc = -ERANGE;
	if (rc == 0)
		*ns = value;
	return rc;
}

int size_parse(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "K", 0x1p10 },
		{ "KB", 0x1p10 },
		{ "Ki", 0x1p10 },
		{ "KiB", 0x1p10 },
		{ "M", 0x1p20 },
		{ "MB", 0x1p20 },
		{ "Mi", 0x1p20 },
		{ "MiB", 0x1p20 },
		{ "G", 0x1p30 },
		{ "GB", 0x1p30 },
		{ "Gi", 0x1p30 },
		{ "GiB", 0x1p30 },
		{ "T", 0x1p40 },
		{ "TB", 0x1p40 },
		{ "Ti", 0x1p40 },
		{ "TiB", 0x1p40 },
		{ NULL, 0 },
	};

	return scaled_parse(text, units, bytes);
}

int percent_parse(const char *text, double *fraction)
{
	const char *rest;
	double value;

	if (!text || number_parse(text, &value, &rest) || strcmp(rest, "%") || value > 100)
		return -EINVAL;
	*fraction = value / 100;
	return 0;
}

/* Only the signals that POSIX names: glibc's sigabbrev_np is not in EL8's glibc. */
static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "SYS", SIGSYS },
	{ "POLL", SIGPOLL },
	{ "PROF", SIGPROF },
	{ "VTALRM", SIGVTALRM },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "CHLD", SIGCHLD },
	{ "URG", SIGURG },
};

int signal_parse(const char *text, int *signo)
{
	char *end;
	long number;

	if (!text || !*text)
		return -EINVAL;
	number = strtol(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end && number > 0 && number < NSIG) {
		*signo = (int)number;
		return 0;
	}
	if (!strncasecmp(text, "SIG", 3))
		text += 3;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		if (!strcasecmp(text, signals[i].name)) {
			*signo = signals[i].number;
			return 0;
		}
	}
	return -EINVAL;
}

const char *signal_name(int signo)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (signals[i].number == signo)
			return signals[i].name;
	return NULL;
}

char *size_format_like(uint64_t bytes, uint64_t like, char buf[SIZE_TEXT])
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes, scale = (double)like;
	size_t unit = 0;

	/* Show --mem=1000 as 1000 MiB, as the user wrote it, not as 0.98 GiB. */
	while (scale >= 1023.5 && unit + 1 < sizeof(names) / sizeof(*names)) {
		value /= 1024;
		scale /= 1024;
		unit++;
	}
	if (unit == 0 || value >= 99.95)
		snprintf(buf, SIZE_TEXT, "%.0f %s", value, names[unit]);
	else
		snprintf(
			buf, SIZE_TEXT, value >= 9.995 ? "%.1f %s" : "%.2f %s", value, names[unit]);
	return buf;
}

char *size_format(uint64_t bytes, char buf[SIZE_TEXT])
{
	return size_format_like(bytes, bytes, buf);
}

struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t thread_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t program_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}
