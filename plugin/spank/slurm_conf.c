/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/slurm_conf.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <slurm/slurm.h>

/*
 * The type of slurmstepd's slurm_conf is public, but its layout changes with every release. The
 * variable is found by name: linking libslurm would bring a second one.
 */
static slurm_conf_t *conf_find(const char *release)
{
	char built[16];

	snprintf(built, sizeof(built), "%02d.%02d", SLURM_VERSION_MAJOR(SLURM_VERSION_NUMBER),
		SLURM_VERSION_MINOR(SLURM_VERSION_NUMBER));
	if (!release || strcmp(release, built))
		return NULL;
	return dlsym(RTLD_DEFAULT, "slurm_conf");
}

static bool begins_with(const char *text, const char *begin)
{
	return text && !strncmp(text, begin, strlen(begin));
}

/*
 * A structure of another layout would hardly have these texts in these places. Since 23.11 there is
 * no text if a site gathers nothing.
 */
static bool is_plausible(const slurm_conf_t *c)
{
	return c->job_acct_gather_type ? begins_with(c->job_acct_gather_type, "jobacct_gather/")
				       : begins_with(c->authtype, "auth/");
}

struct slurm_settings slurm_settings_read(const char *release, const char *acctg_freq)
{
	const slurm_conf_t *c = conf_find(release);
	struct slurm_settings s = { .conf = getenv("SLURM_CONF") };
	const char *params;

	if (!c || !is_plausible(c))
		return s;
	params = c->job_acct_gather_params ? c->job_acct_gather_params : "";
	s.readable = true;
	s.gather_linux =
		c->job_acct_gather_type && !strcmp(c->job_acct_gather_type, "jobacct_gather/linux");
	s.no_shared = strcasestr(params, "NoShare");
	s.uses_pss = strcasestr(params, "UsePss");
	s.kill_on_limit = c->job_acct_oom_kill;
	s.poll_s = maxrss_poll_seconds(acctg_freq ? acctg_freq : c->job_acct_gather_freq);
	/* Since 23.02 slurmd hands over the settings without the path of their file. */
	if (c->slurm_conf)
		s.conf = c->slurm_conf;
	s.cluster = c->cluster_name;
	return s;
}

int maxrss_correct(void)
{
	char *(*xstrdup)(const char *) =
		(char *(*)(const char *))dlsym(RTLD_DEFAULT, "slurm_xstrdup");
	slurm_conf_t *c = dlsym(RTLD_DEFAULT, "slurm_conf");
	char params[1024];
	char *text;

	if (!xstrdup || !c)
		return -ENOSYS;
	if ((size_t)snprintf(params, sizeof(params), "%s%sUsePss",
		    c->job_acct_gather_params ? c->job_acct_gather_params : "",
		    c->job_acct_gather_params ? "," : "") >= sizeof(params))
		return -E2BIG;
	text = xstrdup(params);
	if (!text)
		return -ENOMEM;
	/* The old text stays: a poll thread may be reading it. */
	__atomic_store_n(&c->job_acct_gather_params, text, __ATOMIC_RELEASE);
	return 0;
}
