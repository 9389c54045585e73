# SPDX-License-Identifier: GPL-2.0-or-later
plugin_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS)

# What slurmstepd and raypssd have in common: libc alone. Tests link it too.
noinst_LTLIBRARIES += plugin/libcommon.la
plugin_libcommon_la_SOURCES = \
	plugin/common/build_mark.c \
	plugin/common/build_mark.h \
	plugin/common/enclosing_step.c \
	plugin/common/enclosing_step.h \
	plugin/common/fds.c \
	plugin/common/fds.h \
	plugin/common/file_list.c \
	plugin/common/file_list.h \
	plugin/common/line_reader.c \
	plugin/common/line_reader.h \
	plugin/common/maxrss_rule.c \
	plugin/common/maxrss_rule.h \
	plugin/common/paths.c \
	plugin/common/paths.h \
	plugin/common/plugstack.c \
	plugin/common/plugstack.h \
	plugin/common/plugstack_file.c \
	plugin/common/plugstack_file.h \
	plugin/common/process_ref.c \
	plugin/common/process_ref.h \
	plugin/common/ray_command.c \
	plugin/common/ray_command.h \
	plugin/common/shm_block.c \
	plugin/common/shm_block.h \
	plugin/common/slurm_conf_file.c \
	plugin/common/slurm_conf_file.h \
	plugin/common/step_cgroup.c \
	plugin/common/step_cgroup.h \
	plugin/common/step_options.c \
	plugin/common/step_options.h \
	plugin/common/task_figures.c \
	plugin/common/task_figures.h \
	plugin/common/tristate.h \
	plugin/common/word_list.c \
	plugin/common/word_list.h

# Slurm's own figures. Tests put a Slurm of their own below it.
noinst_LTLIBRARIES += plugin/libexact.la
plugin_libexact_la_SOURCES = \
	plugin/spank/exact/exact.c \
	plugin/spank/exact/exact.h \
	plugin/spank/exact/exact_proof.c \
	plugin/spank/exact/exact_proof.h \
	plugin/spank/exact/gather_table.c \
	plugin/spank/exact/gather_table.h \
	plugin/spank/exact/jobacct_layout.c \
	plugin/spank/exact/jobacct_layout.h \
	plugin/spank/exact/self_memory.c \
	plugin/spank/exact/self_memory.h \
	plugin/spank/exact/slurm_parts.c \
	plugin/spank/exact/slurm_parts.h \
	plugin/spank/exact/task_update.c \
	plugin/spank/exact/task_update.h
plugin_libexact_la_CPPFLAGS = $(plugin_CPPFLAGS)

# Whether they would be taken, for the command: nothing of it is in slurmstepd.
noinst_LTLIBRARIES += plugin/libexact-rehearsal.la
plugin_libexact_rehearsal_la_SOURCES = \
	plugin/spank/exact/exact_rehearsal.c \
	plugin/spank/exact/exact_rehearsal.h \
	plugin/spank/exact/linked_library.c \
	plugin/spank/exact/linked_library.h
plugin_libexact_rehearsal_la_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_libexact_rehearsal_la_LIBADD = plugin/libexact.la plugin/libcommon.la

plugindir = @plugindir@
plugin_LTLIBRARIES = plugin/ray_pss.la
plugin_ray_pss_la_SOURCES = \
	plugin/spank/limits_dir.c \
	plugin/spank/limits_dir.h \
	plugin/spank/limits_mount.c \
	plugin/spank/limits_mount.h \
	plugin/spank/node_name.c \
	plugin/spank/node_name.h \
	plugin/spank/plugin_copy.c \
	plugin/spank/plugin_copy.h \
	plugin/spank/raypssd_client.c \
	plugin/spank/raypssd_client.h \
	plugin/spank/raypssd_spawn.c \
	plugin/spank/raypssd_spawn.h \
	plugin/spank/slurm_conf.c \
	plugin/spank/slurm_conf.h \
	plugin/spank/spank_hooks.c \
	plugin/spank/spank_option.c \
	plugin/spank/spank_option.h \
	plugin/spank/step.c \
	plugin/spank/step.h \
	plugin/spank/step_environment.c \
	plugin/spank/step_environment.h \
	plugin/spank/step_exact.c \
	plugin/spank/step_exact.h \
	plugin/spank/step_finish.c \
	plugin/spank/step_finish.h \
	plugin/spank/step_first.c \
	plugin/spank/step_first.h \
	plugin/spank/step_plan.c \
	plugin/spank/step_plan.h \
	plugin/spank/step_query.c \
	plugin/spank/step_query.h \
	plugin/spank/step_refusal.c \
	plugin/spank/step_refusal.h \
	plugin/spank/task_handle.c \
	plugin/spank/task_handle.h \
	plugin/spank/task_rss.c \
	plugin/spank/task_rss.h \
	plugin/spank/wait_budget.c \
	plugin/spank/wait_budget.h
plugin_ray_pss_la_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_ray_pss_la_LDFLAGS = -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/plugin/spank/ray_pss.map $(HARDEN_LDFLAGS)
plugin_ray_pss_la_LIBADD = plugin/libexact.la plugin/libcommon.la lib/libraypss-base.la
plugin_ray_pss_la_DEPENDENCIES = $(plugin_ray_pss_la_LIBADD) plugin/spank/ray_pss.map
EXTRA_DIST += plugin/spank/ray_pss.map

