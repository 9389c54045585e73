# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests, in rooms as the sources. One program alone: CK_FORK=no CK_RUN_CASE=... tests/unit/ROOM/test_X
EXTRA_DIST += tests/fixtures

# Programs that name no libraries of their own are unit tests.
LDADD = tests/unit/libunit.la

if HAVE_CHECK
unit_tests = \
	tests/unit/account/test_account \
	tests/unit/account/test_account_sane \
	tests/unit/account/test_distribution \
	tests/unit/account/test_series \
	tests/unit/account/test_verdict \
	tests/unit/base/test_units \
	tests/unit/measure/cgroup/test_cgroup_parse \
	tests/unit/measure/cgroup/test_kmsg \
	tests/unit/measure/cgroup/test_memcg \
	tests/unit/measure/procfs/test_devices \
	tests/unit/measure/procfs/test_fork_groups \
	tests/unit/measure/procfs/test_maps_parse \
	tests/unit/measure/procfs/test_members \
	tests/unit/measure/procfs/test_objects \
	tests/unit/measure/procfs/test_objects_bounds \
	tests/unit/measure/procfs/test_pagewalk \
	tests/unit/measure/procfs/test_pid_parse \
	tests/unit/measure/procfs/test_process_table \
	tests/unit/measure/procfs/test_procfs \
	tests/unit/measure/procfs/test_smaps \
	tests/unit/measure/procfs/test_vma_iter \
	tests/unit/measure/test_accountant \
	tests/unit/measure/test_accountant_cgroup \
	tests/unit/measure/test_duty \
	tests/unit/measure/test_pace \
	tests/unit/plugin/test_enclosing_step \
	tests/unit/plugin/test_lifetime \
	tests/unit/plugin/test_line_reader \
	tests/unit/plugin/test_maxrss_rule \
	tests/unit/plugin/test_notify \
	tests/unit/plugin/test_process_ref \
	tests/unit/plugin/test_publish_loop \
	tests/unit/plugin/test_publish_rule \
	tests/unit/plugin/test_publisher_client \
	tests/unit/plugin/test_shm_block \
	tests/unit/plugin/test_step_cgroup \
	tests/unit/plugin/test_step_options \
	tests/unit/results/test_expire \
	tests/unit/results/test_fields \
	tests/unit/results/test_job \
	tests/unit/results/test_job_field \
	tests/unit/results/test_job_overlap \
	tests/unit/results/test_job_summary \
	tests/unit/results/test_pending \
	tests/unit/results/test_publish_request \
	tests/unit/results/test_rate_limit \
	tests/unit/results/test_record \
	tests/unit/results/test_spool \
	tests/unit/results/test_spool_summary
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

check_LTLIBRARIES += tests/unit/libunit.la
tests_unit_libunit_la_SOURCES = \
	tests/unit/group.c tests/unit/group.h \
	tests/unit/plugin/children.c tests/unit/plugin/children.h \
	tests/unit/tree.c tests/unit/tree.h \
	tests/unit/unit.c tests/unit/unit.h
tests_unit_libunit_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFIXTURES=\"$(abs_top_srcdir)/tests/fixtures\"
tests_unit_libunit_la_LIBADD = plugin/libraypssd.la plugin/libpublisher.la plugin/libcommon.la lib/libraypss.la $(CHECK_LIBS)
endif
