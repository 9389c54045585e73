/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in the spool, and its small files: the first byte of an input says which one */
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "fuzz.h"
#include "results/expire.h"
#include "results/job_dir.h"
#include "results/pending.h"
#include "results/published.h"
#include "results/rate_limit.h"
#include "results/spool.h"
#include "results/spool_file.h"
#include "results/spool_summary.h"

const char fuzz_seeds[] = "fuzz/corpus/spool/*";

static bool is_file_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	return *name != '.' && !name[strspn(name, allowed)];
}

static void names_check(const char *text)
{
	char name[64], cluster[CLUSTER_SIZE];
	uint32_t job = 0;

	spool_file_name(name, sizeof(name), text);
	MUST(is_file_name(name));
	spool_cluster_name(cluster, text);
	MUST(*cluster && is_file_name(cluster) && !job_dir_is_name(cluster, &job));
	if (!job_dir_is_name(text, &job))
		return;
	snprintf(name, sizeof(name), "%u", job);
	MUST(job && !strcmp(name, text));
}

static enum pending_result job_is_done(uint32_t job, void *arg)
{
	(void)job;
	(void)arg;
	return PENDING_DONE;
}

static void expire_check(int dir)
{
	int rc = expire_piece(dir, NS_PER_S);

	MUST(rc == 0 || rc == 1);
}

static void pending_check(int dir)
{
	MUST(pending_round(dir, job_is_done, NULL) == 0);
}

static void rate_check(int dir)
{
	int granted = 0;

	for (int i = 0; i < 5; i++)
		granted += rate_limit_take(dir, 2, 60, 1000);
	MUST(granted <= 2);
}

static void summary_check(int dir)
{
	static struct job_summary s;

	if (spool_summary_read(dir, &s) == 0)
		MUST(job_summary_is_sane(&s));
}

static void json_check(int dir)
{
	json_decref(spool_file_read(dir, ".published"));
}

/* Two that are moved aside within a second would have the same name. */
static void asides_remove(int jobs)
{
	DIR *stream = spool_file_list(jobs);
	struct dirent *entry;

	MUST(stream);
	while ((entry = readdir(stream)))
		if (job_dir_is_aside(entry->d_name))
			job_dir_remove(jobs, entry->d_name, 8);
	closedir(stream);
}

static void owner_check(int jobs)
{
	const struct step_info info = { .job = 7, .uid = 4242, .node = "n1" };
	int dir = job_dir_make(jobs, &info);

	/* Whoever it said to belong to, it is ours now, or was made anew. */
	MUST(dir >= 0);
	close(dir);
	asides_remove(jobs);
}

static const struct {
	const char *file;
	void (*check)(int dir);
} files[] = {
	{ ".expire", expire_check },
	{ ".retry", pending_check },
	{ ".rate", rate_check },
	{ ".summary", summary_check },
	{ ".published", json_check },
	{ "7/.owner", owner_check },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int dir = fuzz_directory();
	size_t which;
	char *text;

	if (!size)
		return 0;
	which = data[0] % (sizeof(files) / sizeof(*files) + 1);
	if (which == sizeof(files) / sizeof(*files)) {
		text = fuzz_text(data + 1, size - 1);
		names_check(text);
		free(text);
		return 0;
	}
	mkdirat(dir, "7", 0700);
	fuzz_file(dir, files[which].file, data + 1, size - 1);
	files[which].check(dir);
	return 0;
}
