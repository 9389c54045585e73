/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/explain_ray.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/units.h"
#include "results/figure.h"

static const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	return bytes == UNKNOWN ? "an unknown size" : size_format(bytes, buf);
}

/* What to change about the store. */
static void verdict_print(const json_t *ray, FILE *out)
{
	const char *verdict = json_string_value(json_object_get(ray, "verdict"));
	uint64_t peak = figure_get(json_object_get(ray, "store"), "peak");
	char one[SIZE_TEXT], other[SIZE_TEXT];

	if (!verdict)
		return;
	if (!strcmp(verdict, "references-held"))
		fprintf(out,
			"Ray's store only grew, to %s, because references keep its objects: delete "
			"those that are not needed.\n",
			size_text(peak, one));
	else if (!strcmp(verdict, "arguments-held"))
		fprintf(out,
			"Ray's store only grew, to %s, though nobody needs its objects: workers "
			"keep the arguments of ended tasks.\n",
			size_text(peak, one));
	else if (!strcmp(verdict, "fallback"))
		fprintf(out,
			"%s had no room in Ray's store of %s and went to Ray's session "
			"directory.\n",
			size_text(figure_get(ray, "fallback"), one),
			size_text(figure_get(ray, "capacity"), other));
	else if (!strcmp(verdict, "store-on-disk"))
		fputs("Ray's store lies on a disk, because /dev/shm is too small for it: it is "
		      "slow.\n",
			out);
	else if (!strcmp(verdict, "spill-in-memory"))
		fprintf(out,
			"Ray spilled %s to a tmpfs, which is memory, too: choose a spill directory "
			"on a disk.\n",
			size_text(figure_get(ray, "spilled"), one));
}

void explain_ray_print(const json_t *ray, const struct job_node *n, FILE *out)
{
	uint64_t memory = figure_get(ray, "memory"), kills = figure_get(ray, "monitor_kills");
	char believed[SIZE_TEXT], limit[SIZE_TEXT];

	if (!json_is_object(ray))
		return;
	verdict_print(ray, out);
	if (memory != UNKNOWN && n->limit != UNKNOWN && memory > n->limit)
		fprintf(out,
			"Ray believes that it has %s, but the step has %s: Ray gives its tasks "
			"more "
			"than there is.\n",
			size_format(memory, believed), size_format(n->limit, limit));
	if (kills != UNKNOWN && kills)
		fprintf(out,
			"Ray's own memory monitor killed %" PRIu64
			" of Ray's workers, as raylet.out says: neither the kernel nor Slurm did "
			"that.\n",
			kills);
	else if (kills == UNKNOWN && n->how == END_FAILED && n->verdict != VERDICT_KERNEL &&
		n->verdict != VERDICT_LIMIT)
		fputs("Neither the kernel nor Slurm killed for memory. If the program's output has "
		      "OutOfMemoryError, Ray's own memory monitor killed a worker.\n",
			out);
}
