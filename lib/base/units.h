/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Units and clocks; words that people write for durations, sizes, percentages and signals, and back.
 * libc only.
 */
#ifndef RAYPSS_UNITS_H
#define RAYPSS_UNITS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL
#define KIB 1024ULL
#define MIB (1024ULL * KIB)
#define GIB (1024ULL * MIB)

/* Of st_blocks and stx_blocks, whatever the file system's own block size: stat(2), statx(2). */
#define STAT_BLOCK 512ULL

/* What each parser takes, for error messages. */
#define DURATION_ALLOWED "a number with ms, s, m or h, such as 50ms or 1s"
#define SIZE_ALLOWED                                                                               \
	"a number with an optional K, M, G or T (powers of 1024; Gi, GB and GiB mean G), such as " \
	"512M"
#define PERCENT_ALLOWED "a percentage from 0% to 100%, such as 1%"

/*
 * "50ms", "1s", "1.5s", "2m", "1h" -> nanoseconds. 0, -EINVAL (also for negative, no unit), or -ERANGE
 * if no uint64_t holds it.
 */
int duration_parse(const char *text, uint64_t *ns);

/* The same from least to most. -ERANGE below or above: *ns is untouched. */
int duration_parse_within(const char *text, uint64_t least, uint64_t most, uint64_t *ns);

/* "1073741824", "512M", "1.5G" (powers of 1024, also with i, B or iB) -> bytes. 0, -EINVAL or -ERANGE. */
int size_parse(const char *text, uint64_t *bytes);

/* "1%", "0.5%" -> 0.01, 0.005. 0 or -EINVAL. */
int percent_parse(const char *text, double *fraction);

/* "USR1", "SIGUSR1" or "10" -> 10. 0 or -EINVAL. */
int signal_parse(const char *text, int *signo);

/* The short name ("USR1") of a signal, or NULL where there is none. */
const char *signal_name(int signo);

/* Room for the text of size_format and size_format_like, with its NUL. */
#define SIZE_TEXT 32

/* Bytes for people, three significant digits or more: "494 MiB", "1000 MiB", "1.21 GiB". Returns buf. */
char *size_format(uint64_t bytes, char buf[SIZE_TEXT]);

/* The same in the unit that the size "like" would have, so that sizes of one line compare: "0.02 GiB". */
char *size_format_like(uint64_t bytes, uint64_t like, char buf[SIZE_TEXT]);

struct timespec timespec_of(uint64_t ns);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t monotonic_ns(void);

/* CPU time of the calling thread, and of the whole program. */
uint64_t thread_cpu_ns(void);
uint64_t program_cpu_ns(void);

#endif
