/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a JSON file that people write (a profile) into a struct, by tables: each member has a
 * reader, which stores the value at an offset, and a member that no table knows is an error (a
 * misspelt one would be silently without effect).
 *
 *	static const struct ohc_json_member members[] = {
 *		{ "name", ohc_json_member_text, offsetof(struct ohc_profile, name) },
 *		…
 *	};
 *
 *	struct ohc_reader r = { .base = &profile, .what = "profile 'x.json'", .err = err };
 *	rc = ohc_json_members_read(&r, doc, "", members, OHC_ARRAY_SIZE(members));
 *
 * Every fault is OHC_E_FORMAT and names the file and the path to the member ("'config.env'"), and
 * where the reader has the text, line and column.  Values that were read before a fault stay in the
 * struct, and the caller clears it.
 */
#ifndef OHC_OCI_DOCUMENTS_JSON_MEMBERS_H
#define OHC_OCI_DOCUMENTS_JSON_MEMBERS_H

#include <stdbool.h>

#include "oci/documents/json.h"

struct ohc_reader {
	void *base;       /* the struct that is filled */
	const char *what; /* the file, for messages */
	struct ohc_error *err;
	const char *text; /* of the file, where messages are to tell line and column; or NULL */
	size_t n_text;
	bool exact; /* null is an error, too */
};

struct ohc_json_member {
	const char *key;
	int (*read)(struct ohc_reader *r, json_t *v, const char *path, void *to);
	size_t offset; /* of what `to` points at, from base */
};

/* Reads obj, which must be an object.  null counts as absent, except for exact readers.  path is ""
 * for the document itself. */
int ohc_json_members_read(struct ohc_reader *r, json_t *obj, const char *path,
			  const struct ohc_json_member *members, size_t n);

/* Fails: "FILE: PATH why", or "FILE: line 3, column 7: PATH why". */
int ohc_json_member_wrong(const struct ohc_reader *r, const char *path, const char *why);

int ohc_json_member_text(struct ohc_reader *r, json_t *v, const char *path, void *to); /* char * */
int ohc_json_member_bool(struct ohc_reader *r, json_t *v, const char *path, void *to); /* bool */
int ohc_json_member_id(struct ohc_reader *r, json_t *v, const char *path, void *to); /* uint32_t */
int ohc_json_member_texts(struct ohc_reader *r, json_t *v, const char *path,
			  void *to); /* ohc_strv */

/* An object of strings, as KEY=VALUE: struct ohc_strv. */
int ohc_json_member_assignments(struct ohc_reader *r, json_t *v, const char *path, void *to);

/* An array of strings, kept as its JSON text: char *. */
int ohc_json_member_command(struct ohc_reader *r, json_t *v, const char *path, void *to);

/* Absolute paths that are normal (core/path.h): char *, and struct ohc_strv without "/". */
int ohc_json_member_path(struct ohc_reader *r, json_t *v, const char *path, void *to);
int ohc_json_member_paths(struct ohc_reader *r, json_t *v, const char *path, void *to);

#endif
