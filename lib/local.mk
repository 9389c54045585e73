# What the plugin may use: libc alone.
noinst_LTLIBRARIES += lib/libraypss-base.la
lib_libraypss_base_la_SOURCES = \
	lib/account.c \
	lib/account.h \
	lib/distribution.c \
	lib/distribution.h \
	lib/ray.c \
	lib/ray.h \
	lib/sample.h \
	lib/series.c \
	lib/series.h \
	lib/text.c \
	lib/text.h \
	lib/units.c \
	lib/units.h \
	lib/verdict.c \
	lib/verdict.h

noinst_LTLIBRARIES += lib/libraypss.la
lib_libraypss_la_SOURCES = \
	lib/account.c \
	lib/account.h \
	lib/accountant.c \
	lib/accountant.h \
	lib/distribution.c \
	lib/distribution.h \
	lib/host.c \
	lib/host.h \
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
	lib/proc_pid.c \
	lib/proc_pid.h \
	lib/process.c \
	lib/process.h \
	lib/procfile.c \
	lib/procfile.h \
	lib/procfs.c \
	lib/procfs.h \
	lib/ray.c \
	lib/ray.h \
	lib/record.c \
	lib/record.h \
	lib/sample.h \
	lib/series.c \
	lib/series.h \
	lib/text.c \
	lib/text.h \
	lib/units.c \
	lib/units.h \
	lib/verdict.c \
	lib/verdict.h
lib_libraypss_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(HWLOC_CFLAGS)
lib_libraypss_la_LIBADD = $(JANSSON_LIBS) $(HWLOC_LIBS) -lm
