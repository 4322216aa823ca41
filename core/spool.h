/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A temporary file for what must be seen twice and can be read only once (an archive that comes
 * through a pipe): it has no name, and lies in $TMPDIR or /var/tmp (which, unlike /tmp, is seldom
 * memory).  It goes when it is closed, however the process ends.
 */
#ifndef OHC_CORE_SPOOL_H
#define OHC_CORE_SPOOL_H

#include "core/error.h"

/* *ret_fd is open for reading and writing; the caller closes it. */
int ohc_spool_open(int *ret_fd, struct ohc_error *err);

/* "/var/tmp", for messages. */
const char *ohc_spool_dir(void);

#endif
