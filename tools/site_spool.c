/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/site_spool.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/common/paths.h"
#include "plugin/common/plugstack.h"
#include "plugin/common/plugstack_file.h"

/* Whether the folder's plugstack.conf has our line, whose settings are then in *site. */
static bool site_read(const char *folder, int length, struct site *site)
{
	static struct plugstack_file file;
	char path[PATH_MAX], error[WORDS_ERROR];

	if (snprintf(path, sizeof(path), "%.*s/plugstack.conf", length, folder) >=
			(int)sizeof(path) ||
		plugstack_file_read(path, &file) || !file.entries)
		return false;
	/* A wrong word is for raypss check to tell: the spool is where it is. */
	for (int i = 0; i < file.entry.ac; i++)
		(void)site_word(file.entry.av[i], site, error);
	return true;
}

const char *site_spool(void)
{
	static const char *const folders[] = { "/etc/slurm", "/run/slurm/conf", NULL };
	static struct site site;
	const char *conf = getenv("SLURM_CONF"), *slash = conf ? strrchr(conf, '/') : NULL;

	if (*site.spool)
		return site.spool;
	site_defaults(&site);
	if (slash)
		site_read(conf, (int)(slash - conf), &site);
	for (int i = 0; !slash && folders[i]; i++)
		if (site_read(folders[i], (int)strlen(folders[i]), &site))
			break;
	return site.spool;
}
