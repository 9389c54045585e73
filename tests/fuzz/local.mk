# SPDX-License-Identifier: GPL-2.0-or-later
# make check runs the harnesses over their seeds. configure --enable-fuzzing builds them for
# libFuzzer instead; tests/fuzz/run does that and searches.
fuzz_tests = \
	tests/fuzz/fuzz_block \
	tests/fuzz/fuzz_cgroup \
	tests/fuzz/fuzz_environ \
	tests/fuzz/fuzz_field \
	tests/fuzz/fuzz_figures \
	tests/fuzz/fuzz_gather \
	tests/fuzz/fuzz_identity \
	tests/fuzz/fuzz_kmsg \
	tests/fuzz/fuzz_layout \
	tests/fuzz/fuzz_lines \
	tests/fuzz/fuzz_maps \
	tests/fuzz/fuzz_mounts \
	tests/fuzz/fuzz_options \
	tests/fuzz/fuzz_raylet \
	tests/fuzz/fuzz_record \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_script \
	tests/fuzz/fuzz_smaps \
	tests/fuzz/fuzz_spool \
	tests/fuzz/fuzz_stat \
	tests/fuzz/fuzz_statm \
	tests/fuzz/fuzz_status \
	tests/fuzz/fuzz_step \
	tests/fuzz/fuzz_summary \
	tests/fuzz/fuzz_sysv \
	tests/fuzz/fuzz_units
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/run

check_LTLIBRARIES += tests/fuzz/libfuzz.la
tests_fuzz_libfuzz_la_SOURCES = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_libfuzz_la_CPPFLAGS = $(AM_CPPFLAGS) -DTESTS=\"$(abs_top_srcdir)/tests\"
if !FUZZING
tests_fuzz_libfuzz_la_SOURCES += tests/fuzz/replay.c
endif
fuzz_libs = tests/fuzz/libfuzz.la plugin/libexact.la plugin/libraypssd.la plugin/libcommon.la \
	lib/libraypss.la @FUZZ_ENGINE@
tests_fuzz_fuzz_block_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_cgroup_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_environ_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_field_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_figures_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_gather_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_identity_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_kmsg_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_layout_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_lines_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_maps_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_mounts_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_options_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_raylet_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_record_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_request_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_script_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_smaps_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_spool_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_stat_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_statm_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_status_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_step_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_summary_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_sysv_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_units_LDADD = $(fuzz_libs)
