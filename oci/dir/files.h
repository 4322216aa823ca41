/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a layout directory besides its blobs: oci-layout, which makes a directory a layout,
 * and index.json.  Locks are the caller's (visit.h).
 */
#ifndef OHC_OCI_DIR_FILES_H
#define OHC_OCI_DIR_FILES_H

#include <stdbool.h>

#include "oci/documents/json.h"

/* The bytes of the oci-layout file that we write. */
#define OHC_LAYOUT_MARKER "{\"imageLayoutVersion\":\"1.0.0\"}"

/* Is this the oci-layout file of a version that we know (image-layout.md, "oci-layout file")?  what
 * is for messages. */
int ohc_dir_check_marker(const void *bytes, size_t n, const char *what, struct ohc_error *err);

/* 1 when dir is a layout, 0 when it has no oci-layout file, or a code. */
int ohc_dir_is(const char *dir, struct ohc_error *err);

/* The error to return when ohc_dir_is() returned 0. */
int ohc_dir_is_none(const char *dir, struct ohc_error *err);

/* May a layout be made in dir?  It may in an empty directory, in one that a killed writer left half
 * made, where nothing is, and where a layout is already.  Another user's link is not followed
 * (core/link.h). */
int ohc_dir_may_make(const char *dir, struct ohc_error *err);

/* mkdir -p that remembers where it began: *made is the topmost directory that it made, unless it
 * was set before.  The caller frees it. */
int ohc_dir_make_dirs(const char *dir, char **made, struct ohc_error *err);

/* Removes dir and the directories above it, up to made, as long as they are empty. */
void ohc_dir_unmake_dirs(const char *dir, const char *made);

/* Makes dir a layout: index.json before oci-layout, so that index.json is there for everybody who
 * sees oci-layout. *ret_created tells whether there was no index.json yet. */
int ohc_dir_make(const char *dir, bool *ret_created, struct ohc_error *err);

/* Removes a layout without blobs, but not its directory. */
void ohc_dir_unmake(const char *dir);

/* Reads index.json.  With may_be_absent, a missing one is read as an empty one. */
int ohc_dir_index_read(const char *dir, bool may_be_absent, json_t **ret, struct ohc_error *err);

/* Replaces index.json, once the blobs that it may refer to are synced.  An index that could not be
 * read again is refused, and the old one stays. */
int ohc_dir_index_write(const char *dir, const json_t *index, struct ohc_error *err);

#endif
