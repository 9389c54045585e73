/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that people write for durations, sizes, percentages and signals, and back. libc only. */
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

/* What each parser takes, for error messages. */
#define DURATION_ALLOWED "a number with ms, s, m or h, such as 50ms or 1s"
#define SIZE_ALLOWED "a number with an optional K, M, G or T, such as 512M"
#define PERCENT_ALLOWED "a percentage from 0% to 100%, such as 1%"

/* "50ms", "1s", "1.5s", "2m", "1h" -> nanoseconds. 0 or -EINVAL (also for negative, no unit). */
int duration_parse(const char *text, uint64_t *ns);

/* "1073741824", "512M", "1.5G" (powers of 1024, optional iB or B) -> bytes. 0 or -EINVAL. */
int size_parse(const char *text, uint64_t *bytes);

/* "1%", "0.5%" -> 0.01, 0.005. 0 or -EINVAL. */
int percent_parse(const char *text, double *fraction);

/* "USR1", "SIGUSR1" or "10" -> 10. 0 or -EINVAL. */
int signal_parse(const char *text, int *signo);

/* The short name ("USR1") of a signal, or NULL where there is none. */
const char *signal_name(int signo);

/* Longest text of size_format with its NUL. */
#define SIZE_TEXT 16

/* Bytes for people, three significant digits or more: "494 MiB", "1000 MiB", "1.21 GiB". Returns buf. */
char *size_format(uint64_t bytes, char buf[SIZE_TEXT]);

struct timespec timespec_of(uint64_t ns);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t monotonic_ns(void);

/* CPU time of the calling thread, and of the whole program. */
uint64_t thread_cpu_ns(void);
uint64_t program_cpu_ns(void);

#endif
