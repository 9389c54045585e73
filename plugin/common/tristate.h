/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RAYPSS_TRISTATE_H
#define RAYPSS_TRISTATE_H

/* A switch that a user may leave to the site. */
enum tristate { TRISTATE_UNSET, TRISTATE_OFF, TRISTATE_ON };

#endif
