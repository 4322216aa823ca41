/* SPDX-License-Identifier: Apache-2.0 */
/* Names inside an archive, as text; the caller frees them.  NULL: the name leads out of it. */
#ifndef OHC_OCI_ARCHIVE_PATH_H
#define OHC_OCI_ARCHIVE_PATH_H

/* The name of an entry without "./" and double slashes; ".." leads out. */
char *ohc_archive_path(const char *path);

/* Where a symlink at path points: its target counts from its own directory, and ".." may go up as
 * far as the archive's root. */
char *ohc_archive_link(const char *path, const char *target);

#endif
