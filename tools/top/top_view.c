/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/top/top_view.h"

#include <stdlib.h>

#include "results/figure.h"

void top_views_clear(struct top_views *views)
{
	for (size_t i = 0; i < views->n; i++) {
		json_decref(views->list[i].top);
		json_decref(views->list[i].tasks);
	}
	free(views->list);
	*views = (struct top_views){ 0 };
}

json_t *top_view_json(const struct top_view *v)
{
	const struct live_name *name = &v->step.name;
	json_t *object = live_json(&v->step.figures);

	json_object_set_new(object, "pid", v->pid ? json_integer(v->pid) : json_null());
	json_object_set_new(object, "job", v->pid ? json_null() : json_integer(name->job));
	json_object_set_new(object, "step", v->pid ? json_null() : json_string(name->step));
	json_object_set_new(object, "node", v->pid ? json_null() : json_string(name->node));
	json_object_set_new(object, "user", v->pid ? json_null() : json_string(v->step.user));
	json_object_set_new(object, "age_ms", figure_json(v->step.age_ms));
	json_object_set_new(object, "unreadable", figure_json(v->unreadable));
	json_object_set_new(
		object, "lists_at", v->lists_s ? json_integer(v->lists_s) : json_null());
	json_object_set(object, "top", v->top ? v->top : json_null());
	json_object_set(object, "tasks", v->tasks ? v->tasks : json_null());
	return object;
}
