/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RAYPSS_UNKNOWN_H
#define RAYPSS_UNKNOWN_H

#include <stdint.h>

/* A figure that is not known: null in JSON, never 0. */
#define UNKNOWN UINT64_MAX

#endif
