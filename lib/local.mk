# What the plugin may use inside slurmstepd: libc alone.
noinst_LTLIBRARIES += lib/libraypss-base.la
lib_libraypss_base_la_SOURCES = \
	lib/digits.c \
	lib/digits.h \
	lib/facts.h \
	lib/paths.c \
	lib/paths.h \
	lib/proc_pid.c \
	lib/proc_pid.h \
	lib/procfile.c \
	lib/procfile.h \
	lib/text.c \
	lib/text.h \
	lib/units.c \
	lib/units.h

noinst_LTLIBRARIES += lib/libraypss.la
lib_libraypss_la_SOURCES = \
	lib/cgroup.c \
	lib/cgroup.h \
	lib/cgroup_files.c \
	lib/cgroup_files.h \
	lib/cgroup_members.c \
	lib/cgroup_members.h \
	lib/cgroup_tree.c \
	lib/cgroup_tree.h \
	lib/account.c \
	lib/account.h \
	lib/access.c \
	lib/access.h \
	lib/accountant.c \
	lib/accountant.h \
	lib/devices.c \
	lib/devices.h \
	lib/distribution.c \
	lib/distribution.h \
	lib/field.c \
	lib/field.h \
	lib/fork_groups.c \
	lib/fork_groups.h \
	lib/host.c \
	lib/host.h \
	lib/kmsg.c \
	lib/kmsg.h \
	lib/job.c \
	lib/job.h \
	lib/map_files.c \
	lib/map_files.h \
	lib/mapped_files.c \
	lib/mapped_files.h \
	lib/mappings.c \
	lib/mappings.h \
	lib/maps.c \
	lib/maps.h \
	lib/members.c \
	lib/members.h \
	lib/objects.c \
	lib/objects.h \
	lib/pace.c \
	lib/pace.h \
	lib/pagewalk.c \
	lib/pagewalk.h \
	lib/process.c \
	lib/process.h \
	lib/procfs.c \
	lib/procfs.h \
	lib/ray.c \
	lib/ray.h \
	lib/record.c \
	lib/record.h \
	lib/sample.h \
	lib/series.c \
	lib/series.h \
	lib/spool.c \
	lib/spool.h \
	lib/sysv.c \
	lib/sysv.h \
	lib/verdict.c \
	lib/verdict.h \
	lib/victims.c \
	lib/victims.h
lib_libraypss_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(HWLOC_CFLAGS) $(ACL_CFLAGS) $(CGROUP_CFLAGS)
lib_libraypss_la_LIBADD = lib/libraypss-base.la $(JANSSON_LIBS) $(HWLOC_LIBS) $(ACL_LIBS) $(CGROUP_LIBS) -lm
