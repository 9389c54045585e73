/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/publish_rule.h"

#include "base/units.h"
#include "results/publish_request.h"

_Static_assert((PUBLISH_NODES - PUBLISH_AT_ONCE) * PUBLISH_EACH_MS + PUBLISH_LATEST_MS <=
		PUBLISH_DELAY_MOST_MS,
	"the publisher takes the request of each node");

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
	uint32_t first = node_index < PUBLISH_NODES ? node_index : PUBLISH_NODES - 1;
	uint32_t others = node_index - first;

	if (first < PUBLISH_AT_ONCE)
		return 0;
	return (first - PUBLISH_AT_ONCE + 1) * PUBLISH_EACH_MS +
		others * PUBLISH_FURTHER_MS % PUBLISH_LATEST_MS;
}
