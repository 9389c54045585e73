/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_query.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <slurm/slurm.h>

#include "base/units.h"
#include "base/unknown.h"
#include "plugin/common/ray_command.h"
#include "plugin/spank/node_name.h"
#include "plugin/spank/slurm_conf.h"

/* Slurm's names for steps without a number, the same in all releases since 20.11. */
static const struct {
	uint32_t id;
	const char *name;
} special_steps[] = {
	{ SLURM_BATCH_SCRIPT, STEP_BATCH },
	{ SLURM_EXTERN_CONT, "extern" },
	{ SLURM_INTERACTIVE_STEP, STEP_INTERACTIVE },
};

/* No job is restarted more often. A greater number in the user's environment is a forged one. */
enum { RESTARTS_MOST = 65535 };

/* Bytes of a batch script that are searched for Ray. */
enum { SCRIPT_READ = 64 * 1024 };

uint32_t step_query_u32(spank_t sp, spank_item_t item, uint32_t otherwise)
{
	uint32_t value;

	return spank_get_item(sp, item, &value) == ESPANK_SUCCESS ? value : otherwise;
}

uint32_t step_query_id(spank_t sp)
{
	return step_query_u32(sp, S_JOB_STEPID, SLURM_EXTERN_CONT);
}

uint64_t step_query_limit(spank_t sp)
{
	uint64_t mb = 0; /* for Slurm 0 = no limit */

	if (spank_get_item(sp, S_STEP_ALLOC_MEM, &mb) != ESPANK_SUCCESS || !mb)
		if (spank_get_item(sp, S_JOB_ALLOC_MEM, &mb) != ESPANK_SUCCESS)
			mb = 0;
	return mb ? mb * MIB : UNKNOWN;
}

/*
 * SPANK says 0 in most releases, however often the job was restarted. The environment tells, but
 * that of a batch step only once its task has it.
 */
uint32_t step_query_restarts(spank_t sp)
{
	uint32_t count = step_query_u32(sp, S_SLURM_RESTART_COUNT, 0);
	unsigned long from_environment = 0;
	char text[16], *end;

	if (spank_getenv(sp, "SLURM_RESTART_COUNT", text, sizeof(text)) == ESPANK_SUCCESS) {
		from_environment = strtoul(text, &end, 10);
		if (*end || from_environment > RESTARTS_MOST)
			from_environment = 0;
	}
	return from_environment > count ? (uint32_t)from_environment : count;
}

/* Slurm's own copy of the batch script, on the node's disk. A longer script counts by its beginning. */
static bool script_is_ray(const char *path)
{
	static char text[SCRIPT_READ];
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, sizeof(text));
	close(fd);
	return n > 0 && ray_command_in_script(text, (size_t)n);
}

bool step_query_is_ray(spank_t sp)
{
	char **argv = NULL, **env = NULL;
	int argc = 0;

	if (spank_get_item(sp, S_JOB_ENV, &env) == ESPANK_SUCCESS &&
		ray_command_in_environment(env))
		return true;
	if (spank_get_item(sp, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1 || !argv)
		return false;
	return step_query_id(sp) == SLURM_BATCH_SCRIPT ? script_is_ray(argv[0])
						       : ray_command_in_words(argv, argc);
}

struct slurm_settings step_query_settings(spank_t sp)
{
	char *major = NULL, *minor = NULL, release[16], freq[64];
	bool own = spank_getenv(sp, "SLURM_ACCTG_FREQ", freq, sizeof(freq)) == ESPANK_SUCCESS;

	spank_get_item(sp, S_SLURM_VERSION_MAJOR, &major);
	spank_get_item(sp, S_SLURM_VERSION_MINOR, &minor);
	snprintf(release, sizeof(release), "%s.%s", major ? major : "", minor ? minor : "");
	return slurm_settings_read(release, own ? freq : NULL);
}

static void step_name(uint32_t id, char name[STEP_SIZE])
{
	for (size_t i = 0; i < sizeof(special_steps) / sizeof(*special_steps); i++) {
		if (special_steps[i].id == id) {
			snprintf(name, STEP_SIZE, "%s", special_steps[i].name);
			return;
		}
	}
	snprintf(name, STEP_SIZE, "%u", id);
}

void step_query_info(spank_t sp, const struct slurm_settings *settings, struct step_info *info)
{
	uint32_t id = step_query_id(sp);
	bool batch = id == SLURM_BATCH_SCRIPT;
	uid_t uid = 0;

	spank_get_item(sp, S_JOB_UID, &uid);
	info->in_slurm = true;
	if (settings->cluster)
		snprintf(info->cluster, sizeof(info->cluster), "%s", settings->cluster);
	info->job = step_query_u32(sp, S_JOB_ID, 0);
	info->restart = step_query_restarts(sp);
	/* SPANK says 0 for the batch step, which is on one node. */
	info->nodes = batch ? 1 : step_query_u32(sp, S_JOB_NNODES, 1);
	info->node_index = batch ? 0 : step_query_u32(sp, S_JOB_NODEID, 0);
	info->tasks = step_query_u32(sp, S_JOB_LOCAL_TASK_COUNT, 1);
	info->uid = uid;
	info->kill_on_limit = settings->kill_on_limit;
	info->rss_compared = settings->gather_linux;
	step_name(id, info->step);
	node_name(sp, batch ? "SLURM_JOB_NODELIST" : "SLURM_STEP_NODELIST", info->node);
}
