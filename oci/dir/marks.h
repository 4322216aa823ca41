/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks what is in use in a layout directory: every digest that an entry of index.json leads to,
 * through indexes, manifests and whatever else they name.  The caller has the layout to itself
 * (visit.h).
 *
 *	struct ohc_dir_marks marks = { .dir = dir, .report = report };
 *
 *	rc = ohc_dir_marks_make(&marks, err);
 *	... ohc_dir_marks_has(&marks, digest) ...
 *	ohc_dir_marks_clear(&marks);			also after a failure
 *
 * A subject is no reference: an artifact about an image does not keep the image.  The other way
 * round an entry without a name leads nowhere once nothing else leads to its subject, which lies
 * in the layout: a signature goes with the image that it is about.  Where the subject is not in
 * the layout, the entry counts as any other.
 */
#ifndef OHC_OCI_DIR_MARKS_H
#define OHC_OCI_DIR_MARKS_H

#include "core/report.h"
#include "core/set.h"
#include "oci/documents/json.h"

struct ohc_dir_marks {
	const char *dir;
	struct ohc_report *report;
	json_t *digests;         /* an object as a set; true: it was followed as a manifest */
	struct ohc_set *orphans; /* entries of index.json that go with their subject */
	size_t n_orphans;
};

int ohc_dir_marks_make(struct ohc_dir_marks *m, struct ohc_error *err);
bool ohc_dir_marks_has(const struct ohc_dir_marks *m, const char *digest);
void ohc_dir_marks_clear(struct ohc_dir_marks *m);

#endif
