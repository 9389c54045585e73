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

fixtures = $(abs_top_srcdir)/tests/fixtures
corpus = $(abs_top_srcdir)/tests/fuzz/corpus
fuzz_sources = tests/fuzz/fuzz.h tests/fuzz/replay.c

tests_fuzz_fuzz_maps_SOURCES = tests/fuzz/fuzz_maps.c $(fuzz_sources)
tests_fuzz_fuzz_maps_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/maps/*:$(fixtures)/*/maps"'
tests_fuzz_fuzz_maps_LDADD = lib/libraypss.la

tests_fuzz_fuzz_options_SOURCES = tests/fuzz/fuzz_options.c $(fuzz_sources)
tests_fuzz_fuzz_options_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/options/*"'
tests_fuzz_fuzz_options_LDADD = plugin/libcommon.la lib/libraypss.la

tests_fuzz_fuzz_smaps_SOURCES = tests/fuzz/fuzz_smaps.c $(fuzz_sources)
tests_fuzz_fuzz_smaps_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/smaps/*:$(fixtures)/*/smaps_rollup:$(fixtures)/*/smaps"'
tests_fuzz_fuzz_smaps_LDADD = lib/libraypss.la

tests_fuzz_fuzz_stat_SOURCES = tests/fuzz/fuzz_stat.c $(fuzz_sources)
tests_fuzz_fuzz_stat_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/stat/*:$(fixtures)/*/stat"'
tests_fuzz_fuzz_stat_LDADD = lib/libraypss.la

tests_fuzz_fuzz_statm_SOURCES = tests/fuzz/fuzz_statm.c $(fuzz_sources)
tests_fuzz_fuzz_statm_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/statm/*:$(fixtures)/*/statm"'
tests_fuzz_fuzz_statm_LDADD = lib/libraypss.la

tests_fuzz_fuzz_status_SOURCES = tests/fuzz/fuzz_status.c $(fuzz_sources)
tests_fuzz_fuzz_status_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/status/*:$(fixtures)/*/status"'
tests_fuzz_fuzz_status_LDADD = lib/libraypss.la

tests_fuzz_fuzz_units_SOURCES = tests/fuzz/fuzz_units.c $(fuzz_sources)
tests_fuzz_fuzz_units_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/units/*"'
tests_fuzz_fuzz_units_LDADD = lib/libraypss.la

tests_fuzz_fuzz_cgroup_SOURCES = tests/fuzz/fuzz_cgroup.c $(fuzz_sources)
tests_fuzz_fuzz_cgroup_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(fixtures)/*/memory.*:$(fixtures)/*/cgroup*:$(fixtures)/*/mountinfo"'
tests_fuzz_fuzz_cgroup_LDADD = lib/libraypss.la

tests_fuzz_fuzz_kmsg_SOURCES = tests/fuzz/fuzz_kmsg.c $(fuzz_sources)
tests_fuzz_fuzz_kmsg_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSEEDS='"$(corpus)/kmsg/*:$(fixtures)/*/kmsg"'
tests_fuzz_fuzz_kmsg_LDADD = lib/libraypss.la
