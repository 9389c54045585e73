/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/site_spool.h"

#include <limits.h>
#include <stdbool.h>

#include "plugin/common/plugstack.h"
#include "plugin/common/plugstack_file.h"
#include "plugin/common/slurm_conf_file.h"

/* Whether the plugstack.conf of a slurm.conf has our line, whose settings are then in *site. */
static bool site_read(const char *conf, struct site *site)
{
	static struct plugstack_file file;
	char path[PATH_MAX], error[WORDS_ERROR];

	if (plugstack_path_of(conf, path) || plugstack_file_read(path, &file) || !file.entries)
		return false;
	/* A wrong word is for raypss check to tell: the spool is where it is. */
	for (int i = 0; i < file.entry.ac; i++)
		(void)site_word(file.entry.av[i], site, error);
	return true;
}

const char *site_spool(void)
{
	static struct site site;
	const char *conf;

	if (*site.spool)
		return site.spool;
	site_defaults(&site);
	for (unsigned i = 0; (conf = slurm_conf_place(i)); i++)
		if (site_read(conf, &site))
			break;
	return site.spool;
}