# What the processes of root may do.
noinst_LTLIBRARIES += plugin/libconfine.la
plugin_libconfine_la_SOURCES = \
	plugin/confine/call_filter.c \
	plugin/confine/call_filter.h \
	plugin/confine/confinement.c \
	plugin/confine/confinement.h \
	plugin/confine/landlock.c \
	plugin/confine/landlock.h \
	plugin/confine/privileges.c \
	plugin/confine/privileges.h \
	plugin/confine/publisher_confine.c \
	plugin/confine/publisher_confine.h \
	plugin/confine/reader_confine.c \
	plugin/confine/reader_confine.h \
	plugin/confine/writer_confine.c \
	plugin/confine/writer_confine.h
plugin_libconfine_la_CFLAGS = $(AM_CFLAGS) $(CAPNG_CFLAGS) $(SECCOMP_CFLAGS)
plugin_libconfine_la_LIBADD = $(CAPNG_LIBS) $(SECCOMP_LIBS) $(JANSSON_LIBS)

# The parts of raypssd that tests link too.
noinst_LTLIBRARIES += plugin/libraypssd.la
plugin_libraypssd_la_SOURCES = \
	plugin/raypssd/driver_seek.c \
	plugin/raypssd/driver_seek.h \
	plugin/raypssd/guardian.c \
	plugin/raypssd/guardian.h \
	plugin/raypssd/host_cache.c \
	plugin/raypssd/host_cache.h \
	plugin/raypssd/lifetime.c \
	plugin/raypssd/lifetime.h \
	plugin/raypssd/limits_files.c \
	plugin/raypssd/limits_files.h \
	plugin/raypssd/live_file.c \
	plugin/raypssd/live_file.h \
	plugin/raypssd/notify.c \
	plugin/raypssd/notify.h \
	plugin/raypssd/publish_rule.c \
	plugin/raypssd/publish_rule.h \
	plugin/raypssd/publisher_client.c \
	plugin/raypssd/publisher_client.h \
	plugin/raypssd/raylet_seek.c \
	plugin/raypssd/raylet_seek.h \
	plugin/raypssd/record_desk.c \
	plugin/raypssd/record_writer.c \
	plugin/raypssd/record_writer.h \
	plugin/raypssd/step_end.c \
	plugin/raypssd/step_end.h \
	plugin/raypssd/step_group.c \
	plugin/raypssd/step_group.h \
	plugin/raypssd/step_source.c \
	plugin/raypssd/step_source.h \
	plugin/raypssd/step_tree.c \
	plugin/raypssd/step_tree.h \
	plugin/raypssd/task_shares.c \
	plugin/raypssd/task_shares.h

pkglibexec_PROGRAMS += plugin/raypssd/raypssd plugin/publisher/raypss-publisher
plugin_raypssd_raypssd_SOURCES = \
	plugin/raypssd/daemon.h \
	plugin/raypssd/daemon_check.c \
	plugin/raypssd/daemon_check.h \
	plugin/raypssd/daemon_end.c \
	plugin/raypssd/daemon_end.h \
	plugin/raypssd/daemon_look.c \
	plugin/raypssd/daemon_look.h \
	plugin/raypssd/daemon_loop.c \
	plugin/raypssd/daemon_loop.h \
	plugin/raypssd/detach.c \
	plugin/raypssd/detach.h \
	plugin/raypssd/first_error.c \
	plugin/raypssd/first_error.h \
	plugin/raypssd/raypssd.c \
	plugin/raypssd/reply.c \
	plugin/raypssd/reply.h
plugin_raypssd_raypssd_LDADD = plugin/libraypssd.la plugin/libconfine.la plugin/libcommon.la \
	lib/libraypss.la $(ACL_LIBS)

# Started in each step that may be Ray's: it loads no library but libc.
pkglibexec_PROGRAMS += plugin/raypssd/raypss-dormant
plugin_raypssd_raypss_dormant_SOURCES = \
	plugin/raypssd/detach.c \
	plugin/raypssd/detach.h \
	plugin/raypssd/dormant.c
plugin_raypssd_raypss_dormant_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed
plugin_raypssd_raypss_dormant_LDADD = plugin/libraypssd.la plugin/libcommon.la lib/libraypss.la

# The part of the publisher that needs no Slurm. Tests link it too.
noinst_LTLIBRARIES += plugin/libpublisher.la
plugin_libpublisher_la_SOURCES = \
	plugin/publisher/publish_loop.c \
	plugin/publisher/publish_loop.h \
	plugin/publisher/publish_way.h

plugin_publisher_raypss_publisher_SOURCES = \
	plugin/publisher/publish_controller.c \
	plugin/publisher/publish_database.c \
	plugin/publisher/publisher.c \
	plugin/publisher/publisher_check.c \
	plugin/publisher/publisher_check.h \
	plugin/publisher/slurm_job.c \
	plugin/publisher/slurm_job.h
plugin_publisher_raypss_publisher_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_publisher_raypss_publisher_LDADD = plugin/libconfine.la plugin/libpublisher.la plugin/libcommon.la lib/libraypss.la \
	$(SLURM_LIBS)

# What raypss asks Slurm.
pkglibexec_PROGRAMS += plugin/publisher/raypss-jobs
plugin_publisher_raypss_jobs_SOURCES = \
	plugin/publisher/job_query.h \
	plugin/publisher/job_query_controller.c \
	plugin/publisher/job_query_database.c \
	plugin/publisher/job_query_main.c \
	plugin/publisher/job_query_words.c \
	plugin/publisher/slurm_job.c \
	plugin/publisher/slurm_job.h
plugin_publisher_raypss_jobs_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_publisher_raypss_jobs_LDADD = plugin/libcommon.la $(JANSSON_LIBS) $(SLURM_LIBS)
