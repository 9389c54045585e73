/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact figures as slurmstepd has them: in an object that is loaded, and could be unloaded. */
#ifndef RAYPSS_EXACT_MODULE_H
#define RAYPSS_EXACT_MODULE_H

#include "plugin/spank/exact/exact.h"

/* The symbol exact_functions of exact_module.so. */
struct exact_functions {
	bool (*possible)(uint32_t tasks, char why[EXACT_WHY]);
	int (*take)(const struct exact_step *step, char why[EXACT_WHY]);
	int (*give_back)(void);
};

#endif
