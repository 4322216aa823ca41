/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as the image documents use it, and the one door to jansson: everything else includes this.
 * Documents stay json_t objects, so that fields nobody here knows survive every edit and keep their
 * order.
 *
 * Parsing is strict: UTF-8, no duplicate keys (two readers would disagree on what a digest covers),
 * a bounded depth and number of values, nothing behind the document.  A message names `what`, line
 * and column.
 */
#ifndef OHC_OCI_DOCUMENTS_JSON_H
#define OHC_OCI_DOCUMENTS_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "core/alloc.h"
#include "core/error.h"
#include "core/strv.h"

/* A value of two bytes of text may take 240 bytes of memory, so a document within its limit of
 * bytes could still take a gigabyte. */
#define OHC_JSON_VALUES_MAX 150000

/* Frees (or un-references) a json_t *; for ohc_cleanup(ohc_json_decref). */
void ohc_json_decref(json_t **j);

/* Parses a document, which must be an object; the caller decrefs it. */
int ohc_json_parse(const void *bytes, size_t n, const char *what, json_t **ret,
		   struct ohc_error *err);

/* The same for a document that may have so many values. */
int ohc_json_parse_long(const void *bytes, size_t n, size_t max, const char *what, json_t **ret,
			struct ohc_error *err);

/* The same as the first for a line of a file that has one in each: a message gives that line, and
 * the column. */
int ohc_json_parse_line(const void *bytes, size_t n, const char *what, size_t line, json_t **ret,
			struct ohc_error *err);

/* The same for a document with secrets: a message gives line and column, but none of the text. */
int ohc_json_parse_secret(const void *bytes, size_t n, const char *what, json_t **ret,
			  struct ohc_error *err);

/* As the first for a document that must be an array of objects. */
int ohc_json_parse_list(const void *bytes, size_t n, const char *what, json_t **ret,
			struct ohc_error *err);

/* Could a reader that takes at most max bytes read this document?  Asked before anything is written
 * that we could not read again: OHC_E_UNSUPPORTED, naming `what`. */
int ohc_json_check_text(const char *text, size_t n, size_t max, const char *what,
			struct ohc_error *err);

/* Writes a document without spaces, members in the order of insertion; the caller frees it.  The
 * same document gives the same bytes, on every machine. */
char *ohc_json_text(const json_t *doc);

/* The same with sorted keys, so that equal documents give equal texts (RFC 8785, of which only the
 * case of hex digits in escapes differs). */
char *ohc_json_canonical(const json_t *doc);

/* Makes a string value of any text: a byte that is not UTF-8, which JSON cannot hold, becomes
 * "\xff". */
json_t *ohc_json_text_value(const char *text);

/* Makes an array of such values; NULL gives an empty one. */
json_t *ohc_json_texts(const struct ohc_strv *list);

/* Sets a member to text that was typed: OHC_E_USAGE naming `what` when it is not UTF-8. */
int ohc_json_set_text(json_t *obj, const char *key, const char *text, const char *what,
		      struct ohc_error *err);

/* The members' values: *ret is NULL (or left) when the member is absent or null; a value of another
 * type is OHC_E_FORMAT naming `what` and the key.  Borrowed from obj. */
int ohc_json_string(const json_t *obj, const char *key, const char *what, const char **ret,
		    struct ohc_error *err);
int ohc_json_object(const json_t *obj, const char *key, const char *what, json_t **ret,
		    struct ohc_error *err);
int ohc_json_array(const json_t *obj, const char *key, const char *what, json_t **ret,
		   struct ohc_error *err);

/* Has obj a member of another spelling, as "Layers" for "layers"?  Go's tools take it for the
 * other, and two readers would disagree on what a document refers to: OHC_E_FORMAT.  keys ends with
 * NULL.
 */
int ohc_json_check_spelling(const json_t *obj, const char *const *keys, const char *what,
			    struct ohc_error *err);

/* The member, which is an object; it is made when it is absent or null.  Borrowed. */
json_t *ohc_json_make_object(json_t *obj, const char *key);

#endif
