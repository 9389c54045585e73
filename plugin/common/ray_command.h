/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a command, a script or an environment starts Ray, by its words. Pure. A driver that only
 * its own source tells from other programs is not recognised.
 */
#ifndef RAYPSS_RAY_COMMAND_H
#define RAYPSS_RAY_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The words of a command: "ray", "serve" or "tune" is the command itself, or one with a subcommand of
 * Ray behind a launcher such as conda run, uv run, apptainer exec, env or srun; or "-m ray.." behind
 * python; or a shell's -c with a script that has one of these.
 */
bool ray_command_in_words(char *const *words, int n);

/* A shell script that has such a command, or a Python script that imports ray. */
bool ray_command_in_script(const char *text, size_t len);

/* "NAME=VALUE" words up to NULL: RAY_ADDRESS has a value, so a driver joins a cluster of Ray. */
bool ray_command_in_environment(char *const *env);

#endif
