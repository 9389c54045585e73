/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "plugin/common/fds.h"
#include "plugin/raypssd/record_writer.h"
#include "tests/unit/spooled.h"

#define WAIT_NS (60 * NS_PER_S)

static struct record_desk desk;

/* Whether nobody has the end to write to of a pipe any more. */
static bool is_left(int end)
{
	struct pollfd fd = { .fd = end };

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLHUP;
}

/* What went wrong in raypssd, a process of its own with so many descriptors at most; 0 = nothing. */
static int raypssd_run(rlim_t descriptors, bool publishes)
{
	const struct rlimit limit = { descriptors, descriptors };
	struct record_writer writer;
	int request[2], publisher, stepd[2];

	fds_close_from(STDERR_FILENO + 1);
	/* The request has the number that the writer wants for its socket. */
	if (pipe(request) || (publisher = dup(request[0])) < 0 ||
		dup2(request[1], request[0]) < 0 || close(request[1]) || pipe(stepd))
		return 1;
	desk.publisher.request = publishes ? request[0] : -1;
	if (setrlimit(RLIMIT_NOFILE, &limit) || record_writer_start(&writer, &desk))
		return 2;
	if (record_writer_ask(&writer, RECORD_WRITE, WAIT_NS))
		return 3;
	if (publishes && is_left(publisher))
		return 4;
	close(stepd[1]);
	return is_left(stepd[0]) ? 0 : 5;
}

static void check_with(rlim_t descriptors, bool publishes)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(raypssd_run(descriptors, publishes));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "%d descriptors: status %#x", (int)descriptors, status);
}

START_TEST(the_record_is_written_however_few_descriptors_there_are)
{
	static const rlim_t few[] = { 12, 64, 66, 1024 };
	struct shm_block *block;

	/* valgrind keeps some of them for itself. */
	if (unit_under_valgrind())
		return;
	ck_assert_int_ge(shm_block_create(&block), 0);
	desk = (struct record_desk){ .block = block, .info = step_of(7, 0, "0", "n1") };
	strcpy(desk.spool_path, path);
	desk.publisher.answer = -1;
	for (size_t i = 0; i < COUNT(few); i++) {
		check_with(few[i], false);
		check_with(few[i], true);
	}
}
END_TEST

int main(void)
{
	TCase *tests = unit_suite("record_writer");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, the_record_is_written_however_few_descriptors_there_are);
	return unit_run();
}
