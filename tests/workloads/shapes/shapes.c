/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory in the shapes in which real programs have it; see shape.h. */
#include "../common.h"
#include "shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct shape *const kinds[] = { private_shapes, process_shapes, shared_shapes,
	unheld_shapes, file_shapes, kernel_shapes, hugetlb_shapes, handed_shapes, relative_shapes };

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static void list(void)
{
	for (size_t i = 0; i < KINDS; i++)
		for (const struct shape *shape = kinds[i]; shape->name; shape++)
			printf("%-20s %s\n", shape->name, shape->imitates);
}

static const struct shape *find(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		for (const struct shape *shape = kinds[i]; shape->name; shape++)
			if (!strcmp(shape->name, name))
				return shape;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct shape *shape;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list();
		return EXIT_SUCCESS;
	}
	if (argc == 3 && !strcmp(argv[1], "--private")) {
		shape_private(strtoul(argv[2], NULL, 10));
		for (;;)
			child_turn();
	}
	if (argc != 2)
		usage_error("one name of a shape is wanted; --list lists them");
	shape = find(argv[1]);
	if (!shape)
		usage_error("%s: no such shape; --list lists them", argv[1]);
	children_init();
	shape->run();
	children_end();
	return EXIT_SUCCESS;
}
