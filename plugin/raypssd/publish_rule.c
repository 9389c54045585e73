/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/publish_rule.h"

#include "base/units.h"

enum publish_decision publish_decide(const struct step_end *e)
{
	if (!e->first_node && !e->all_reported)
		return PUBLISH_NOT;
	if (e->is_enclosing || e->verdict != VERDICT_NONE)
		return PUBLISH_NOW;
	if (e->in_enclosing && e->elapsed_ns < PUBLISH_QUIET_NS)
		return PUBLISH_NOT;
	return PUBLISH_RATED;
}
