/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record that a user names by the path of its file. */
#ifndef RAYPSS_RECORD_FILE_H
#define RAYPSS_RECORD_FILE_H

#include <stdbool.h>

#include <jansson.h>

/* Whether name is a path, not a job: it has a slash, or ends with .json. */
bool record_file_is(const char *name);

/*
 * A new reference to the JSON in the file; whether it is a record is not checked. NULL after a line
 * on standard error that begins with "raypss COMMAND: ".
 */
json_t *record_file_read(const char *path, const char *command);

#endif
