/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles that the program carries: the files of layout/profiles/, byte for byte. */
#ifndef OHC_LAYOUT_PROFILES_BUILTIN_H
#define OHC_LAYOUT_PROFILES_BUILTIN_H

#include <stddef.h>

/* The JSON text of a built-in profile and its length, or NULL when there is none of that name. */
const char *ohc_profile_text(const char *name, size_t *ret_n);

#endif
