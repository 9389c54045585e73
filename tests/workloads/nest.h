/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cgroup v2 below our own, as Ray makes them for its workers. */
#ifndef WORKLOADS_NEST_H
#define WORKLOADS_NEST_H

void nest_create(void);
void nest_enter(void); /* by whoever is to live in it */
void nest_remove(void);

#endif
