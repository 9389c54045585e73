/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypss-publisher gives up before it parses a field that a user may have written. It stays
 * root, since slurmctld takes the field from root or SlurmUser only and munge tells the user of the
 * process; but root without capabilities, who changes no file.
 */
#ifndef RAYPSS_PUBLISHER_CONFINE_H
#define RAYPSS_PUBLISHER_CONFINE_H

/*
 * Gives up all capabilities, opening files for writing, changing and executing files, looking into
 * other processes and sending them signals. Reading files and connecting stay: libslurm loads its
 * plugins when it needs them. To be called when libslurm is ready. 0 or -errno.
 */
int publisher_confine(void);

#endif
