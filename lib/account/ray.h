/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for what is known of Ray. */
#ifndef RAYPSS_RAY_H
#define RAYPSS_RAY_H

#include "measure/look.h"

/* The role's word in records; role is one of the enumeration. */
const char *ray_role_name(enum ray_role role);

#endif
