/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/slurm_conf_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "plugin/common/file_list.h"

#define SPACE " \t\r\n"

enum { LINE_SIZE = 8192 };

/* The value at text, which ends with a NUL then; *rest is behind it. */
static char *value_take(char *text, char **rest)
{
	char *value = text + (*text == '"');
	char *end = value + strcspn(value, *text == '"' ? "\"\r\n" : SPACE);

	*rest = end + (*end != '\0');
	*end = '\0';
	return value;
}

enum slurm_conf_kind slurm_conf_line_parse(char *text, const char *key, const char **value)
{
	text[strcspn(text, "#")] = '\0';
	for (;;) {
		char *name = text + strspn(text, SPACE), *end = name + strcspn(name, "=" SPACE),
		     *found;
		char *equals = end + strspn(end, SPACE);

		if (end == name)
			return SLURM_CONF_NOTHING;
		if (*equals != '=') {
			if (end - name != 7 || strncasecmp(name, "include", 7) || !*equals)
				return SLURM_CONF_NOTHING;
			*value = value_take(equals, &text);
			return SLURM_CONF_INCLUDE;
		}
		*end = '\0';
		equals++;
		found = value_take(equals + strspn(equals, SPACE), &text);
		if (strcasecmp(name, key) == 0) {
			*value = found;
			return SLURM_CONF_VALUE;
		}
	}
}

const char *slurm_conf_place(unsigned i)
{
	static const char *const places[] = {
		"/etc/slurm/slurm.conf",
		"/run/slurm/conf/slurm.conf",
		/* SlurmdSpoolDir's default, Debian's, and the one of many sites. */
		"/var/spool/slurmd/conf-cache/slurm.conf",
		"/var/lib/slurm/slurmd/conf-cache/slurm.conf",
		"/var/spool/slurm/conf-cache/slurm.conf",
	};
	const char *conf = getenv("SLURM_CONF");

	if (conf && *conf)
		return i == 0 ? conf : NULL;
	return i < sizeof(places) / sizeof(*places) ? places[i] : NULL;
}

/* Reads one file of slurm.conf; out is changed where it names plugstack.conf. 0 or -ENAMETOOLONG. */
static int conf_read(struct file_list *files, const char *path, const char *conf, char *out)
{
	FILE *file = fopen(path, "re");
	char text[LINE_SIZE];
	const char *value;
	int rc = 0;

	while (file && fgets(text, sizeof(text), file)) {
		switch (slurm_conf_line_parse(text, "PlugStackConfig", &value)) {
		case SLURM_CONF_VALUE:
			rc = file_list_beside(conf, value, out);
			break;
		case SLURM_CONF_INCLUDE:
			file_list_include(files, conf, value);
			break;
		default:
			break;
		}
	}
	if (file)
		fclose(file);
	return rc;
}

int plugstack_path_of(const char *conf, char *out)
{
	struct file_list files = { 0 };
	int rc = file_list_beside(conf, "plugstack.conf", out);

	if (rc == 0 && file_list_add(&files, conf) == 0)
		for (unsigned i = 0; rc == 0 && i < files.n; i++)
			rc = conf_read(&files, files.paths[i], conf, out);
	file_list_clear(&files);
	return rc;
}

const char *slurm_conf_missing(void)
{
	const char *path = getenv("SLURM_CONF");

	return path && access(path, R_OK) ? path : NULL;
}
