/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of a job that results can be published in. Needs libc alone. */
#ifndef RAYPSS_PUBLISH_FIELD_H
#define RAYPSS_PUBLISH_FIELD_H

enum publish_field { PUBLISH_ADMIN_COMMENT, PUBLISH_EXTRA, PUBLISH_COMMENT, PUBLISH_NONE };

/* The names by enum publish_field, a NULL behind the last. "none" is one of them. */
extern const char *const publish_field_names[];

/* For messages: the names without "none". */
#define PUBLISH_FIELDS_ALLOWED "admin_comment, extra or comment"

/* The field of that name; PUBLISH_NONE for "none" and for a name that is not known. */
enum publish_field publish_field_by_name(const char *name);

#endif
