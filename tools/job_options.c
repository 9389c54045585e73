/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/job_options.h"

#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/job_name.h"
#include "tools/options.h"

int job_options_read(int argc, char **argv, void (*usage)(FILE *), struct job_options *out)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "cluster", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*out = (struct job_options){ 0 };
	while ((c = options_next(argc, argv, ":h", options)) != -1) {
		if (c == 'j')
			out->as_json = true;
		else if (c == 'c')
			out->spools.cluster = optarg;
		else if (c == 's' && spools_add(&out->spools, optarg) == 0)
			continue;
		else if (c == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return EXIT_USAGE;
	}
	if (job_name_only(argv[0], argv + optind, argc - optind))
		return EXIT_USAGE;
	out->job = argv[optind];
	return -1;
}
