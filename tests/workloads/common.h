/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every workload needs: options from one table, a clock, memory of a known size. */
#ifndef WORKLOADS_COMMON_H
#define WORKLOADS_COMMON_H

#include <stddef.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_TIMEOUT = 3 };

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define MAX_MIB ((size_t)1 << 20)
#define MAX_SECONDS 86400

/*
 * One row serves getopt_long, --help, the checks and the error line. The pointer that is set says
 * what kind of option it is; a table ends with an empty row.
 */
struct option_spec {
	const char *name;
	const char *value; /* how --help calls the value */
	const char *help;
	int *flag; /* takes no value: becomes .max */
	size_t *count; /* a whole number from .min to .max, times .unit */
	double *seconds; /* from 0 to .max */
	const char **text;
	int *choice; /* index into .choices, which ends with NULL */
	const char *const *choices;
	size_t min, max, unit;
};

void options_parse(int argc, char **argv, const char *purpose, const struct option_spec *specs);
_Noreturn void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

double now(void);
void nap(double seconds);

/* Private memory without huge pages: a figure must not depend on what khugepaged is up to. */
void *anonymous(size_t bytes);
void fill(void *memory, size_t bytes);
void read_through(const void *memory, size_t bytes);

#endif
