/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libarchive that are used here; it is loaded with the first tar (core/late.h). */
#ifndef OHC_OCI_TAR_LIBARCHIVE_H
#define OHC_OCI_TAR_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#include "core/error.h"

#define OHC_LIBARCHIVE_FUNCTIONS(X)  \
	X(entry_acl_next)            \
	X(entry_acl_reset)           \
	X(entry_clear)               \
	X(entry_copy_hardlink)       \
	X(entry_copy_pathname)       \
	X(entry_copy_symlink)        \
	X(entry_free)                \
	X(entry_gid)                 \
	X(entry_hardlink)            \
	X(entry_mode)                \
	X(entry_mtime)               \
	X(entry_new)                 \
	X(entry_pathname)            \
	X(entry_rdevmajor)           \
	X(entry_rdevminor)           \
	X(entry_set_gid)             \
	X(entry_set_mode)            \
	X(entry_set_mtime)           \
	X(entry_set_rdev)            \
	X(entry_set_size)            \
	X(entry_set_uid)             \
	X(entry_size)                \
	X(entry_sparse_count)        \
	X(entry_symlink)             \
	X(entry_uid)                 \
	X(entry_xattr_add_entry)     \
	X(entry_xattr_next)          \
	X(entry_xattr_reset)         \
	X(error_string)              \
	X(filter_bytes)              \
	X(read_append_filter)        \
	X(read_data)                 \
	X(read_data_skip)            \
	X(read_free)                 \
	X(read_new)                  \
	X(read_next_header)          \
	X(read_open)                 \
	X(read_open2)                \
	X(read_support_format_raw)   \
	X(read_support_format_tar)   \
	X(set_error)                 \
	X(write_close)               \
	X(write_data)                \
	X(write_free)                \
	X(write_header)              \
	X(write_new)                 \
	X(write_open)                \
	X(write_set_bytes_per_block) \
	X(write_set_format_option)   \
	X(write_set_format_pax_restricted)

struct ohc_libarchive {
#define OHC_X(f) __typeof__(archive_##f) *f;
	OHC_LIBARCHIVE_FUNCTIONS(OHC_X)
#undef OHC_X
};

extern struct ohc_libarchive ohc_libarchive;

/* Makes libarchive ready for use.  OHC_E_UNSUPPORTED: there is none. */
int ohc_libarchive_load(struct ohc_error *err);

#endif
