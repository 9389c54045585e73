#include "field.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of a job with more steps than fit. */
enum { WORST_STEPS = 10 };

static json_t *text_load(const char *text)
{
	if (!text || !*text)
		return json_object();
	return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

static json_int_t peak_of(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "peak"));
}

struct worst {
	const char *step;
	json_t *entry;
};

/* Memory flags first: they are what is looked for; then by size. */
static int worst_order(const void *a, const void *b)
{
	const struct worst *x = a, *y = b;
	const char *ox = json_string_value(json_object_get(x->entry, "oom"));
	const char *oy = json_string_value(json_object_get(y->entry, "oom"));
	bool fx = ox && strcmp(ox, "none"), fy = oy && strcmp(oy, "none");

	if (fx != fy)
		return fx ? -1 : 1;
	return peak_of(x->entry) > peak_of(y->entry) ? -1 : peak_of(x->entry) < peak_of(y->entry);
}

/* Cuts ours down to the worst steps; "more" says how many were left out so far. */
static int cut(json_t *ours)
{
	json_t *steps = json_object_get(ours, "steps"), *kept = json_object(), *entry;
	json_int_t more = json_integer_value(json_object_get(ours, "more"));
	size_t n = json_object_size(steps), i = 0;
	struct worst *order = calloc(n ? n : 1, sizeof(*order));
	const char *step;

	if (!order || !kept) {
		free(order);
		json_decref(kept);
		return -ENOMEM;
	}
	json_object_foreach (steps, step, entry)
		order[i++] = (struct worst){ step, entry };
	qsort(order, n, sizeof(*order), worst_order);
	for (i = 0; i < n && i < WORST_STEPS; i++)
		json_object_set(kept, order[i].step, order[i].entry);
	if (n > WORST_STEPS)
		json_object_set_new(ours, "more", json_integer(more + (json_int_t)(n - i)));
	free(order);
	return json_object_set_new(ours, "steps", kept) ? -ENOMEM : 0;
}

static size_t text_size(const json_t *value)
{
	return json_dumpb(value, NULL, 0, JSON_COMPACT);
}

/* Ours inside the field, made where it is missing or not what we write. Borrowed. */
static json_t *ours_of(json_t *field)
{
	json_t *ours = json_object_get(field, FIELD_KEY);

	if (!json_is_object(ours) || !json_is_object(json_object_get(ours, "steps"))) {
		ours = json_pack("{s:i, s:{}}", "v", FIELD_VERSION, "steps");
		json_object_set_new(field, FIELD_KEY, ours);
	}
	return ours;
}

int field_merge(const char *text, const json_t *entries, char **merged)
{
	json_t *field = text_load(text), *ours;
	int rc = 0;

	if (!json_is_object(field)) {
		json_decref(field);
		return -EEXIST;
	}
	ours = ours_of(field);
	if (!ours || json_object_update(json_object_get(ours, "steps"), (json_t *)entries))
		rc = -ENOMEM;
	if (rc == 0 && text_size(ours) > FIELD_SIZE)
		rc = cut(ours);
	if (rc == 0 && text_size(ours) > FIELD_SIZE)
		rc = -E2BIG;
	if (rc == 0) {
		*merged = json_dumps(field, JSON_COMPACT);
		rc = *merged ? 0 : -ENOMEM;
	}
	json_decref(field);
	return rc;
}

bool field_holds(const char *text, const json_t *entries)
{
	json_t *field = text_load(text), *steps, *entry;
	const char *step;
	bool holds = true;

	steps = json_object_get(json_object_get(field, FIELD_KEY), "steps");
	json_object_foreach ((json_t *)entries, step, entry)
		if (!json_equal(json_object_get(steps, step), entry))
			holds = false;
	json_decref(field);
	return holds;
}
