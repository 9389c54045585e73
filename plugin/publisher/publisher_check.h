/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss-publisher --check: what raypss check asks about Slurm. The answers are lines "KEY VALUE" on
 * standard output (tools/check/slurm_facts.h), each as soon as it is known: if slurmctld or slurmdbd
 * hangs, those before are there.
 */
#ifndef RAYPSS_PUBLISHER_CHECK_H
#define RAYPSS_PUBLISHER_CHECK_H

/* Before Slurm's library is used: it may end the process. */
void publisher_check_build(void);

/* confined: what publisher_confine() returned. SIGALRM ends the process if Slurm hangs. */
void publisher_check_slurm(int confined);

#endif
