/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypssd --check: what raypss check asks raypssd itself. */
#ifndef RAYPSS_DAEMON_CHECK_H
#define RAYPSS_DAEMON_CHECK_H

/*
 * Writes to standard output, a line each: "build MARK"; "reader yes" and "writer yes", or instead of
 * yes why this process cannot confine itself as raypssd and its writer do; the lines of
 * confinement_describe(). Returns the exit status.
 */
int daemon_check(void);

#endif
