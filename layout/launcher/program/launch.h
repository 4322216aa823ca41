/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher: a program of a few kilobytes that starts another one of the same payload, on a base
 * that has no shell and no C library (ohcompose-launchers(5)).  It is one file under many names,
 * and the name it is started by says what to do:
 *
 *	start.c		gets the kernel's stack, and calls
 *	main.c		which reads the line of its name from PREFIX/etc/launchers, and executes
 *	self.c		which file am I?  its name, and the prefix two levels up
 *	env.c		the environment: without what the payload's programs added to LD_*, then
 *			setting by setting
 *	text.c		strings, memory, the message that ends it
 *
 * There is no C library, no data segment and nothing to relocate: all memory is one mapping that is
 * made at the start and never given back, as the program is gone after a few system calls.
 */
#ifndef OHC_LAYOUT_LAUNCHER_PROGRAM_LAUNCH_H
#define OHC_LAYOUT_LAUNCHER_PROGRAM_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "layout/launcher/line.h"

#define PATH_SIZE    4096
#define MAX_SETTINGS 1024

enum { CANNOT = 126, NOT_FOUND = 127 }; /* as a shell's exit status has it */

struct launch {
	int argc;
	const char *const *argv; /* the caller's */
	const char *name;        /* of this launcher */
	const char *prefix;      /* without a '/' at its end: "" for the root */
	const char *config;      /* PREFIX/etc/launchers */
	const char **env;        /* the program's; ends with a NULL */
	size_t n_env, max_env;
	char *at, *end; /* the memory that is left */
};

int launch(const long *stack);

/* text.c */
size_t length(const char *s);
bool same(const char *a, const char *b, size_t n); /* a's first n bytes are b, and all of it */
void *take(struct launch *l, size_t n);            /* aligned for pointers */
char *join(struct launch *l, const char *a, const char *b);
char *copy(struct launch *l, const char *s, size_t n);

/* "NAME: cannot start", then the parts up to the first NULL, to standard error.  Ends. */
_Noreturn void fail(const struct launch *l, int status, const char *a, const char *b, const char *c,
		    const char *d);
const char *reason(long error); /* an errno's text */

/* self.c */
void find_self(struct launch *l, const char *execfn);
const char *last(const char *path); /* its last component */

/* env.c */
void env_init(struct launch *l, const char *const *envp);
void env_apply(struct launch *l, const struct ohc_setting *s, const char *value);

#endif
