# SPDX-License-Identifier: GPL-2.0-or-later
# Steps whose memory is known beforehand, an independent reader to compare with, and a timer of hooks.
check_PROGRAMS += \
	tests/workloads/attack \
	tests/workloads/segv \
	tests/workloads/store \
	tests/workloads/chase \
	tests/workloads/churn \
	tests/workloads/mapstall \
	tests/workloads/stall \
	tests/workloads/shapes/shapes

tests_workloads_store_SOURCES = \
	tests/workloads/store.c \
	tests/workloads/common.c tests/workloads/common.h \
	tests/workloads/hold.c tests/workloads/hold.h \
	tests/workloads/nest.c tests/workloads/nest.h \
	tests/workloads/object.c tests/workloads/object.h \
	tests/workloads/title.c tests/workloads/title.h
tests_workloads_store_CFLAGS = $(RAYPSS_CFLAGS)
tests_workloads_store_LDADD =

tests_workloads_chase_SOURCES = \
	tests/workloads/chase.c \
	tests/workloads/common.c tests/workloads/common.h
tests_workloads_chase_CFLAGS = $(RAYPSS_CFLAGS)
tests_workloads_chase_LDADD =

tests_workloads_churn_SOURCES = \
	tests/workloads/churn.c \
	tests/workloads/common.c tests/workloads/common.h
tests_workloads_churn_CFLAGS = $(RAYPSS_CFLAGS)
tests_workloads_churn_LDADD =

tests_workloads_attack_SOURCES = \
	tests/workloads/attack.c \
	tests/workloads/common.c tests/workloads/common.h
tests_workloads_attack_CFLAGS = $(RAYPSS_CFLAGS)
tests_workloads_attack_LDADD =

# UBSan would see the crash first.
tests_workloads_segv_SOURCES = tests/workloads/segv.c
tests_workloads_segv_CFLAGS = $(RAYPSS_CFLAGS) -fno-sanitize=all
tests_workloads_segv_LDADD =

tests_workloads_mapstall_SOURCES = \
	tests/workloads/mapstall.c \
	tests/workloads/common.c tests/workloads/common.h \
	tests/workloads/hold.c tests/workloads/hold.h \
	tests/workloads/object.c tests/workloads/object.h
tests_workloads_mapstall_CFLAGS = $(RAYPSS_CFLAGS) -pthread
tests_workloads_mapstall_LDADD =
tests_workloads_mapstall_LDFLAGS = -pthread

tests_workloads_stall_SOURCES = \
	tests/workloads/stall.c \
	tests/workloads/common.c tests/workloads/common.h \
	tests/workloads/hold.c tests/workloads/hold.h
tests_workloads_stall_CFLAGS = $(RAYPSS_CFLAGS) -pthread
tests_workloads_stall_LDADD =
tests_workloads_stall_LDFLAGS = -pthread

tests_workloads_shapes_shapes_SOURCES = \
	tests/workloads/shapes/children.c \
	tests/workloads/shapes/files.c \
	tests/workloads/shapes/handed.c \
	tests/workloads/shapes/hugetlb.c \
	tests/workloads/shapes/kernel.c \
	tests/workloads/shapes/private.c \
	tests/workloads/shapes/process.c \
	tests/workloads/shapes/relatives.c \
	tests/workloads/shapes/shape.c tests/workloads/shapes/shape.h \
	tests/workloads/shapes/shapes.c \
	tests/workloads/shapes/shared.c \
	tests/workloads/shapes/unheld.c \
	tests/workloads/common.c tests/workloads/common.h \
	tests/workloads/object.c tests/workloads/object.h
tests_workloads_shapes_shapes_CFLAGS = $(RAYPSS_CFLAGS) -pthread
tests_workloads_shapes_shapes_LDADD =
tests_workloads_shapes_shapes_LDFLAGS = -pthread

# For slurmstepd to load; -rpath makes libtool build a shared object of what is not installed.
check_LTLIBRARIES += tests/workloads/hooktimes.la
tests_workloads_hooktimes_la_SOURCES = tests/workloads/hooktimes.c
tests_workloads_hooktimes_la_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS)
tests_workloads_hooktimes_la_CFLAGS = $(RAYPSS_CFLAGS) -fvisibility=default
tests_workloads_hooktimes_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

check_LTLIBRARIES += tests/workloads/hookfails.la
tests_workloads_hookfails_la_SOURCES = tests/workloads/hookfails.c
tests_workloads_hookfails_la_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS)
tests_workloads_hookfails_la_CFLAGS = $(RAYPSS_CFLAGS) -fvisibility=default
tests_workloads_hookfails_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

EXTRA_DIST += \
	tests/workloads/check.py \
	tests/workloads/shapes_truth.py \
	tests/workloads/truth.py
