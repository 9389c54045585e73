/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/account/account_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "measure/procfs/ray_identity.h"
#include "measure/shares.h"
#include "tests/unit/unit.h"

struct account a;
struct look_process rows[RIG_ROWS];
unsigned rows_n;
struct look_object objects[RIG_OBJECTS];
unsigned objects_n;
struct look seen;

void account_rig_begin(void)
{
	rows_n = objects_n = 0;
	seen = (struct look){ .limit = UNKNOWN, .bound = UNKNOWN };
	account_init(&a, UNKNOWN, NS_PER_S);
}

void rename_to(struct look_process *p, const char *title)
{
	const struct ray_evidence evidence = { .command = "",
		.arguments = title,
		.arguments_len = strlen(title),
		.log_name = "",
		.actor = "" };
	struct ray_identity identity;

	ray_identify(&evidence, &identity);
	snprintf(p->title, sizeof(p->title), "%s", title);
	p->role = identity.role;
	memcpy(p->name, identity.name, sizeof(p->name));
	p->name_hash = 5381 + (uint64_t)identity.role;
	for (const char *c = p->name; *c; c++)
		p->name_hash = (p->name_hash ^ (unsigned char)*c) * 0x100000001b3;
}

struct look_process *process(pid_t pid, const char *title, uint64_t private)
{
	struct look_process *p = &rows[rows_n++];

	*p = (struct look_process){ .pid = pid,
		.private = private,
		.rss = private + MIB,
		.pss = UNKNOWN,
		.uss = UNKNOWN,
		.pss_at_ns = UNKNOWN };
	rename_to(p, title);
	return p;
}

void look_at(uint64_t at_s, uint64_t private, uint64_t shared, uint64_t rss, unsigned processes)
{
	seen.sample = (struct sample){ .at_ns = (1 + at_s) * NS_PER_S,
		.processes_ns = (1 + at_s) * NS_PER_S,
		.private = private,
		.shared = shared,
		.rss = rss,
		.swap = UNKNOWN,
		.processes = processes };
	seen.at_ns = seen.sample.at_ns;
	seen.processes = rows;
	seen.processes_n = rows_n;
	seen.objects = objects;
	seen.objects_n = objects_n;
	shares_estimate(rows, rows_n, &seen.sample, &seen.rest);
	account_add(&a, &seen);
}

void look(uint64_t at_s, uint64_t private, uint64_t shared, uint64_t rss)
{
	look_at(at_s, private, shared, rss, rows_n ? rows_n : 1);
}

const struct account_profile *profile(const char *name, int role)
{
	for (uint32_t i = 0; i < a.profiles_n; i++)
		if (!strcmp(a.profiles[i].name, name) && a.profiles[i].role == role)
			return &a.profiles[i];
	ck_abort_msg("no profile \"%s\"", name);
}
