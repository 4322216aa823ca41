/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removes a directory of our own with everything in it, whatever its modes are; symbolic links are
 * not followed, other file systems not entered.  What cannot be removed stays.
 *
 *	ohc_remove_tree(path);
 */
#ifndef OHC_CORE_REMOVE_H
#define OHC_CORE_REMOVE_H

void ohc_remove_tree(const char *path);

#endif
