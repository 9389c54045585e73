/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spool of the site, for commands that were not told one. */
#ifndef RAYPSS_SITE_SPOOL_H
#define RAYPSS_SITE_SPOOL_H

/*
 * The spool= of ray_pss.so's line in plugstack.conf, or SPOOL_DEFAULT where no file that can be read
 * has such a line. plugin/common/slurm_conf_file.h says which plugstack.conf. Never NULL; read once.
 */
const char *site_spool(void);

#endif
