/* SPDX-License-Identifier: Apache-2.0 */
/* The names in a directory, in the order that makes a walk bytewise: as if every directory's name
 * ended in '/', so that "a-b" comes before "a/" and everything in it, as in the tar. */
#ifndef OHC_CORE_DIR_NAMES_H
#define OHC_CORE_DIR_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct ohc_dir_name {
	char *name;
	bool is_dir;
};

struct ohc_dir_names {
	struct ohc_dir_name *v;
	size_t n;
};

/* fd stays the caller's; path is for messages. */
int ohc_dir_names_read(int fd, const char *path, struct ohc_dir_names *ret, struct ohc_error *err);
void ohc_dir_names_clear(struct ohc_dir_names *names);

#endif
