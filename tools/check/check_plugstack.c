/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugstack.conf: whether it has our line, and every wrong word of the line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/common/plugstack_file.h"
#include "plugin/common/slurm_conf_file.h"
#include "tools/check/check.h"

#define WHAT "plugstack"

static void modes_tell(struct check *c)
{
	static const char *const modes[] = {
		[MODE_OPT_IN] = "mode=opt-in: steps with --ray-pss-accounting are accounted",
		[MODE_AUTO] = "mode=auto: steps of Ray, and steps with --ray-pss-accounting",
		[MODE_ALWAYS] = "mode=always: every step is accounted",
		[MODE_OFF] = "mode=off: no step is accounted",
	};

	check_say(c, c->site.mode == MODE_OFF ? CHECK_WARNING : CHECK_OK, WHAT, "%s",
		modes[c->site.mode]);
}

/* Whether a later word of the line has the key of the i-th one. */
static bool is_given_again(const struct plugstack_line *line, int i)
{
	size_t n = strcspn(line->av[i], "=") + 1;

	for (int later = i + 1; later < line->ac; later++)
		if (!strncmp(line->av[later], line->av[i], n))
			return true;
	return false;
}

static void doubles_tell(struct check *c, const struct plugstack_file *f)
{
	for (int i = 0; i < f->entry.ac; i++)
		if (is_given_again(&f->entry, i))
			check_say(c, CHECK_WARNING, WHAT,
				"%s, line %u: \"%s\" does nothing: a later word has the same key",
				f->place.file, f->place.line, f->entry.av[i]);
}

static void words_check(struct check *c, const struct plugstack_file *f)
{
	char error[WORDS_ERROR];
	int wrong = 0;

	for (int i = 0; i < f->entry.ac; i++) {
		if (site_word(f->entry.av[i], &c->site, error) == 0)
			continue;
		wrong++;
		check_say(c, CHECK_BROKEN, WHAT, "%s, line %u: %s", f->place.file, f->place.line,
			error);
	}
	if (wrong) {
		check_say(c, CHECK_BROKEN, WHAT, "no step is accounted until that is right");
		return;
	}
	check_say(
		c, CHECK_OK, WHAT, "%s, line %u: each word is known", f->place.file, f->place.line);
	doubles_tell(c, f);
	modes_tell(c);
}

static void line_check(struct check *c, const struct plugstack_file *f)
{
	if (!f->entries) {
		check_say(c, CHECK_BROKEN, WHAT, "no line names ray_pss.so: add \"optional %s\"",
			c->plugin);
		return;
	}
	snprintf(c->plugin, sizeof(c->plugin), "%s", f->entry.path);
	if (f->entries > 1)
		check_say(c, CHECK_WARNING, WHAT,
			"%u lines name ray_pss.so: Slurm loads it once, with the words of one line",
			f->entries);
	if (f->entry.required)
		check_say(c, CHECK_WARNING, WHAT,
			"%s, line %u: \"required\" fails every step where the plugin cannot be "
			"loaded; write \"optional\"",
			f->place.file, f->place.line);
	check_say_untrusted(c, WHAT, f->place.file);
	words_check(c, f);
}

/* As Slurm's library says it; where that could not be asked, as slurm.conf says. "" = not known. */
static const char *path_find(const struct check *c, char *out)
{
	const char *conf;

	if (c->plugstack)
		return c->plugstack;
	if (*c->slurm.plugstack)
		return c->slurm.plugstack;
	for (unsigned i = 0; (conf = slurm_conf_place(i)); i++)
		if (access(conf, R_OK) == 0 && plugstack_path_of(conf, out) == 0)
			return out;
	return "";
}

void check_plugstack(struct check *c)
{
	char found[PATH_MAX];
	const char *path = path_find(c, found);
	struct plugstack_file *f;
	int rc;

	site_defaults(&c->site);
	snprintf(c->plugin, sizeof(c->plugin), "ray_pss.so");
	if (!*path) {
		check_say(c, CHECK_BROKEN, WHAT,
			"its path is not known, because no slurm.conf can be read; give "
			"--plugstack");
		return;
	}
	f = malloc(sizeof(*f));
	rc = f ? plugstack_file_read(path, f) : -ENOMEM;
	if (rc)
		check_say(c, CHECK_BROKEN, WHAT, "cannot read \"%s\": %s", path, strerror(-rc));
	else
		line_check(c, f);
	if (rc == 0 && f->wrong)
		check_say(c, CHECK_WARNING, WHAT,
			"%s, line %u: neither optional, required nor include: Slurm ignores the "
			"line",
			f->wrong_place.file, f->wrong_place.line);
	if (rc == 0 && f->unread)
		check_say(c, CHECK_WARNING, WHAT, "%u included files were not read", f->unread);
	free(f);
}
