/* SPDX-License-Identifier: Apache-2.0 */
/* A source that gives a few bytes at a time, as a network does. */
#ifndef OHC_TESTS_UNIT_DRIBBLE_H
#define OHC_TESTS_UNIT_DRIBBLE_H

#include "core/io.h"

/* Over memory, which must stay: at most step bytes a read.  It cannot seek. */
struct ohc_source *dribble_new(const void *data, size_t n, size_t step);

#endif
