/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plugin/exact_module.h"

#pragma GCC visibility push(default)
extern const struct exact_functions exact_functions;
#pragma GCC visibility pop

const struct exact_functions exact_functions = { exact_possible, exact_take, exact_give_back };
