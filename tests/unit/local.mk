# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests, in rooms as the sources. One program alone: CK_FORK=no CK_RUN_CASE=... tests/unit/ROOM/test_X
EXTRA_DIST += tests/fixtures

# Programs that name no libraries of their own are unit tests. UNIT_CLOCK: see unit.h.
LDADD = $(UNIT_CLOCK) tests/unit/libunit.la

if HAVE_CHECK
unit_tests = \
	tests/unit/account/test_account \
	tests/unit/account/test_account_day \
	tests/unit/account/test_account_maxima \
	tests/unit/account/test_account_profile \
	tests/unit/account/test_account_ray \
	tests/unit/account/test_account_sane \
	tests/unit/account/test_distribution \
	tests/unit/account/test_series \
	tests/unit/account/test_verdict \
	tests/unit/base/test_units \
	tests/unit/measure/cgroup/test_cgroup_parse \
	tests/unit/measure/cgroup/test_kmsg \
	tests/unit/measure/cgroup/test_memcg \
	tests/unit/measure/procfs/test_address_spaces \
	tests/unit/measure/procfs/test_devices \
	tests/unit/measure/procfs/test_families \
	tests/unit/measure/procfs/test_file_ranges \
	tests/unit/measure/procfs/test_fork_groups \
	tests/unit/measure/procfs/test_ksm \
	tests/unit/measure/procfs/test_locked \
	tests/unit/measure/procfs/test_maps_parse \
	tests/unit/measure/procfs/test_members \
	tests/unit/measure/procfs/test_objects \
	tests/unit/measure/procfs/test_objects_bounds \
	tests/unit/measure/procfs/test_pagewalk \
	tests/unit/measure/procfs/test_pid_parse \
	tests/unit/measure/procfs/test_places \
	tests/unit/measure/procfs/test_process_table \
	tests/unit/measure/procfs/test_procfs \
	tests/unit/measure/procfs/test_ray_identity \
	tests/unit/measure/procfs/test_raylet \
	tests/unit/measure/procfs/test_raylet_parse \
	tests/unit/measure/procfs/test_safe_open \
	tests/unit/measure/procfs/test_smaps \
	tests/unit/measure/procfs/test_statm \
	tests/unit/measure/procfs/test_task_roots \
	tests/unit/measure/procfs/test_reading \
	tests/unit/measure/procfs/test_rights \
	tests/unit/measure/procfs/test_totals \
	tests/unit/measure/procfs/test_unheld \
	tests/unit/measure/procfs/test_vma_iter \
	tests/unit/measure/test_accountant \
	tests/unit/measure/test_accountant_cgroup \
	tests/unit/measure/test_duty \
	tests/unit/measure/test_hang \
	tests/unit/measure/test_pace \
	tests/unit/measure/test_shares \
	tests/unit/plugin/test_enclosing_step \
	tests/unit/plugin/test_confine \
	tests/unit/plugin/test_exact \
	tests/unit/plugin/test_exact_parts \
	tests/unit/plugin/test_exact_poll \
	tests/unit/plugin/test_exact_rehearsal \
	tests/unit/plugin/test_exact_static \
	tests/unit/plugin/test_gather_table \
	tests/unit/plugin/test_guardian \
	tests/unit/plugin/test_job_query \
	tests/unit/plugin/test_jobacct_layout \
	tests/unit/plugin/test_lifetime \
	tests/unit/plugin/test_limits_files \
	tests/unit/plugin/test_line_reader \
	tests/unit/plugin/test_linked_library \
	tests/unit/plugin/test_maxrss_rule \
	tests/unit/plugin/test_notify \
	tests/unit/plugin/test_plugstack_file \
	tests/unit/plugin/test_process_ref \
	tests/unit/plugin/test_publish_loop \
	tests/unit/plugin/test_publish_rule \
	tests/unit/plugin/test_publisher_client \
	tests/unit/plugin/test_ray_command \
	tests/unit/plugin/test_raylet_seek \
	tests/unit/plugin/test_record_writer \
	tests/unit/plugin/test_shm_block \
	tests/unit/plugin/test_step_cgroup \
	tests/unit/plugin/test_step_options \
	tests/unit/plugin/test_task_figures \
	tests/unit/plugin/test_task_shares \
	tests/unit/results/test_advice \
	tests/unit/results/test_expire \
	tests/unit/results/test_fields \
	tests/unit/results/test_job \
	tests/unit/results/test_job_field \
	tests/unit/results/test_job_overlap \
	tests/unit/results/test_job_summary \
	tests/unit/results/test_left \
	tests/unit/results/test_live_text \
	tests/unit/results/test_pending \
	tests/unit/results/test_publish_request \
	tests/unit/results/test_rate_limit \
	tests/unit/results/test_record \
	tests/unit/results/test_record_ray \
	tests/unit/results/test_spool \
	tests/unit/results/test_spool_summary \
	tests/unit/results/test_task_sums
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

# Exact figures need a Slurm around them: linked in, or loaded as slurmstepd loads it. -rpath makes
# libtool build a shared object of what is not installed.
fake_slurm = tests/unit/plugin/fake_slurm.c tests/unit/plugin/fake_slurm.h
slurm_test_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS) \
	-DMODULES=\"$(abs_top_builddir)/tests/unit/plugin/.libs\"
slurm_module_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

account_rig = tests/unit/account/account_rig.c tests/unit/account/account_rig.h
tests_unit_account_test_account_SOURCES = tests/unit/account/test_account.c $(account_rig)
tests_unit_account_test_account_profile_SOURCES = \
	tests/unit/account/test_account_profile.c $(account_rig)

