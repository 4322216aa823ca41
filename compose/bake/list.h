/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the list of images to bake: each has a base, a destination (a template) and push's options.
 *
 *	struct ohc_bake_source source = { .file = "bake.json" };
 *
 *	rc = ohc_bake_list_read(&source, &defaults, &list, err);
 *	... list.v[i].settings.base, list.v[i].where ...
 *	ohc_bake_list_clear(&list);
 *
 * The file is one of:
 *
 *	JSON		{ "payload": …, "dest": …, "images": [ { "base": …, … }, "base" ] }
 *			compose/bake/bake.schema.json; options as in compose/bake/settings.h
 *	names		one base a line; "#" at the start or behind a blank begins a comment
 *	CSV		(RFC 4180) with a line of names, of which `field` is the base's
 *	JSON Lines	an object a line, of which the member `field` is the base; "a.b" is b in a
 *
 * The last three need source.bases; `field` and the first character tell which of them it is.  A
 * base that is listed more than once counts once: data sets name one image in many rows.
 * A byte order mark is passed by.  Everything wrong with a list is OHC_E_FORMAT and names the file,
 * the line and the column; what is seen only later is told by ohc_bake_list_wrong().
 */
#ifndef OHC_COMPOSE_BAKE_LIST_H
#define OHC_COMPOSE_BAKE_LIST_H

#include "compose/bake/settings.h"
#include "core/report.h"

#define OHC_BAKE_LIST_MAX        (256u << 20) /* bytes; data sets have other, long columns */
#define OHC_BAKE_LIST_VALUES_MAX 2000000      /* of JSON: 100,000 images with a dozen options */

struct ohc_bake_source {
	const char *file;  /* "-": standard input */
	bool bases;        /* a list of bases, not bake's own JSON */
	const char *field; /* of CSV or JSON Lines, or NULL */
	struct ohc_report *report;
};

/* Of an image that is composed again (compose/upgrade/upgrade.h). */
struct ohc_bake_again {
	const struct ohc_origin *origin;
	bool keep_base; /* the origin's base, by its digest; settings.base names it for people */
	char *key;      /* all of the origin that the image depends on; for the journal */

	/* The image is left as it is, and why; rc: an error, or 0. */
	char *left;
	int rc;
	bool foreign;      /* nobody said that it would be one that can be composed again */
	uint64_t requests; /* that were made to find all this out */

	void (*free)(struct ohc_bake_again *again);
};

struct ohc_bake_image {
	struct ohc_bake_settings settings;
	bool shares;                  /* its settings but base and dest are the list's */
	char *where;                  /* "line 7, column 1", for messages */
	bool has_dest, has_tags;      /* dest, tags are the list's, not the command line's */
	struct ohc_bake_again *again; /* or NULL */
};

struct ohc_bake_list {
	char *what; /* "list 'bases.csv'", or NULL: no file */
	struct ohc_bake_image *v;
	size_t n;
	struct ohc_bake_settings **shared; /* that images have, each once */
	size_t n_shared;
	size_t repeated; /* rows whose base was there already */
	bool again;      /* images that are composed again; those of other shards are not read */
};

/* defaults are the command line's.  *ret must be zero; the caller clears it also after a failure.
 */
int ohc_bake_list_read(const struct ohc_bake_source *source,
		       const struct ohc_bake_settings *defaults, struct ohc_bake_list *ret,
		       struct ohc_error *err);
void ohc_bake_list_clear(struct ohc_bake_list *list);

/* Adds where an image stands to what *err says is wrong with it.  In a list that was read bad usage
 * is OHC_E_FORMAT, as every fault of a list; a file that is not there stays what it is.  Returns
 * its code. */
int ohc_bake_list_wrong(const struct ohc_bake_list *list, const struct ohc_bake_image *image,
			int rc, struct ohc_error *err);

#endif
