/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypss-publisher --check tells of Slurm: lines "KEY VALUE" on its standard output. The
 * publisher is asked because it has Slurm's library and uses it as it does for publishing.
 */
#ifndef RAYPSS_SLURM_FACTS_H
#define RAYPSS_SLURM_FACTS_H

#include <limits.h>
#include <stdbool.h>

enum { FACT_SIZE = 256 };

struct slurm_facts {
	char build[FACT_SIZE]; /* mark of the publisher, "" = it told none */
	char conf[PATH_MAX]; /* slurm.conf */
	char plugstack[PATH_MAX]; /* PlugStackConfig */
	char plugindir[PATH_MAX]; /* PluginDir, with colons */
	char gather[FACT_SIZE]; /* JobAcctGatherType */
	char params[FACT_SIZE]; /* JobAcctGatherParams */
	char frequency[FACT_SIZE]; /* JobAcctGatherFrequency */
	char kill[FACT_SIZE]; /* "yes": OverMemoryKill */
	char store_flags[FACT_SIZE]; /* of AccountingStoreFlags: job_comment, job_extra */
	char confined[FACT_SIZE]; /* "yes", or why the publisher is not confined */
	char controller[FACT_SIZE]; /* "yes RELEASE", or why slurmctld does not answer */
	char database[FACT_SIZE]; /* "yes", "none", or why slurmdbd does not answer */
	char jobstats[FACT_SIZE]; /* jobs whose AdminComment has jobstats' text */
	char said
		[FACT_SIZE]; /* the first line that is no fact: a message of the loader or of Slurm */
};

/* Reads the publisher's output, which is changed. Unknown keys are taken for messages. */
void slurm_facts_parse(char *text, struct slurm_facts *out);

/* Whether a fact that answers a question is a yes. */
bool fact_is_yes(const char *fact);

#endif
