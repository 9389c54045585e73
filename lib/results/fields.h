/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the record's fields. One row says how a field is called, which unit it has, where
 * its value comes from and where else it is shown. The JSON record, the live file, the summary of
 * raypss run, raypss report and the reader of records all walk this table, and tests/docs compares
 * it with doc/record.schema.json and raypss(1). A new figure is a member of a struct and a row here.
 */
#ifndef RAYPSS_FIELDS_H
#define RAYPSS_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "account/account.h"
#include "results/step_info.h"

#define RECORD_SCHEMA 2

/* What a field's value is computed from. */
struct record {
	const struct step_info *info;
	const struct account *account;
	const struct sample
		*sample; /* the look that is shown: of a record the peak, else the last */
	const json_t *host; /* NULL = not known */
};

enum field_unit {
	FIELD_OTHER, /* no figure: a text, list or object, written by the row's printer */
	FIELD_BYTES,
	FIELD_COUNT,
	FIELD_EPOCH_S, /* integer seconds since the epoch */
	FIELD_EPOCH_MS, /* the next four are seconds in JSON */
	FIELD_NS, /* shown in milliseconds' resolution */
	FIELD_US,
	FIELD_CPU_NS, /* shown in microseconds' resolution */
	FIELD_HUNDREDTHS, /* a ratio, times 100 */
	FIELD_FLAG, /* 0 or 1, true or false in JSON */
	FIELD_WORD, /* a small number with a text, which the row's word() knows */
	FIELD_WORD_OR_FALSE, /* the same, but 0 is false in JSON, and true is read as 1 */
	FIELD_SIGNAL, /* a signal's number, its name in JSON */
};

enum field_home { IN_ACCOUNT, IN_SAMPLE, IN_INFO };

struct field {
	const char *name; /* "limit"; "peak.private" is private in the object peak */
	enum field_unit unit;

	/* Where the value is: in a member of one of the structs, or computed, or printed. */
	enum field_home home;
	size_t at; /* the member's offset */
	size_t size; /* of the member: 1, 4 or 8 bytes, unsigned; 0 = there is none */
	uint64_t (*figure)(const struct record *r); /* UNKNOWN = not known */
	json_t *(*print)(const struct record *r); /* a new reference */

	const char *(*word)(uint64_t value); /* of the words: its text, NULL behind the last */

	size_t kept; /* offset of the uint64_t in struct job_node that has it, 0 = none */
	const char *live; /* its key in the live file, NULL = not there */
	const char *summary; /* its line in the summary of raypss run, NULL = not there */
};

/* The rows, in the order of the JSON record; behind the last is one without a name. */
extern const struct field fields[];

/* The row of that name, or NULL. */
const struct field *field_find(const char *name);

/* The value of a row with a unit. UNKNOWN = not known. */
uint64_t field_figure(const struct field *f, const struct record *r);

/* JSON of a value in the row's unit, a new reference; UNKNOWN becomes null. */
json_t *field_json(const struct field *f, uint64_t value);

/* The value that JSON tells in the row's unit; UNKNOWN for null and what has another type. */
uint64_t field_read(const struct field *f, const json_t *value);

/*
 * The member with a name such as "peak.private" of an object: set (value is taken over; the inner
 * object is made where it is missing), and borrowed.
 */
void field_set(json_t *object, const char *name, json_t *value);
json_t *field_get(const json_t *object, const char *name);

/*
 * The value for people: "1.21 GiB", "12", or "unknown". Bytes are in the unit that like bytes would
 * have, so that a table has one unit; UNKNOWN: in their own. Returns buf.
 */
enum { FIELD_TEXT = 32 };
char *field_text(const struct field *f, uint64_t value, uint64_t like, char buf[FIELD_TEXT]);

#endif
