/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic links on the way to a file that will be written, followed by hand so that the file
 * behind them can be replaced in one step.
 *
 *	rc = ohc_link_follow("/tmp/digest", &real, err);	the caller frees real
 *
 * In a directory where everybody may make names (/tmp) somebody else's link could lead to a file of
 * ours, and somebody else's pipe could take what was meant for us.  There they are refused by the
 * kernel's own rule (fs.protected_symlinks, proc_sys_fs(5)), whether it is switched on or not: the
 * directory is sticky and writable for all, and the name belongs neither to us nor to the
 * directory's owner.
 */
#ifndef OHC_CORE_LINK_H
#define OHC_CORE_LINK_H

#include <stdbool.h>

#include "core/error.h"

/* The path that open(2) would come to, or make a file at where a link leads to nothing.  Links of
 * /proc, which are more than their text, are not followed. */
int ohc_link_follow(const char *path, char **ret, struct ohc_error *err);

/* Do both paths lead to one regular file, be it there or not yet? */
bool ohc_link_same(const char *a, const char *b);

#endif
