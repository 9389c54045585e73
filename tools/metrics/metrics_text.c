/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/metrics_text.h"

#include <errno.h>
#include <string.h>

#include "plugin/common/paths.h"
#include "tools/metrics/exposition.h"
#include "tools/metrics/live_list.h"
#include "tools/metrics/spool_totals.h"

static int steps_write(FILE *f, const struct metrics_source *source)
{
	struct live_list list;
	int rc = live_list_read(STATE_DIR, &list);

	if (rc == 0)
		exposition_steps(f, &list);
	else if (!source->quiet)
		fprintf(stderr, "raypss metrics: cannot list \"" STATE_DIR "\": %s\n",
			strerror(-rc));
	live_list_clear(&list);
	return rc != 0;
}

/* A spool that cannot be read is told as one that was not read completely. */
static int spool_write(FILE *f, const struct metrics_source *source)
{
	static struct spool_totals totals;
	int rc = 0;

	if (source->spool_hangs)
		totals = (struct spool_totals){ 0 };
	else
		rc = spool_totals_read(source->spool, source->spool_ns, &totals);
	if (rc == -ENOENT && !source->spool_given)
		return 0;
	if (rc) {
		totals = (struct spool_totals){ 0 };
		if (!source->quiet)
			fprintf(stderr, "raypss metrics: cannot read \"%s\": %s\n", source->spool,
				strerror(-rc));
	}
	exposition_spool(f, &totals);
	return rc != 0;
}

int metrics_text_write(FILE *f, const struct metrics_source *source)
{
	int failed = steps_write(f, source);

	if (source->spool)
		failed |= spool_write(f, source);
	exposition_end(f);
	return failed;
}
