/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/exposition.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/units.h"

#define FIGURE(member) offsetof(struct live_step, figures.member)

/* What a step's families are made of. A unit in milliseconds is written as seconds. */
static const struct family {
	const char *name;
	size_t offset;
	bool is_ms;
	const char *help;
} families[] = {
	{ "footprint_bytes", FIGURE(footprint), false,
		"Memory that the step cannot give back, each shared object once." },
	{ "private_bytes", FIGURE(private), false, "Anonymous memory of the step." },
	{ "shared_bytes", FIGURE(shared), false, "Shared memory of the step, each object once." },
	{ "kernel_bytes", FIGURE(kernel), false, "Memory that the kernel holds for the step." },
	{ "swap_bytes", FIGURE(swap), false, "Memory of the step that is swapped out." },
	{ "file_bytes", FIGURE(file), false, "Mapped files or page cache, not in the footprint." },
	{ "rss_bytes", FIGURE(rss), false,
		"Sum of resident memory over processes, shared memory many times." },
	{ "limit_bytes", FIGURE(limit), false, "Memory that the step may use." },
	{ "store_bytes", FIGURE(store), false, "Ray's object store of the step." },
	{ "peak_bytes", FIGURE(peak), false, "Highest footprint since the step began." },
	{ "processes", FIGURE(processes), false, "Processes of the step." },
	{ "elapsed_seconds", FIGURE(elapsed_ms), true, "Time since the step began." },
	{ "sample_age_seconds", offsetof(struct live_step, age_ms), true,
		"Time since the last sample; grows when raypssd has died." },
};

static void head(FILE *f, const char *name, const char *help)
{
	fprintf(f, "# HELP raypss_%s %s\n# TYPE raypss_%s gauge\n", name, help, name);
}

/* The text was cleaned before: only these two are special. */
static void label(FILE *f, const char *separator, const char *name, const char *text)
{
	fprintf(f, "%s%s=\"", separator, name);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void step_write(FILE *f, const struct family *family, const struct live_step *s)
{
	uint64_t value = *(const uint64_t *)((const char *)s + family->offset);

	if (value == UNKNOWN)
		return;
	fprintf(f, "raypss_step_%s{job=\"%u\"", family->name, s->name.job);
	label(f, ",", "step", s->name.step);
	label(f, ",", "user", s->user);
	label(f, ",", "node", s->name.node);
	if (family->is_ms)
		fprintf(f, "} %.3f\n", (double)value / 1000);
	else
		fprintf(f, "} %" PRIu64 "\n", value);
}

void exposition_steps(FILE *f, const struct live_list *list)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		char name[64];

		snprintf(name, sizeof(name), "step_%s", families[i].name);
		head(f, name, families[i].help);
		for (size_t k = 0; k < list->n; k++)
			step_write(f, &families[i], &list->steps[k]);
	}
	head(f, "steps_unread", "Steps whose live figures could not be read.");
	fprintf(f, "raypss_steps_unread %zu\n", list->left_out);
}

static void totals_write(
	FILE *f, const struct spool_totals *t, const char *name, size_t offset, const char *help)
{
	head(f, name, help);
	for (unsigned i = 0; i < t->n; i++) {
		const struct cluster_totals *c = &t->clusters[i];

		fprintf(f, "raypss_%s", name);
		label(f, "{", "cluster", c->name);
		fprintf(f, "} %" PRIu64 "\n", *(const uint64_t *)((const char *)c + offset));
	}
}

void exposition_spool(FILE *f, const struct spool_totals *t)
{
	totals_write(f, t, "spool_jobs", offsetof(struct cluster_totals, jobs),
		"Jobs with records in the spool.");
	totals_write(f, t, "spool_steps", offsetof(struct cluster_totals, steps),
		"Steps of these jobs.");
	totals_write(f, t, "spool_left_bytes", offsetof(struct cluster_totals, left),
		"Shared memory that these steps left when they ended.");
	head(f, "spool_verdicts", "Steps by verdict; of a job with many steps its worst ones.");
	for (unsigned i = 0; i < t->n; i++) {
		for (int v = 0; v < VERDICTS; v++) {
			fputs("raypss_spool_verdicts", f);
			label(f, "{", "cluster", t->clusters[i].name);
			label(f, ",", "verdict", verdict_name((enum verdict)v));
			fprintf(f, "} %" PRIu64 "\n", t->clusters[i].verdicts[v]);
		}
	}
	head(f, "spool_complete", "1 if the whole spool was read in time.");
	fprintf(f, "raypss_spool_complete %d\n", t->complete);
}

void exposition_end(FILE *f)
{
	fputs("# EOF\n", f);
}
