/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/pid_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/units.h"

int pid_stat_parse(const char *buf, size_t len, struct pid_stat *out)
{
	/* Fields of proc(5) behind the name, by number: 3 is the state. */
	enum { PPID = 4, THREADS = 20, START = 22, STACK = 28, BRK = 47 };
	const char *open = memchr(buf, '(', len);
	const char *close = memrchr(buf, ')', len);
	const char *end = buf + len;
	const char *p;
	size_t n;

	if (!open || !close || close < open || end - close < 4)
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	n = (size_t)(close - open - 1);
	if (n >= sizeof(out->comm))
		n = sizeof(out->comm) - 1;
	memcpy(out->comm, open + 1, n);
	out->state = close[2];
	p = close + 3;
	for (int field = PPID; field <= BRK; field++) {
		uint64_t value;

		while (p < end && *p == ' ')
			p++;
		if (p < end && *p == '-')
			p++;
		if (field > START && field != STACK && field != BRK) {
			while (p < end && *p != ' ')
				p++;
			continue;
		}
		if (digits_parse(&p, end, &value))
			/* start_brk came with Linux 3.3; all before START must be there. */
			return field > START ? 0 : -EINVAL;
		switch (field) {
		case PPID:
			out->ppid = (pid_t)value;
			break;
		case THREADS:
			out->threads = value;
			break;
		case START:
			out->start = value;
			break;
		case STACK:
			out->start_stack = value;
			break;
		case BRK:
			out->start_brk = value;
			break;
		default:
			break;
		}
	}
	return 0;
}

int pid_statm_parse(const char *buf, size_t len, struct pid_statm *out)
{
	const char *p = buf;
	const char *end = buf + len;
	struct pid_statm v;

	if (digits_parse(&p, end, &v.size) || digits_parse(&p, end, &v.resident) ||
		digits_parse(&p, end, &v.shared))
		return -EINVAL;
	*out = v;
	return 0;
}

struct key {
	const char *name;
	uint64_t *value;
};

/*
 * Looks the line's word before ':' up in keys and adds its number times unit to the value.
 * 1 = found, 0 = another line, -EINVAL = found without a number.
 */
static int line_add(const char *line, const char *end, const struct key *keys, uint64_t unit)
{
	for (; keys->name; keys++) {
		const char *p = line, *name = keys->name;
		uint64_t value;

		/* In place, since nearly all lines differ in the first letter. */
		if (p == end || *p != *name)
			continue;
		for (; p < end && *name && *p == *name; p++)
			name++;
		if (*name || p == end || *p != ':')
			continue;
		p++;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (digits_parse(&p, end, &value) || __builtin_mul_overflow(value, unit, &value))
			return -EINVAL;
		*keys->value += value;
		return 1;
	}
	return 0;
}

static const char *line_end(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	return newline ? newline : end;
}

int pid_status_parse(const char *buf, size_t len, struct pid_status *out)
{
	struct pid_status v = { 0 };
	uint64_t uid = 0;
	const struct key numbers[] = {
		{ "Uid", &uid },
		{ "Threads", &v.threads },
		{ NULL, NULL },
	};
	const struct key sizes[] = {
		{ "RssAnon", &v.rss_anon },
		{ "RssFile", &v.rss_file },
		{ "RssShmem", &v.rss_shmem },
		{ "VmHWM", &v.hwm },
		{ "VmPTE", &v.pte },
		{ "VmSwap", &v.swap },
		{ "VmLck", &v.locked },
		{ "HugetlbPages", &v.hugetlb },
		{ NULL, NULL },
	};
	const char *end = buf + len;
	bool found = false;

	for (const char *p = buf, *e; p < end; p = e + 1) {
		int rc;

		e = line_end(p, end);
		/* Of some sixty lines eight are wanted. */
		if (*p != 'R' && *p != 'T' && *p != 'U' && *p != 'V' && *p != 'H')
			continue;
		rc = line_add(p, e, numbers, 1);
		if (rc == 1)
			found |= *p == 'U';
		if (rc < 0 || line_add(p, e, sizes, KIB) < 0)
			return -EINVAL;
	}
	if (!found)
		return -EINVAL;
	v.uid = (uid_t)uid;
	*out = v;
	return 0;
}

int pid_status_caught(const char *buf, size_t len, uint64_t *signals)
{
	static const char key[] = "\nSigCgt:\t";
	const char *p = memmem(buf, len, key, sizeof(key) - 1), *end = buf + len;
	uint64_t value = 0;
	int digits = 0;

	if (!p)
		return -EINVAL;
	for (p += sizeof(key) - 1; p < end && isxdigit((unsigned char)*p); p++) {
		value = value << 4 | (uint64_t)(*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
		digits++;
	}
	/* A number that the end of the buffer cut off would name other signals. */
	if (!digits || digits > 16 || p == end || *p != '\n')
		return -EINVAL;
	*signals = value;
	return 0;
}

/* An estimate; whole numbers would overflow from 4 GiB on. */
static uint64_t part_of(uint64_t pss, uint64_t anonymous, uint64_t rss)
{
	if (!anonymous)
		return 0;
	return anonymous >= rss ? pss : (uint64_t)((double)pss * (double)anonymous / (double)rss);
}

int smaps_add(const char *buf, size_t len, struct smaps *sum)
{
	uint64_t pss_anon = 0, rss = 0, pss = 0, anonymous = 0;
	struct smaps v = *sum;
	const struct key keys[] = {
		{ "Rss", &rss },
		{ "Pss", &pss },
		{ "Pss_Anon", &pss_anon },
		{ "Anonymous", &anonymous },
		{ "Private_Clean", &v.uss },
		{ "Private_Dirty", &v.uss },
		{ "Pss_Shmem", &v.pss_shmem },
		{ "LazyFree", &v.lazyfree },
		{ NULL, NULL },
	};
	const char *end = buf + len;
	bool known = false;

	for (const char *p = buf; p < end;) {
		const char *e = line_end(p, end);

		if (line_add(p, e, keys, KIB) < 0)
			return -EINVAL;
		if (e - p > 9 && !memcmp(p, "Pss_Anon:", 9))
			known = true;
		/* Per mapping (a line "VmFlags:" ends one), so that file mappings stay apart. */
		if (!known && (e - p > 8 && !memcmp(p, "VmFlags:", 8))) {
			v.pss_anon += part_of(pss, anonymous, rss);
			v.rss += rss;
			v.pss += pss;
			v.anonymous += anonymous;
			rss = pss = anonymous = 0;
		}
		p = e + 1;
	}
	v.rss += rss;
	v.pss += pss;
	v.anonymous += anonymous;
	v.pss_anon += known ? pss_anon : part_of(pss, anonymous, rss);
	*sum = v;
	return 0;
}
