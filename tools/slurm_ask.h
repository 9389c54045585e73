/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks Slurm about jobs, through raypss-jobs: raypss itself needs no libslurm. */
#ifndef RAYPSS_SLURM_ASK_H
#define RAYPSS_SLURM_ASK_H

#include <jansson.h>

/* Why there was no answer where a program with libslurm ended with a status. */
#define SLURM_LIBRARY_ENDED                                                                        \
	"Slurm's library ended: it finds no slurm.conf, or one that it does not take"

/*
 * arguments: those of raypss-jobs behind its name (job_query_main.c), a NULL behind the last. An
 * array of the objects that plugin/publisher/job_query.h describes, a new reference; NULL and *why
 * where Slurm did not answer.
 */
json_t *slurm_ask(const char *const *arguments, const char **why);

#endif
