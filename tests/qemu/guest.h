/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests in the virtual machine share. Each of them has a control group of its own. */
#ifndef QEMU_GUEST_H
#define QEMU_GUEST_H

#include <check.h>
#include <sys/types.h>

#define GROUP "/sys/fs/cgroup/step"

/* Writes text to a file that exists. */
void guest_put(const char *path, const char *text);

/* A process in the group, which makes itself at home there before it goes on. */
pid_t guest_member(void);

/* Huge pages: hugetlb.c */
void hugetlb_tests_add(TCase *tc);

#endif
