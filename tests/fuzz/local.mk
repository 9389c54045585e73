# The harnesses over their seeds, with gcc too; each file says how to build it for libFuzzer.
fuzz_tests = \
	tests/fuzz/fuzz_cgroup \
	tests/fuzz/fuzz_kmsg \
	tests/fuzz/fuzz_maps \
	tests/fuzz/fuzz_options \
	tests/fuzz/fuzz_smaps \
	tests/fuzz/fuzz_stat \
	tests/fuzz/fuzz_statm \
	tests/fuzz/fuzz_status \
	tests/fuzz/fuzz_units
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
EXTRA_DIST += tests/fuzz/corpus

# Each harness is one file, which names its seeds, and replay.c runs it.
check_LTLIBRARIES += tests/fuzz/libreplay.la
tests_fuzz_libreplay_la_SOURCES = tests/fuzz/fuzz.h tests/fuzz/replay.c
tests_fuzz_libreplay_la_CPPFLAGS = $(AM_CPPFLAGS) -DTESTS_DIR=\"$(abs_top_srcdir)/tests\"
fuzz_libs = tests/fuzz/libreplay.la plugin/libcommon.la lib/libraypss.la
tests_fuzz_fuzz_cgroup_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_kmsg_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_maps_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_options_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_smaps_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_stat_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_statm_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_status_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_units_LDADD = $(fuzz_libs)
