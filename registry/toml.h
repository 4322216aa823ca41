/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of TOML 1.0 as configuration files of container tools use, read into JSON: tables, arrays
 * of tables, bare, quoted and dotted keys, basic and literal strings of one line, integers,
 * booleans, arrays (over several lines) and inline tables.  Multi-line strings, floats and dates
 * are refused; a message names file and line.
 */
#ifndef OHC_REGISTRY_TOML_H
#define OHC_REGISTRY_TOML_H

#include "oci/documents/json.h"

int ohc_toml_parse(const char *text, const char *what, json_t **ret, struct ohc_error *err);

#endif
