/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file a program gets for a shared library that it is linked with. */
#ifndef RAYPSS_LINKED_LIBRARY_H
#define RAYPSS_LINKED_LIBRARY_H

#include <stddef.h>

/*
 * Finds a library by its name, such as "libslurmfull.so", in what the dynamic linker prints with
 * LD_TRACE_LOADED_OBJECTS (ld.so(8)), a line for each library: "\tNAME => PATH (ADDRESS)". Pure.
 * 0 with its path, or -errno:
 *   -ENOENT        no line has the name
 *   -ELIBACC       the linker does not find the library
 *   -ENAMETOOLONG  the path does not fit
 */
int linked_library_parse(const char *listing, const char *name, char *path, size_t size);

/*
 * The same for a program: the dynamic linker lists the libraries, the program itself does not run.
 * Waits for the linker without a bound. Also -errno of posix_spawn(3) and of reading the list.
 */
int linked_library_find(const char *program, const char *name, char *path, size_t size);

#endif
