/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher programs (layout/launcher/) that this program carries, one for each architecture. */
#ifndef OHC_LAYOUT_LAUNCHER_BINARY_H
#define OHC_LAYOUT_LAUNCHER_BINARY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* arch as image configs have it: "amd64", "arm64".  The bytes are static.  OHC_E_UNSUPPORTED where
 * there is none, because no compiler for it was found when this program was built or the
 * architecture is not supported. */
int ohc_launcher_binary(const char *arch, const void **ret, size_t *ret_n, struct ohc_error *err);

/* The library that takes LD_LIBRARY_PATH away from what PyInstaller's programs start
 * (layout/launcher/program/frozen.c), the same way; false where there is none. */
#define OHC_LAUNCHER_FROZEN "libohc-frozen.so"
bool ohc_launcher_frozen(const char *arch, const void **ret, size_t *ret_n);

#endif
