/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the checks. */
#ifndef OHC_LAYOUT_CHECK_CHECK_INTERNAL_H
#define OHC_LAYOUT_CHECK_CHECK_INTERNAL_H

#include "core/alloc.h"
#include "layout/account/user.h"
#include "layout/check/check.h"
#include "layout/check/env_line.h"
#include "layout/loader/loader.h"

/* The code for something that could not be looked at, which never counts as good. */
#define OHC_CHECK_UNKNOWN "unknown"

/* The message for a program whose own data has something put behind it. */
#define OHC_CHECK_BURIED                                                                       \
	"has data of its own that no longer ends the file, as an ELF editor put a segment "    \
	"behind it: a program that looks for it from its end does not find it; pack the file " \
	"as it was before"

/* Is the path a target, or below one? */
bool ohc_check_is_ours(const struct ohc_check *c, const char *path);

/* A value of the image's env; "" where there is none. */
const char *ohc_check_env_value(const struct ohc_check *c, const char *name);

/* Makes a loader that looks for libraries as one in the image would, also by the image's
 * LD_LIBRARY_PATH, without the directories in it that lead into a payload with launchers, because
 * launchers remove them.  The caller frees it. */
int ohc_check_loader(const struct ohc_check *c, struct ohc_loader **ret, struct ohc_error *err);

/* The inner config's member, of the image or (base) of its base: NULL where it is not there. */
const json_t *ohc_check_member(const json_t *config, const char *name);
const char *ohc_check_text(const json_t *config, const char *name); /* "" */

/* The user that the image runs as.  The caller clears *ret. */
int ohc_check_read_user(const struct ohc_check *c, struct ohc_user *ret, struct ohc_error *err);

/* Do the mode bits let the user do it? want is of R_OK, W_OK, X_OK. */
bool ohc_check_user_may(const struct ohc_user *u, const struct ohc_files_node *node, int want);

/* The same for a path, with all directories on the way to it: 1, 0 (also where there is no such
 * file), or a code.  path is as ohc_files_find() gave it. */
int ohc_check_may(const struct ohc_check *c, const struct ohc_user *u, const char *path, int want,
		  struct ohc_error *err);

/* The first word of what the image starts, or NULL. */
const char *ohc_check_first_word(const struct ohc_check *c);

/* Finds the program that a name means, as execvp() does with the image's PATH and working
 * directory.  place->found is OHC_FILES_ABSENT where there is none; 0 or a code. */
int ohc_check_find_program(const struct ohc_check *c, const char *name,
			   struct ohc_files_place *place, struct ohc_error *err);

/* The same by another PATH; NULL: the image's. */
int ohc_check_find_program_in(const struct ohc_check *c, const char *name, const char *path,
			      struct ohc_files_place *place, struct ohc_error *err);

/* Is what was found by a name a regular file, so that it may be started? */
bool ohc_check_is_file(const char *name, const struct ohc_files_place *place);

/* May a path that is not there lie in a payload whose layers were not read?  1, 0 or a code. */
int ohc_check_is_unread(const struct ohc_check *c, const char *path, struct ohc_error *err);

/* The first line of a script; env is of `#!/usr/bin/env NAME`. */
struct ohc_script {
	char *interpreter;
	struct ohc_env_line env;
};

/* Reads it: 1; 0 where the file is no script; or a code.  The caller clears *ret. */
int ohc_check_script(const struct ohc_check *c, const struct ohc_files_place *place,
		     struct ohc_script *ret, struct ohc_error *err);
void ohc_check_script_clear(struct ohc_script *s);

/* Is the ELF file for another architecture than the image? */
bool ohc_check_is_foreign(const struct ohc_check *c, const struct ohc_elf *elf);

/* Says which part of a script's first line is missing ("is a script for 'x', which is not in the
 * image"), or NULL.  The caller frees it. */
int ohc_check_script_lacks(const struct ohc_check *c, const struct ohc_files_place *place,
			   char **ret, struct ohc_error *err);

/* Finds what a launcher at that path starts.  1: *ret is a path in the image, which the caller
 * frees; 0: it is no launcher, or its arguments decide; or a code. */
int ohc_check_launched(const struct ohc_check *c, const char *path, char **ret,
		       struct ohc_error *err);

#endif
