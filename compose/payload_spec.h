/* SPDX-License-Identifier: Apache-2.0 */
/* `--payload SRC[:/TARGET]` (CLI.md): TARGET is what follows the last ":/" that is no "://". */
#ifndef OHC_COMPOSE_PAYLOAD_SPEC_H
#define OHC_COMPOSE_PAYLOAD_SPEC_H

#include "core/error.h"

/* *ret_target is NULL where none was given, else absolute and normalized.  The caller frees both. */
int ohc_payload_spec(const char *spec, char **ret_source, char **ret_target, struct ohc_error *err);

/* "/a//b/./c/" as "/a/b/c".  OHC_E_USAGE: not absolute, "/" itself, or with "..". */
int ohc_prefix_normalize(const char *path, char **ret, struct ohc_error *err);

#endif
