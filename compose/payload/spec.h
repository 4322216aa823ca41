/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--payload [OS/ARCH=]SRC[:/TARGET]` (CLI.md): TARGET is what follows the last ":/" that is no
 * "://".  SRC is an image when it has a transport ("docker://", "oci:" …) or a host that no
 * directory name has ("localhost:5000/x"), else a directory.
 */
#ifndef OHC_COMPOSE_PAYLOAD_SPEC_H
#define OHC_COMPOSE_PAYLOAD_SPEC_H

#include <stdbool.h>

#include "oci/documents/platform.h"

/* *ret_target is NULL where none was given, else absolute and normalized.
 * The caller frees both. */
int ohc_payload_spec(const char *spec, char **ret_source, char **ret_target, struct ohc_error *err);

/* The spec behind "OS/ARCH=", and the platform; spec itself where there is none. */
const char *ohc_payload_platform(const char *spec, bool *ret_given, struct ohc_platform *ret);

/* Does the source name an image? */
bool ohc_payload_is_image(const char *source);

/* "/a//b/./c/" as "/a/b/c".  OHC_E_USAGE: not absolute, "/" itself, or with "..". */
int ohc_prefix_normalize(const char *path, char **ret, struct ohc_error *err);

#endif
