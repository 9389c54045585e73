/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypss-dormant: waits in a step that is not recognisably Ray's, started by ray_pss.so. When a
 * raylet or a driver appears in the step, this process becomes raypssd. Until then it costs next to
 * nothing: it links little more than libc, and its looks take 1/RAYLET_SEEK_PART of a core at most.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/build_mark.h"
#include "plugin/common/fds.h"
#include "plugin/common/paths.h"
#include "plugin/common/process_ref.h"
#include "plugin/common/shm_block.h"
#include "plugin/raypssd/detach.h"
#include "plugin/raypssd/raylet_seek.h"
#include "plugin/raypssd/step_group.h"

/* The kernel may join our wakeups with others. */
#define SLACK_NS (200 * NS_PER_MS)

/* Waits until the next look. False: slurmstepd needs us no more; it sends nothing else. */
static bool pause_for(uint64_t ns)
{
	struct pollfd fd = { .fd = RAYPSSD_SOCKET, .events = POLLIN };
	struct timespec timeout = timespec_of(ns);
	int rc = ppoll(&fd, 1, &timeout, NULL);

	return rc == 0 || (rc < 0 && errno == EINTR);
}

/* Whether a raylet or a driver appeared before the step ended. */
static bool wait_for_ray(struct raylet_seek *s)
{
	while (pause_for(raylet_seek_pause_ns(s)))
		if (raylet_seek_look(s))
			return true;
	return false;
}

/* Leaves the step's group as raypssd does; without a cgroup v2 there is none to leave. */
static void group_leave(const struct raylet_seek *s)
{
	if (s->group.version == 2)
		(void)step_group_leave(&s->group);
}

int main(int argc, char **argv)
{
	static struct raylet_seek seek;
	char *raypssd[] = { "raypssd", RAYPSSD_FOUND, NULL };
	struct shm_block *block;

	if (argc > 1 && !strcmp(argv[1], "--check"))
		return printf("build %s\n", build_mark()) < 0;
	fds_close_from(RAYPSSD_BLOCK + 1);
	if (shm_block_map(RAYPSSD_BLOCK, &block)) {
		fprintf(stderr, "raypss-dormant: ray_pss.so of the same build must start it\n");
		return EXIT_FAILURE;
	}
	detach_settle();
	if (raylet_seek_init(&seek, "/proc", process_ref_peer(RAYPSSD_SOCKET)))
		return EXIT_FAILURE;
	group_leave(&seek);
	prctl(PR_SET_TIMERSLACK, SLACK_NS);
	if (!wait_for_ray(&seek))
		return EXIT_SUCCESS;
	prctl(PR_SET_TIMERSLACK, 0UL);
	block->info.begun_late = true;
	/* First: should raypssd not start, slurmstepd misses it and logs that. */
	atomic_store(&block->awake, 1);
	execv(RAYPSSD_PATH, raypssd);
	return EXIT_FAILURE;
}
