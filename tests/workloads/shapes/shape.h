/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all memory shapes have in common: the table, the words exchanged with the test, children
 * that wait for their turn.
 *
 * A shape makes its memory, prints one JSON line on stdout and keeps the memory until it reads a
 * line from stdin or the end of stdin. A shape with several stages repeats that.
 * tests/tool/test_shapes.py has the figures that an accountant must report.
 */
#ifndef WORKLOADS_SHAPES_SHAPE_H
#define WORKLOADS_SHAPES_SHAPE_H

#include <stddef.h>
#include <sys/types.h>

struct shape {
	const char *name;
	const char *imitates; /* the program in the wild, one line for --list */
	void (*run)(void); /* returns when the shape's last stage is over */
};

/* Each table ends with an empty row. */
extern const struct shape private_shapes[];
extern const struct shape process_shapes[];
extern const struct shape shared_shapes[];
extern const struct shape unheld_shapes[];
extern const struct shape file_shapes[];
extern const struct shape kernel_shapes[];
extern const struct shape hugetlb_shapes[];
extern const struct shape handed_shapes[];
extern const struct shape relative_shapes[];

/* Exit status of a shape that this machine cannot have; the JSON line is {"skip": REASON}. */
enum { EXIT_SKIPPED = 77 };

_Noreturn void shape_skip(const char *reason);
/* skip with errno's text appended */
_Noreturn void shape_cannot(const char *action);

/* Prints {} or the object that the format makes, and waits for the test's line. */
void shape_stage(void);
void shape_stage_with(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Anonymous private memory, filled. */
void *shape_private(size_t bytes);
/* An unlinked file on the tmpfs /dev/shm, filled, mapped shared; no descriptor stays open. */
void *shape_store(size_t bytes);
/* A mapping of a descriptor; flags are mmap's. */
void *shape_map(int fd, size_t bytes, int protection, int flags);
/* A memfd of that size, not mapped, filled by write(). */
int shape_memfd(size_t bytes);
/* A new file with a name, filled by write(); returns its open descriptor. */
int shape_file(const char *path, size_t bytes);
/* Sends the descriptor, with one byte of text. */
void shape_send(int socket, int fd);
/* A mount namespace of our own with a file system of that type mounted on /mnt. */
void shape_mount(const char *type, const char *options);

/*
 * Children. A child runs its body, tells its parent that its memory is in place, and waits for the
 * parent's end of the pipe to be closed. So no child outlives its parent.
 */
void children_init(void);
pid_t children_fork(void (*body)(size_t argument), size_t argument);
/* Executes this program again as "shapes --private BYTES", without address space randomisation. */
pid_t children_execute(size_t private_bytes);
/* In a child: tells the parent and waits for its turn; ends the process when the parent ends. */
void child_turn(void);
/* In a child: closes the copy of the parent's end of the pipe. */
void child_begin(void);
/* The parent waits until that many children have told. */
void children_wait(size_t count);
/* The parent lets one child go on. Only a shape with a single child can take turns. */
void children_turn(void);
/* Ends all children and reaps them. */
void children_end(void);

#endif
