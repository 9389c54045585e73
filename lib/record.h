/* The record of a step on a node, as JSON. Its fields are described in raypss(1). */
#ifndef RAYPSS_RECORD_H
#define RAYPSS_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "account.h"
#include "verdict.h"

#define RECORD_SCHEMA 1

enum { STEP_SIZE = 32, NODE_SIZE = 256 };

/* Which step this is, and how it ended. */
struct record_facts {
	bool in_slurm; /* otherwise job, restart, step and node are null */
	uint32_t job;
	uint32_t restart;
	char step[STEP_SIZE];
	char node[NODE_SIZE];
	uint32_t nodes; /* of the step */
	uid_t uid;

	bool corrected; /* Slurm's MaxRSS of this step is from PSS */
	bool kill_on_limit; /* OverMemoryKill */
	bool with_series;

	bool ended;
	bool signalled; /* at least one task was ended by a signal */
	int status; /* highest exit status of a task, or the signal */
	int64_t ended_s; /* CLOCK_REALTIME */
};

enum verdict record_verdict(const struct record_facts *facts, const struct account *account);

/* A new reference, or NULL when out of memory. host may be NULL. */
json_t *record_json(const struct record_facts *facts, const struct account *account, json_t *host);

/*
 * The step's entry in the job field that sacct shows:
 * {"nodes":N,"reported":1,"peak":..,"limit":..,"rss":..,"store":..,"oom":".."}.
 */
json_t *record_entry(const struct record_facts *facts, const struct account *account);

/* One line for people about the step's memory, without newline. Returns buf. */
char *record_line(const struct record_facts *facts, const struct account *account, char *buf,
	size_t size);

#endif
