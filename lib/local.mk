# SPDX-License-Identifier: GPL-2.0-or-later
# What the plugin may use inside slurmstepd: libc alone.
noinst_LTLIBRARIES += lib/libraypss-base.la
lib_libraypss_base_la_SOURCES = \
	lib/base/digits.c \
	lib/base/digits.h \
	lib/base/page_walk_cost.h \
	lib/base/procfile.c \
	lib/base/procfile.h \
	lib/base/text.c \
	lib/base/text.h \
	lib/base/units.c \
	lib/base/units.h \
	lib/base/unknown.h \
	lib/measure/cgroup/cgroup_parse.c \
	lib/measure/cgroup/cgroup_parse.h \
	lib/measure/procfs/pid_parse.c \
	lib/measure/procfs/pid_parse.h \
	lib/results/step_info.c \
	lib/results/step_info.h

noinst_LTLIBRARIES += lib/libraypss.la
lib_libraypss_la_SOURCES = \
	lib/measure/accountant.c \
	lib/measure/accountant.h \
	lib/measure/duty.c \
	lib/measure/duty.h \
	lib/measure/look.h \
	lib/measure/pace.c \
	lib/measure/pace.h \
	lib/measure/sample.h \
	lib/measure/shares.c \
	lib/measure/shares.h \
	lib/measure/source.h \
	lib/measure/procfs/devices.c \
	lib/measure/procfs/devices.h \
	lib/measure/procfs/file_set.c \
	lib/measure/procfs/file_set.h \
	lib/measure/procfs/fork_groups.c \
	lib/measure/procfs/fork_groups.h \
	lib/measure/procfs/maps_parse.c \
	lib/measure/procfs/maps_parse.h \
	lib/measure/procfs/members.c \
	lib/measure/procfs/members.h \
	lib/measure/procfs/mount_parse.c \
	lib/measure/procfs/mount_parse.h \
	lib/measure/procfs/object_table.c \
	lib/measure/procfs/object_table.h \
	lib/measure/procfs/objects.c \
	lib/measure/procfs/objects.h \
	lib/measure/procfs/pagewalk.c \
	lib/measure/procfs/pagewalk.h \
	lib/measure/procfs/process_scan.c \
	lib/measure/procfs/process_scan.h \
	lib/measure/procfs/process_table.c \
	lib/measure/procfs/process_table.h \
	lib/measure/procfs/processes.c \
	lib/measure/procfs/processes.h \
	lib/measure/procfs/procfs.c \
	lib/measure/procfs/procfs.h \
	lib/measure/procfs/scan_budget.c \
	lib/measure/procfs/scan_budget.h \
	lib/measure/procfs/scan_state.h \
	lib/measure/procfs/sysv.c \
	lib/measure/procfs/sysv.h \
	lib/measure/procfs/totals.c \
	lib/measure/procfs/totals.h \
	lib/measure/procfs/tree_source.c \
	lib/measure/procfs/tree_source.h \
	lib/measure/procfs/vma_iter.c \
	lib/measure/procfs/vma_iter.h \
	lib/measure/procfs/vma_stat.c \
	lib/measure/procfs/vma_stat.h \
	lib/measure/cgroup/cgroup_members.c \
	lib/measure/cgroup/cgroup_members.h \
	lib/measure/cgroup/cgroup_source.c \
	lib/measure/cgroup/cgroup_source.h \
	lib/measure/cgroup/cgroup_tree.c \
	lib/measure/cgroup/cgroup_tree.h \
	lib/measure/cgroup/kmsg.c \
	lib/measure/cgroup/kmsg.h \
	lib/measure/cgroup/memcg.c \
	lib/measure/cgroup/memcg.h \
	lib/measure/cgroup/victims.c \
	lib/measure/cgroup/victims.h \
	lib/account/account.c \
	lib/account/account.h \
	lib/account/account_peak.c \
	lib/account/account_peak.h \
	lib/account/account_profile.c \
	lib/account/account_profile.h \
	lib/account/distribution.c \
	lib/account/distribution.h \
	lib/account/histogram.c \
	lib/account/histogram.h \
	lib/account/ray.c \
	lib/account/ray.h \
	lib/account/series.c \
	lib/account/series.h \
	lib/account/verdict.c \
	lib/account/verdict.h \
	lib/results/access.c \
	lib/results/access.h \
	lib/results/host.c \
	lib/results/host.h \
	lib/results/job.c \
	lib/results/job.h \
	lib/results/job_field.c \
	lib/results/job_field.h \
	lib/results/record.c \
	lib/results/record.h \
	lib/results/spool.c \
	lib/results/spool.h
lib_libraypss_la_CFLAGS = $(AM_CFLAGS) $(HWLOC_CFLAGS) $(ACL_CFLAGS) $(CGROUP_CFLAGS)
lib_libraypss_la_LIBADD = lib/libraypss-base.la $(JANSSON_LIBS) $(HWLOC_LIBS) $(ACL_LIBS) $(CGROUP_LIBS) -lm
