/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens an archive so that it can be read at random: as it is where it is a file, else (a pipe)
 * from a nameless copy of it.  path "-" is standard input; name is what messages call it.
 */
#ifndef OHC_OCI_ARCHIVE_INPUT_H
#define OHC_OCI_ARCHIVE_INPUT_H

#include <stdint.h>

#include "core/error.h"
#include "core/report.h"

/* The caller closes *ret_fd. */
int ohc_archive_input(const char *path, const char *name, struct ohc_report *report, int *ret_fd,
		      uint64_t *ret_size, struct ohc_error *err);

#endif
