/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where slurm.conf and plugstack.conf are, for programs without libslurm: slurm.conf(5), and "Order
 * of precedence" of Slurm's guide to configless clusters.
 */
#ifndef RAYPSS_SLURM_CONF_FILE_H
#define RAYPSS_SLURM_CONF_FILE_H

enum slurm_conf_kind { SLURM_CONF_NOTHING, SLURM_CONF_VALUE, SLURM_CONF_INCLUDE };

/*
 * Looks in one line of slurm.conf for "KEY=VALUE" or "Include PATH". The case of a key does not
 * matter, a value may have quotes, # begins a comment. *value then points into text, which is
 * changed.
 */
enum slurm_conf_kind slurm_conf_line_parse(char *text, const char *key, const char **value);

/*
 * The i-th place where Slurm looks for slurm.conf, NULL behind the last: $SLURM_CONF alone, or
 * without that variable /etc/slurm, /run/slurm/conf and slurmd's cache on a configless node.
 */
const char *slurm_conf_place(unsigned i);

/*
 * $SLURM_CONF where that is set and no file that can be read; errno says why. Else NULL. Slurm's library
 * waits for a missing file for a minute.
 */
const char *slurm_conf_missing(void);

/*
 * The path of plugstack.conf: the PlugStackConfig= of conf, the path of a slurm.conf, or of a file
 * that conf includes; the last one holds, as in Slurm. Without such a line, or if conf cannot be
 * read: plugstack.conf beside conf. out has PATH_MAX bytes. 0 or -ENAMETOOLONG.
 */
int plugstack_path_of(const char *conf, char *out);

#endif
