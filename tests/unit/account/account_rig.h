/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An account that is fed with made-up looks. */
#ifndef RAYPSS_ACCOUNT_RIG_H
#define RAYPSS_ACCOUNT_RIG_H

#include "account/account.h"

enum { RIG_ROWS = 4096, RIG_OBJECTS = 100 };

extern struct account a;
extern struct look_process rows[RIG_ROWS];
extern unsigned rows_n;
extern struct look_object objects[RIG_OBJECTS];
extern unsigned objects_n;
extern struct look seen; /* what every look shows beside its sample */

/* A new account, no rows and no objects. */
void account_rig_begin(void);

/* As the measuring code does it: an account sees names, not titles. */
void rename_to(struct look_process *p, const char *title);

/* Adds a row. */
struct look_process *process(pid_t pid, const char *title, uint64_t private);

/* A look at_s seconds after the start; processes: how many of the rows lived. */
void look_at(uint64_t at_s, uint64_t private, uint64_t shared, uint64_t rss, unsigned processes);

/* The same with all rows. A step without rows has a process all the same. */
void look(uint64_t at_s, uint64_t private, uint64_t shared, uint64_t rss);

/* The profile of that name and role; the test fails where there is none. */
const struct account_profile *profile(const char *name, int role);

#endif
