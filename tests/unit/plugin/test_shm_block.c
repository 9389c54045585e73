/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugin/common/shm_block.h"
#include "tests/unit/unit.h"

static struct shm_block *block;
static int fd;

static void begin(void)
{
	fd = shm_block_create(&block);
	ck_assert_int_ge(fd, 0);
}

static void end(void)
{
	munmap(block, sizeof(*block));
	close(fd);
}

START_TEST(nobody_can_take_the_memory_away)
{
	begin();
	ck_assert_int_eq(ftruncate(fd, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(ftruncate(fd, 2 * sizeof(*block)), -1);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	end();
}
END_TEST

START_TEST(the_other_side_maps_the_same_block)
{
	struct shm_block *other;

	begin();
	ck_assert_int_eq(shm_block_map(fd, &other), 0);
	ck_assert(shm_block_is_valid(other));
	shm_block_add_task(block, &(struct shm_task){ .pid = 4711, .start = 12345 });
	ck_assert_uint_eq(atomic_load(&other->tasks_n), 1);
	ck_assert_int_eq(other->tasks[0].pid, 4711);
	ck_assert_uint_eq(other->tasks[0].start, 12345);
	munmap(other, sizeof(*other));
	end();
}
END_TEST

START_TEST(the_block_of_another_build_is_refused)
{
	struct shm_block *other;
	int small;

	begin();
	block->version++;
	ck_assert_int_eq(shm_block_map(fd, &other), -EPROTO);
	end();
	small = memfd_create("small", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(small, sizeof(*block) - 1), 0);
	ck_assert_int_eq(shm_block_map(small, &other), -EPROTO);
	close(small);
	ck_assert_int_eq(shm_block_map(-1, &other), -EBADF);
}
END_TEST

START_TEST(tasks_beyond_the_last_place_are_left_out)
{
	begin();
	for (unsigned i = 0; i < SHM_TASKS + 2; i++)
		shm_block_add_task(block, &(struct shm_task){ .pid = (pid_t)i + 1 });
	ck_assert_uint_eq(atomic_load(&block->tasks_n), SHM_TASKS);
	ck_assert_int_eq(block->tasks[SHM_TASKS - 1].pid, SHM_TASKS);
	end();
}
END_TEST

#define UNENDED(member) memset(block->member, 'x', sizeof(block->member))

static void spoil(int what)
{
	static const double wrong[] = { NAN, INFINITY, -0.1, 1.1 };
	struct step_info *info = &block->info;
	bool *const flags[] = { &info->in_slurm, &info->rss_compared, &info->kill_on_limit,
		&info->with_series, &info->ended, &info->lost, &info->signalled, &info->begun_late,
		&info->task_had_rss };

	switch (what) {
	case 0:
		UNENDED(info.cluster);
		break;
	case 1:
		UNENDED(info.step);
		break;
	case 2:
		UNENDED(info.node);
		break;
	case 3:
		UNENDED(env_job);
		break;
	case 4:
		UNENDED(env_step);
		break;
	case 5:
		UNENDED(env_node);
		break;
	case 6:
		UNENDED(spool);
		break;
	case 7:
		UNENDED(slurm_conf);
		break;
	case 8:
		block->publish = 4;
		break;
	case 9:
	case 10:
	case 11:
	case 12:
		block->budget = wrong[what - 9];
		break;
	case 13:
	case 14:
	case 15:
	case 16:
		block->duty = wrong[what - 13];
		break;
	case 17:
	case 18:
	case 19:
	case 20:
		block->notify_part = wrong[what - 17];
		break;
	case 21:
		info->corrected = (enum corrected)3;
		break;
	default:
		memset(flags[what - 22], 2, sizeof(bool));
		break;
	}
}

START_TEST(what_makes_no_sense_is_not_valid)
{
	for (int what = 0; what < 31; what++) {
		begin();
		ck_assert(shm_block_is_valid(block));
		spoil(what);
		ck_assert_msg(!shm_block_is_valid(block), "%d", what);
		end();
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("shm_block");

	tcase_add_test(tc, nobody_can_take_the_memory_away);
	tcase_add_test(tc, the_other_side_maps_the_same_block);
	tcase_add_test(tc, the_block_of_another_build_is_refused);
	tcase_add_test(tc, tasks_beyond_the_last_place_are_left_out);
	tcase_add_test(tc, what_makes_no_sense_is_not_valid);
	return unit_run();
}
