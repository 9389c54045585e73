/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls that a process gives up for the rest of its life, by seccomp(2). */
#ifndef RAYPSS_CALL_FILTER_H
#define RAYPSS_CALL_FILTER_H

#include <seccomp.h>
#include <stddef.h>

enum { CALL_RULE_CONDITIONS = 2 };

/* A call, and what its arguments must be for the rule to hold (all conditions). */
struct call_rule {
	int call; /* SCMP_SYS(name); negative where the architecture lacks it, then ignored */
	unsigned conditions_n;
	struct scmp_arg_cmp conditions[CALL_RULE_CONDITIONS];
};

#define CALL(name)                                                                                 \
	{                                                                                          \
		SCMP_SYS(name), 0,                                                                 \
		{                                                                                  \
			{                                                                          \
				0                                                                  \
			}                                                                          \
		}                                                                                  \
	}
#define CALL_IF(name, condition)                                                                   \
	{                                                                                          \
		SCMP_SYS(name), 1,                                                                 \
		{                                                                                  \
			condition                                                                  \
		}                                                                                  \
	}

/* The two arguments that a table of rules is. */
#define CALL_RULES(table) (table), sizeof(table) / sizeof(*(table))

/* The bits of an argument that mask selects are value. Integers have 32 bits in the registers. */
#define ARGUMENT(index, mask, value)                                                               \
	{                                                                                          \
		index, SCMP_CMP_MASKED_EQ, (mask), (value)                                         \
	}

/* The whole argument, an int or unsigned, is value. */
#define ARGUMENT_IS(index, value) ARGUMENT(index, 0xffffffffU, (uint32_t)(value))

/*
 * A filter to add rules to. seccomp_release() frees it. Sets no_new_privs when loaded.
 * only: calls without a rule fail with EPERM. except: calls with a rule do. NULL: no memory.
 */
scmp_filter_ctx call_filter_only(void);
scmp_filter_ctx call_filter_except(void);

/* Calls with one of the rules are allowed. 0 or -errno. */
int call_filter_allow(scmp_filter_ctx filter, const struct call_rule *rules, size_t n);

/* Calls with one of the rules fail with EPERM. 0 or -errno. */
int call_filter_refuse(scmp_filter_ctx filter, const struct call_rule *rules, size_t n);

#endif
