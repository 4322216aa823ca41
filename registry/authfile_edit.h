/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of docker's config.json: several logins at once keep each other's entries.
 *
 *	ohc_cleanup(ohc_authfile_edit_end) struct ohc_authfile_edit e = OHC_AUTHFILE_EDIT_INIT;
 *
 *	rc = ohc_authfile_edit_begin(&e, path, true, report, err);	locked, and read
 *	json_object_set_new(e.doc, "credsStore", json_string("pass"));
 *	rc = ohc_authfile_edit_save(&e, err);				replaced in one step
 *
 * The lock is on the file itself, and whoever waited for it reads the file as it is then.  Where
 * the file system has no locks there is a message, and the change is made all the same.  The file
 * stays its owner's, also when root changes it, and is for this owner alone (0600).  A link stays,
 * and its target is replaced.
 */
#ifndef OHC_REGISTRY_AUTHFILE_EDIT_H
#define OHC_REGISTRY_AUTHFILE_EDIT_H

#include "core/report.h"
#include "oci/documents/json.h"

struct ohc_authfile_edit {
	json_t *doc; /* an object; the caller may change it */
	char *path;  /* where a link leads to */
	int fd;      /* holds the lock; -1: the file is not there, and was not made */
	bool made;   /* by us, and empty still */
};

#define OHC_AUTHFILE_EDIT_INIT \
	{                      \
		.fd = -1,      \
	}

/* make: a file that is not there is made, with the directories that it needs. */
int ohc_authfile_edit_begin(struct ohc_authfile_edit *e, const char *path, bool make,
			    struct ohc_report *report, struct ohc_error *err);
int ohc_authfile_edit_save(struct ohc_authfile_edit *e, struct ohc_error *err);
void ohc_authfile_edit_end(struct ohc_authfile_edit *e);

#endif
