/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/publisher/publisher_check.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

#include "config.h"
#include "plugin/common/build_mark.h"

/* For slurmctld and for slurmdbd each. */
enum { ANSWER_SECONDS = 15 };

#ifndef CONF_FLAG_SJC /* before Slurm 23.02 */
#define CONF_FLAG_SJC CTL_CONF_SJC
#endif

/* jobstats' text in AdminComment begins so. */
#define JOBSTATS_SIGN "JS1:"

void publisher_check_build(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("build %s\n", build_mark());
}

static void fact(const char *key, const char *value)
{
	if (value && *value)
		printf("%s %s\n", key, value);
}

static void store_flags(uint32_t flags)
{
	printf("store_flags %s%s-\n", flags & CONF_FLAG_SJC ? "job_comment " : "",
#ifdef CONF_FLAG_SJX /* Slurm 23.02 */
		flags & CONF_FLAG_SJX ? "job_extra " : ""
#else
		""
#endif
	);
}

/* Without PlugStackConfig Slurm takes the file beside slurm.conf, and leaves the setting empty. */
static void plugstack_tell(const slurm_conf_t *c)
{
	const char *conf = c->slurm_conf, *slash = conf ? strrchr(conf, '/') : NULL;

	if (c->plugstack && *c->plugstack)
		fact("plugstack", c->plugstack);
	else if (slash)
		printf("plugstack %.*s/plugstack.conf\n", (int)(slash - conf), conf);
}

/* What slurm_init() read from slurm.conf; also while slurmctld is away. */
static const slurm_conf_t *conf_local(void)
{
	const slurm_conf_t *c = dlsym(RTLD_DEFAULT, "slurm_conf");

	if (!c)
		return NULL;
	fact("conf", c->slurm_conf);
	plugstack_tell(c);
	fact("plugindir", c->plugindir);
	fact("gather", c->job_acct_gather_type);
	fact("params", c->job_acct_gather_params);
	fact("frequency", c->job_acct_gather_freq);
	fact("kill", c->job_acct_oom_kill ? "yes" : "no");
	store_flags(c->conf_flags);
	return c;
}

static bool controller_ask(void)
{
	slurm_conf_t *conf = NULL;
	bool answers;

	alarm(ANSWER_SECONDS);
	answers = slurm_load_ctl_conf(0, &conf) == 0;
	if (!answers) {
		fact("controller", slurm_strerror(errno));
	} else {
		printf("controller yes %s\n", conf->version ? conf->version : "");
#if HAVE_DECL_SLURM_FREE_CONF /* Slurm 26.05 */
		slurm_free_conf(conf);
#else
		slurm_free_ctl_conf(conf);
#endif
	}
	alarm(0);
	return answers;
}

/* Jobs that slurmctld has, whose AdminComment jobstats has written. */
static void jobstats_ask(void)
{
	job_info_msg_t *jobs = NULL;
	unsigned n = 0;

	alarm(ANSWER_SECONDS);
	if (slurm_load_jobs(0, &jobs, SHOW_ALL) == 0) {
		for (uint32_t i = 0; i < jobs->record_count; i++) {
			const char *text = jobs->job_array[i].admin_comment;

			if (text && !strncmp(text, JOBSTATS_SIGN, strlen(JOBSTATS_SIGN)))
				n++;
		}
		printf("jobstats %u\n", n);
		slurm_free_job_info_msg(jobs);
	}
	alarm(0);
}

static void database_ask(const slurm_conf_t *c)
{
	slurmdb_cluster_cond_t which;
	void *db, *clusters;

	if (!c->accounting_storage_type || !strstr(c->accounting_storage_type, "slurmdbd")) {
		fact("database", "none");
		return;
	}
	alarm(ANSWER_SECONDS);
	slurmdb_init_cluster_cond(&which, 0);
	db = slurmdb_connection_get(NULL);
	clusters = db ? slurmdb_clusters_get(db, &which) : NULL;
	if (clusters) {
		fact("database", "yes");
		slurm_list_destroy(clusters);
	} else {
		fact("database", errno ? slurm_strerror(errno) : "slurmdbd does not answer");
	}
	alarm(0);
}

void publisher_check_slurm(int confined)
{
	const slurm_conf_t *c;

	fact("confined", confined ? strerror(-confined) : "yes");
	c = conf_local();
	if (controller_ask())
		jobstats_ask();
	if (c)
		database_ask(c);
}
