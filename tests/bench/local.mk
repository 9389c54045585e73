# SPDX-License-Identifier: GPL-2.0-or-later
# What accounting costs; tests/bench/run makes the table.
check_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/passes.c \
	tests/bench/passes.h
tests_bench_bench_LDADD = lib/libraypss.la $(JANSSON_LIBS)

EXTRA_DIST += \
	tests/bench/accuracy.py \
	tests/bench/daemon \
	tests/bench/harm \
	tests/bench/limits.py \
	tests/bench/measure.py \
	tests/bench/nodes \
	tests/bench/pace \
	tests/bench/picture.py \
	tests/bench/polls \
	tests/bench/rig.py \
	tests/bench/run \
	tests/bench/single.py \
	tests/bench/usepss
