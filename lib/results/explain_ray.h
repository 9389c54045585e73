/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record's block "ray" says, in sentences. Pure. */
#ifndef RAYPSS_EXPLAIN_RAY_H
#define RAYPSS_EXPLAIN_RAY_H

#include <jansson.h>
#include <stdio.h>

#include "results/job_node.h"

/* Sentences, one a line, about Ray's store and the memory that Ray believes in; none without Ray. */
void explain_ray_print(const json_t *ray, const struct job_node *n, FILE *out);

#endif
