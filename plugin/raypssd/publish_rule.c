/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/publish_rule.h"

#include "base/units.h"

/* Whether no other node publishes for this one. */
static bool is_ours(const struct step_end *e)
{
	return e->node_index == 0 || e->all_reported || (e->alone && e->nodes <= PUBLISH_NODES);
}

enum publish_decision publish_decide(const struct step_end *e)
{
	if (e->is_enclosing || e->verdict != VERDICT_NONE)
		return PUBLISH_NOW;
	if (!is_ours(e) || (e->in_enclosing && e->elapsed_ns < PUBLISH_QUIET_NS))
		return PUBLISH_NOT;
	return PUBLISH_RATED;
}

uint32_t publish_delay_ms(uint32_t node_index)
{
	uint32_t place = node_index < PUBLISH_NODES ? node_index : PUBLISH_NODES;

	return place < PUBLISH_AT_ONCE ? 0 : (place - PUBLISH_AT_ONCE + 1) * PUBLISH_EACH_MS;
}
