/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypssd, its writer and the publisher can and cannot do once confined. Each attempt that must
 * be refused is first made without confinement, where it must not be refused.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "plugin/confine/confinement.h"
#include "plugin/confine/landlock.h"
#include "plugin/confine/publisher_confine.h"
#include "plugin/confine/reader_confine.h"
#include "plugin/confine/writer_confine.h"
#include "tests/unit/plugin/attempts.h"
#include "tests/unit/unit.h"

enum need { NEEDED, REFUSED, REFUSED_BY_LANDLOCK };

struct attempt {
	const char *name;
	int (*make)(void);
	enum need need;
};

static const struct attempt reader_attempts[] = {
	{ "maps", try_maps, NEEDED },
	{ "smaps_rollup", try_smaps_rollup, NEEDED },
	{ "environ", try_environ_read, NEEDED },
	{ "map_files", try_map_files, NEEDED },
	{ "fd", try_descriptors, NEEDED },
	{ "the live figures", try_live_figures, NEEDED },
	{ "a message to slurmstepd", try_message, NEEDED },
	{ "PROCMAP_QUERY", try_procmap_query, NEEDED },
	{ "comparing address spaces", try_address_spaces_compare, NEEDED },
	{ "the step's signal", try_signal_urgent, NEEDED },
	{ "another signal", try_signal_any, REFUSED },
	{ "writing memory", try_memory_write, REFUSED },
	{ "process_vm_readv", try_memory_read, REFUSED },
	{ "ptrace", try_trace, REFUSED },
	{ "creating a file", try_create_in_root, REFUSED },
	{ "opening a file for writing", try_open_for_writing, REFUSED },
	{ "rename", try_rename_file, REFUSED },
	{ "unlink", try_remove_file, REFUSED },
	{ "mkdir", try_directory_make, REFUSED },
	{ "chmod", try_mode_set, REFUSED },
	{ "cutting the shared block", try_block_cut, REFUSED },
	{ "execve", try_execute, REFUSED },
	{ "fork", try_process_make, REFUSED },
	{ "socket", try_socket_make, REFUSED },
	{ "mapping code", try_code_map, REFUSED },
	{ "another ioctl", try_other_ioctl, REFUSED },
	{ "unshare", try_namespace_make, REFUSED },
	{ "limits of another process", try_limits_of_others, REFUSED },
	{ "setresuid", try_become_user, REFUSED },
};

static const struct attempt writer_attempts[] = {
	{ "a record", try_record, NEEDED },
	{ "host.json", try_host_read, NEEDED },
	{ "removing the live figures", try_figures_remove, NEEDED },
	{ "an answer to raypssd", try_message, NEEDED },
	{ "making a file beside the live figures", try_figures_make, REFUSED_BY_LANDLOCK },
	{ "creating a file in /", try_create_in_root, REFUSED_BY_LANDLOCK },
	{ "writing a file outside", try_open_for_writing, REFUSED_BY_LANDLOCK },
	{ "writing a file beside the spool", try_beside_the_spool, REFUSED_BY_LANDLOCK },
	{ "/etc/shadow", try_shadow, REFUSED_BY_LANDLOCK },
	{ "/etc/shadow by a link in the spool", try_shadow_by_link, REFUSED_BY_LANDLOCK },
	{ "unlink outside", try_remove_file, REFUSED_BY_LANDLOCK },
	{ "another user's spool", try_record_of_foreign_spool, REFUSED },
	{ "maps", try_maps, REFUSED },
	{ "environ", try_environ_read, REFUSED },
	{ "writing memory", try_memory_write, REFUSED },
	{ "ptrace", try_trace, REFUSED },
	{ "a signal", try_signal_any, REFUSED },
	{ "execve", try_execute, REFUSED },
	{ "fork", try_process_make, REFUSED },
	{ "socket", try_socket_make, REFUSED },
	{ "mkdir by path", try_directory_make, REFUSED },
	{ "chmod by path", try_mode_set, REFUSED },
	{ "cutting the shared block", try_block_cut, REFUSED },
	{ "mapping code", try_code_map, REFUSED },
	{ "setresuid", try_become_user, REFUSED },
};

static const struct attempt foreign_attempts[] = {
	{ "a record", try_record_of_foreign_spool, NEEDED },
	{ "writing a file outside", try_open_for_writing, REFUSED_BY_LANDLOCK },
	{ "maps", try_maps, REFUSED },
};

static const struct attempt publisher_attempts[] = {
	{ "a file of the system", try_passwd, NEEDED },
	{ "a socket", try_socket_make, NEEDED },
	{ "an answer", try_message, NEEDED },
	{ "creating a file", try_create_in_root, REFUSED },
	{ "opening a file for writing", try_open_for_writing, REFUSED },
	{ "rename", try_rename_file, REFUSED },
	{ "unlink", try_remove_file, REFUSED },
	{ "mkdir", try_directory_make, REFUSED },
	{ "chmod", try_mode_set, REFUSED },
	{ "execve", try_execute, REFUSED },
	{ "a signal", try_signal_any, REFUSED },
	{ "ptrace", try_trace, REFUSED },
	{ "process_vm_readv", try_memory_read, REFUSED },
	{ "writing memory", try_memory_write, REFUSED },
	{ "maps", try_maps, REFUSED },
	{ "unshare", try_namespace_make, REFUSED },
	{ "setresuid", try_become_user, REFUSED },
};

