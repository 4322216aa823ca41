/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of a file as a source: bytes [start, start + len) of fd, which stays the caller's and must
 * stay open as long.  It does not move the file's own position, so any number of them can be read
 * at a time, from any thread.  It can seek.  A file that ends early gives OHC_E_FORMAT.
 */
#ifndef OHC_CORE_RANGE_H
#define OHC_CORE_RANGE_H

#include "core/io.h"

/* name is for messages. */
struct ohc_source *ohc_range_source(int fd, uint64_t start, uint64_t len, const char *name);

#endif
