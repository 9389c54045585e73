# Unit tests of libraypss; each program alone: CK_FORK=no CK_RUN_CASE=... tests/unit/test_X
EXTRA_DIST += tests/fixtures

if HAVE_CHECK
unit_tests = \
	tests/unit/test_distribution \
	tests/unit/test_pace \
	tests/unit/test_series \
	tests/unit/test_verdict \
	tests/unit/test_account \
	tests/unit/test_record \
	tests/unit/test_objects \
	tests/unit/test_members \
	tests/unit/test_pagewalk \
	tests/unit/test_procfs \
	tests/unit/test_accountant \
	tests/unit/test_cgroup \
	tests/unit/test_cgroup_account \
	tests/unit/test_cgroup_files \
	tests/unit/test_kmsg \
	tests/unit/test_step_cgroup \
	tests/unit/test_field \
	tests/unit/test_forked \
	tests/unit/test_job \
	tests/unit/test_lifetime \
	tests/unit/test_mappings \
	tests/unit/test_maps \
	tests/unit/test_maxrss_rule \
	tests/unit/test_options \
	tests/unit/test_proc_pid \
	tests/unit/test_process \
	tests/unit/test_publish_rule \
	tests/unit/test_smaps \
	tests/unit/test_spool \
	tests/unit/test_units
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

check_LTLIBRARIES += tests/unit/libunit.la
tests_unit_libunit_la_SOURCES = \
	tests/unit/group.c tests/unit/group.h \
	tests/unit/tree.c tests/unit/tree.h \
	tests/unit/unit.c tests/unit/unit.h
tests_unit_libunit_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFIXTURES=\"$(abs_top_srcdir)/tests/fixtures\"
tests_unit_libunit_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_libunit_la_LIBADD = lib/libraypss.la $(CHECK_LIBS)

tests_unit_test_distribution_LDADD = tests/unit/libunit.la
tests_unit_test_pace_LDADD = tests/unit/libunit.la
tests_unit_test_series_LDADD = tests/unit/libunit.la
tests_unit_test_verdict_LDADD = tests/unit/libunit.la
tests_unit_test_account_LDADD = tests/unit/libunit.la
tests_unit_test_record_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_record_LDADD = tests/unit/libunit.la $(JANSSON_LIBS)
tests_unit_test_objects_LDADD = tests/unit/libunit.la
tests_unit_test_members_LDADD = tests/unit/libunit.la
tests_unit_test_pagewalk_LDADD = tests/unit/libunit.la
tests_unit_test_procfs_LDADD = tests/unit/libunit.la
tests_unit_test_accountant_LDADD = tests/unit/libunit.la
tests_unit_test_forked_LDADD = tests/unit/libunit.la
tests_unit_test_cgroup_LDADD = tests/unit/libunit.la
tests_unit_test_cgroup_account_LDADD = tests/unit/libunit.la
tests_unit_test_cgroup_files_LDADD = tests/unit/libunit.la
tests_unit_test_kmsg_LDADD = tests/unit/libunit.la
tests_unit_test_step_cgroup_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugin
tests_unit_test_step_cgroup_LDADD = plugin/libraypssd.la tests/unit/libunit.la
tests_unit_test_lifetime_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugin
tests_unit_test_lifetime_LDADD = plugin/libraypssd.la tests/unit/libunit.la
tests_unit_test_mappings_LDADD = tests/unit/libunit.la
tests_unit_test_maps_LDADD = tests/unit/libunit.la
tests_unit_test_maxrss_rule_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugin
tests_unit_test_maxrss_rule_LDADD = plugin/libplugin.la tests/unit/libunit.la
tests_unit_test_options_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugin
tests_unit_test_options_LDADD = plugin/libplugin.la tests/unit/libunit.la
tests_unit_test_proc_pid_LDADD = tests/unit/libunit.la
tests_unit_test_process_LDADD = tests/unit/libunit.la
tests_unit_test_field_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_field_LDADD = tests/unit/libunit.la $(JANSSON_LIBS)
tests_unit_test_job_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_job_LDADD = tests/unit/libunit.la $(JANSSON_LIBS)
tests_unit_test_spool_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_spool_LDADD = tests/unit/libunit.la $(JANSSON_LIBS)
tests_unit_test_publish_rule_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugin
tests_unit_test_publish_rule_LDADD = plugin/libplugin.la tests/unit/libunit.la
tests_unit_test_smaps_LDADD = tests/unit/libunit.la
tests_unit_test_units_LDADD = tests/unit/libunit.la
endif
