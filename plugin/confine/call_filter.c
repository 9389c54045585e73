/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/call_filter.h"

#include <errno.h>

scmp_filter_ctx call_filter_only(void)
{
	return seccomp_init(SCMP_ACT_ERRNO(EPERM));
}

scmp_filter_ctx call_filter_except(void)
{
	return seccomp_init(SCMP_ACT_ALLOW);
}

static int rules_add(
	scmp_filter_ctx filter, uint32_t action, const struct call_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int rc = rules[i].call < 0 ? 0
					   : seccomp_rule_add_array(filter, action, rules[i].call,
						     rules[i].conditions_n, rules[i].conditions);

		if (rc)
			return rc;
	}
	return 0;
}

int call_filter_allow(scmp_filter_ctx filter, const struct call_rule *rules, size_t n)
{
	return rules_add(filter, SCMP_ACT_ALLOW, rules, n);
}

int call_filter_refuse(scmp_filter_ctx filter, const struct call_rule *rules, size_t n)
{
	return rules_add(filter, SCMP_ACT_ERRNO(EPERM), rules, n);
}