exact_rig = tests/unit/plugin/exact_rig.c tests/unit/plugin/exact_rig.h
exact_modules = \
	tests/unit/plugin/exact_module.la \
	tests/unit/plugin/fake_slurm.la \
	tests/unit/plugin/part_conf.la \
	tests/unit/plugin/part_table.la \
	tests/unit/plugin/jobacct_gather_fake.la

tests_unit_plugin_test_exact_SOURCES = tests/unit/plugin/test_exact.c $(exact_rig)
tests_unit_plugin_test_exact_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_test_exact_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_plugin_test_exact_LDFLAGS = -pthread
EXTRA_tests_unit_plugin_test_exact_DEPENDENCIES = $(exact_modules)
tests_unit_plugin_test_exact_parts_CPPFLAGS = $(slurm_test_CPPFLAGS)
EXTRA_tests_unit_plugin_test_exact_parts_DEPENDENCIES = $(exact_modules)
tests_unit_plugin_test_exact_poll_SOURCES = tests/unit/plugin/test_exact_poll.c $(exact_rig)
tests_unit_plugin_test_exact_poll_CPPFLAGS = $(slurm_test_CPPFLAGS)
EXTRA_tests_unit_plugin_test_exact_poll_DEPENDENCIES = $(exact_modules)
tests_unit_plugin_test_exact_rehearsal_SOURCES = \
	tests/unit/plugin/test_exact_rehearsal.c $(exact_rig)
tests_unit_plugin_test_exact_rehearsal_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_test_exact_rehearsal_LDADD = plugin/libexact-rehearsal.la $(LDADD)
EXTRA_tests_unit_plugin_test_exact_rehearsal_DEPENDENCIES = $(exact_modules)
tests_unit_plugin_test_exact_static_SOURCES = \
	tests/unit/plugin/test_exact_static.c $(fake_slurm)
tests_unit_plugin_test_exact_static_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_test_exact_static_LDFLAGS = -export-dynamic
tests_unit_plugin_test_exact_static_LDADD = plugin/libexact.la $(LDADD)
tests_unit_plugin_test_gather_table_LDADD = plugin/libexact.la $(LDADD)
tests_unit_plugin_test_linked_library_LDADD = plugin/libexact-rehearsal.la $(LDADD)
tests_unit_plugin_test_job_query_SOURCES = \
	tests/unit/plugin/test_job_query.c plugin/publisher/job_query_words.c
tests_unit_plugin_test_job_query_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_test_job_query_LDADD = $(LDADD) $(SLURM_LIBS)
tests_unit_plugin_test_jobacct_layout_SOURCES = \
	tests/unit/plugin/test_jobacct_layout.c $(fake_slurm)
tests_unit_plugin_test_jobacct_layout_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_test_jobacct_layout_LDADD = plugin/libexact.la $(LDADD)
tests_unit_plugin_test_record_writer_LDADD = $(LDADD) plugin/libconfine.la $(SECCOMP_LIBS)
tests_unit_plugin_test_task_figures_CFLAGS = $(AM_CFLAGS) -pthread
tests_unit_plugin_test_task_figures_LDFLAGS = -pthread

check_LTLIBRARIES += $(exact_modules)
tests_unit_plugin_exact_module_la_SOURCES = \
	tests/unit/plugin/exact_module.c tests/unit/plugin/exact_module.h
tests_unit_plugin_exact_module_la_LDFLAGS = $(slurm_module_LDFLAGS)
tests_unit_plugin_exact_module_la_LIBADD = \
	plugin/libexact.la plugin/libcommon.la lib/libraypss-base.la
tests_unit_plugin_fake_slurm_la_SOURCES = $(fake_slurm)
tests_unit_plugin_fake_slurm_la_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_fake_slurm_la_LDFLAGS = $(slurm_module_LDFLAGS)
tests_unit_plugin_part_conf_la_SOURCES = tests/unit/plugin/part_conf.c
tests_unit_plugin_part_conf_la_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_part_conf_la_LDFLAGS = $(slurm_module_LDFLAGS)
tests_unit_plugin_part_table_la_SOURCES = tests/unit/plugin/part_table.c
tests_unit_plugin_part_table_la_LDFLAGS = $(slurm_module_LDFLAGS)
tests_unit_plugin_jobacct_gather_fake_la_SOURCES = \
	tests/unit/plugin/fake_gatherer.c tests/unit/plugin/fake_slurm.h
tests_unit_plugin_jobacct_gather_fake_la_CPPFLAGS = $(slurm_test_CPPFLAGS)
tests_unit_plugin_jobacct_gather_fake_la_LDFLAGS = $(slurm_module_LDFLAGS)

check_LTLIBRARIES += tests/unit/libunit.la
tests_unit_libunit_la_SOURCES = \
	tests/unit/accounted.h \
	tests/unit/group.c tests/unit/group.h \
	tests/unit/looks.h \
	tests/unit/plugin/children.c tests/unit/plugin/children.h \
	tests/unit/spooled.h \
	tests/unit/tree.c tests/unit/tree.h \
	tests/unit/unit.c tests/unit/unit.h
tests_unit_libunit_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFIXTURES=\"$(abs_top_srcdir)/tests/fixtures\"
tests_unit_plugin_test_confine_SOURCES = \
	tests/unit/plugin/attempts.c tests/unit/plugin/attempts.h \
	tests/unit/plugin/test_confine.c
tests_unit_plugin_test_confine_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
tests_unit_plugin_test_confine_LDADD = plugin/libconfine.la $(LDADD) $(SECCOMP_LIBS)
tests_unit_libunit_la_LIBADD = plugin/libraypssd.la plugin/libpublisher.la plugin/libcommon.la lib/libraypss.la $(CHECK_LIBS)
endif