static bool refused(int rc)
{
	return rc == -EPERM || rc == -EACCES;
}

/* What is wrong with the attempts goes over the socket: not every role may write. */
static void attempts_make(
	const struct attempt *attempts, size_t n, bool confined, bool has_landlock)
{
	for (size_t i = 0; i < n; i++) {
		const struct attempt *a = &attempts[i];
		bool must_fail = confined && a->need != NEEDED &&
			(a->need != REFUSED_BY_LANDLOCK || has_landlock);
		int rc = a->make();
		char text[128];

		if (must_fail                                   ? refused(rc)
				: confined && a->need == NEEDED ? rc == 0
								: !refused(rc))
			continue;
		snprintf(text, sizeof(text), "%s%s: %s; ", a->name,
			confined ? "" : " without confinement", rc ? strerror(-rc) : "possible");
		attempts_tell(text);
	}
}

static int nothing(void)
{
	return 0;
}

static int reader(void)
{
	return reader_confine(SIGURG);
}

static int reader_without_signal(void)
{
	return reader_confine(0);
}

static int writer(void)
{
	return writer_confine(attempts_spool(), attempts_state());
}

static int foreign_writer(void)
{
	return writer_confine(attempts_foreign_spool(), "/nonexistent");
}

static void role_try(
	int (*confine)(void), const struct attempt *attempts, size_t n, bool has_landlock)
{
	char text[4096];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int rc = confine();

		if (rc)
			attempts_tell("cannot confine itself");
		else
			attempts_make(attempts, n, confine != nothing, has_landlock);
		_exit(rc ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	attempts_told(text, sizeof(text));
	ck_assert_msg(!*text && status == 0, "%s (status %d)", text, status);
}

static const struct {
	const char *name;
	int (*confine)(void);
	const struct attempt *attempts;
	size_t n;
} roles[] = {
	{ "raypssd", reader, reader_attempts, COUNT(reader_attempts) },
	{ "the writer", writer, writer_attempts, COUNT(writer_attempts) },
	{ "the writer of another user's spool", foreign_writer, foreign_attempts,
		COUNT(foreign_attempts) },
	{ "the publisher", publisher_confine, publisher_attempts, COUNT(publisher_attempts) },
};

START_TEST(each_attempt_works_without_confinement)
{
	role_try(nothing, roles[_i].attempts, roles[_i].n, false);
}
END_TEST

START_TEST(each_role_can_do_its_work_and_no_more)
{
	role_try(roles[_i].confine, roles[_i].attempts, roles[_i].n, landlock_version() > 0);
}
END_TEST

START_TEST(without_notify_raypssd_sends_no_signal)
{
	static const struct attempt attempts[] = { { "a signal", try_signal_urgent, REFUSED } };

	role_try(reader_without_signal, attempts, COUNT(attempts), false);
}
END_TEST

/* As an older kernel answers. */
static int old_kernel(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = seccomp_rule_add(
		filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);

	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

static int writer_on_old_kernel(void)
{
	int rc = old_kernel();

	return rc ? rc : writer();
}

static int publisher_on_old_kernel(void)
{
	int rc = old_kernel();

	return rc ? rc : publisher_confine();
}

START_TEST(without_landlock_the_rest_holds)
{
	role_try(writer_on_old_kernel, writer_attempts, COUNT(writer_attempts), false);
	role_try(publisher_on_old_kernel, publisher_attempts, COUNT(publisher_attempts), false);
}
END_TEST

START_TEST(a_missing_part_is_said)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(old_kernel() || !confinement_missing());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(what_holds_is_said)
{
	bool has_landlock = landlock_version() > 0;
	char text[256];

	confinement_describe(text, sizeof(text));
	ck_assert_msg(strstr(text, "seccomp: yes\n") != NULL, "%s", text);
	ck_assert_msg(
		(strstr(text, "Landlock: yes, version ") != NULL) == has_landlock, "%s", text);
	ck_assert((confinement_missing() == NULL) == has_landlock);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("confine");

	if (unit_under_valgrind()) {
		puts("skipped: valgrind makes calls that the confined processes may not make");
		return 77;
	}
#ifdef WITH_SANITIZERS
	puts("skipped: sanitizers make calls that the confined processes may not make");
	return 77;
#endif
	if (geteuid() != 0) {
		puts("skipped: only root has rights to give up");
		return 77;
	}
	if (!landlock_version())
		puts("attempts that only Landlock refuses are left out: this kernel has none");
	tcase_add_checked_fixture(c, attempts_begin, attempts_end);
	tcase_add_loop_test(c, each_attempt_works_without_confinement, 0, COUNT(roles));
	tcase_add_loop_test(c, each_role_can_do_its_work_and_no_more, 0, COUNT(roles));
	tcase_add_test(c, without_notify_raypssd_sends_no_signal);
	tcase_add_test(c, without_landlock_the_rest_holds);
	tcase_add_test(c, a_missing_part_is_said);
	tcase_add_test(c, what_holds_is_said);
	return unit_run();
}
