/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss advise: what to ask for next time. */
#include <stdio.h>
#include <stdlib.h>

#include "results/advice.h"
#include "tools/commands.h"
#include "tools/job_advice.h"
#include "tools/job_find.h"
#include "tools/job_options.h"

static void usage(FILE *f)
{
	fputs("usage: raypss advise [--json] [--cluster NAME] [--spool DIR]... JOB[.STEP]\n"
	      "\n"
	      "Tells what to ask for next time: --mem, and for Ray --object-store-memory and\n"
	      "@ray.remote(memory=), each with its arithmetic.\n"
	      "\n"
	      "  --json          the same as JSON\n"
	      "  --cluster NAME  whose job it is, where several clusters have one of that number\n"
	      "  --spool DIR     where the records are; may be repeated (default: the site's)\n",
		f);
}

static int advise(const struct job_find *how, const struct job_name *name, bool as_json)
{
	struct job_found found;
	struct advice advice;
	int rc = job_find(how, name, &found);

	advice_init(&advice);
	if (rc == 0)
		job_advice(&found, &advice);
	if (rc == 0 && as_json) {
		json_t *json = advice_json(&advice);

		json_object_set_new(json, "job", json_string(found.name.id));
		json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(json);
	} else if (rc == 0) {
		advice_print(&advice, stdout);
		job_found_hint(&found, stdout);
	}
	advice_clear(&advice);
	job_found_clear(&found);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cmd_advise(int argc, char **argv)
{
	struct job_options o;
	struct job_find how = { .spools = &o.spools, .command = "advise", .lists = true };
	struct job_name name;
	int rc = job_options_read(argc, argv, usage, &o);

	if (rc >= 0)
		return rc;
	if (job_name_check("advise", o.job, &name))
		return EXIT_USAGE;
	return advise(&how, &name, o.as_json);
}
