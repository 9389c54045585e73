/* The spool: one file per step and node, the record as JSON. */
#ifndef RAYPSS_SPOOL_H
#define RAYPSS_SPOOL_H

#include <jansson.h>
#include <stddef.h>

#include "facts.h"

/* "JOB[.rRESTART].STEP.NODE.json". Returns buf. */
char *spool_name(const struct step_facts *facts, char *buf, size_t size);

/*
 * Opens the spool for writing, made with its parents where it is missing: only root may list it.
 * A descriptor, or -errno.
 */
int spool_open(const char *path);

/*
 * Writes the record under its name, all or nothing; the step's user may read it. 0 or -errno.
 */
int spool_write(int spool_fd, const struct step_facts *facts, const json_t *record);

#endif
