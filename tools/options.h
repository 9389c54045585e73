/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a command's options, and says in one line what is wrong with one. */
#ifndef RAYPSS_OPTIONS_H
#define RAYPSS_OPTIONS_H

#include <getopt.h>
#include <stdint.h>

/*
 * As getopt_long(3). argv[0] is the command's name; shorts has a colon before its first letter. No
 * option takes an empty value. '?' after a line on standard error that names the word and what is
 * allowed: the options up to "help". Options after that one are not for people.
 */
int options_next(int argc, char **argv, const char *shorts, const struct option *options);

/* Says on standard error that an option's value is not what is allowed. Returns EXIT_USAGE. */
int option_wrong(const char *command, const char *option, const char *value, const char *allowed);

/*
 * Reads the value of --interval: from least_ns, as least says it ("10ms"), to 24 h. 0, or EXIT_USAGE
 * after a line on standard error.
 */
int option_interval(const char *command, const char *value, uint64_t least_ns, const char *least,
	uint64_t *out);

#endif
