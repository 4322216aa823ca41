/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the adapter layer's entries: what a payload needs and the base does not have
 * (docs/design.md, "The image that comes out").
 *
 *	struct ohc_fit fit = { .account = &account, .workspace = &profile.workspace, … };
 *	struct ohc_fitting f = OHC_FITTING_INIT;
 *
 *	rc = ohc_fit_base(fs, &fit, &f, err);
 *	... f.entries, f.account, f.findings ...
 *	ohc_fit_clear(&f);
 *
 * The entries are the account in the base's own account files, its home (from /etc/skel where the
 * base has one), the workspace directories, /tmp, links; in this order, so that later ones may lie
 * in earlier ones.  Every path is resolved through the base's symlinks, and directories that are
 * missing on the way are made as root's.  The same base files and the same wants give the same
 * entries.
 *
 * Everything that the base has stays, but what is to be removed: a directory keeps its owner (a
 * finding says so where that is not the user), and no file of the base is replaced but the account
 * files.
 *
 * Directories of the base get an entry that repeats them exactly as the base has them
 * (layout/fit/ways.c) when they lead to an entry or to a payload's target, or when a payload has
 * the same directory with another mode, owner or time.  No other gets an entry.  Of directories
 * that the base does not have, those that lead to a target get one where they are another
 * payload's, or lie in a directory with the set-group-ID bit or attributes, which not all engines
 * hand down.
 */
#ifndef OHC_LAYOUT_FIT_FIT_H
#define OHC_LAYOUT_FIT_FIT_H

#include "core/strv.h"
#include "layout/account/account.h"
#include "layout/profiles/profile.h"
#include "layout/rootfs/rootfs.h"
#include "layout/layer/entries.h"
#include "layout/check/findings.h"

/* An entry of a payload's layer. */
struct ohc_fit_entry {
	const char *path; /* absolute, in the image */
	mode_t mode;      /* 0: another name of a file */
	uint32_t uid, gid;
	const char *link; /* a symlink's target, else NULL */
	int64_t mtime;
	bool implied; /* a directory that no entry of the payload made */
};

typedef void (*ohc_fit_entry_fn)(void *ctx, const struct ohc_fit_entry *e);

struct ohc_fit {
	const struct ohc_account *account; /* shell NULL: the best there is; NULL: none is wanted */
	enum ohc_clash clash;
	const char *user;  /* whose the workspace is, as a config's User; NULL: the account's, */
	uint32_t uid, gid; /* … or these where none is wanted */
	const struct ohc_strv *workspace;
	bool temporary; /* programs need a /tmp: made where there is none */
	const struct ohc_profile_link *links;
	size_t n_links;
	const struct ohc_profile_file *files;
	size_t n_files;
	bool shell, certificates;       /* link the payload's where the base has none */
	const struct ohc_strv *targets; /* where payloads go: "/openhands" */
	const struct ohc_strv *remove;  /* of the base; absolute, normalized; NULL: nothing */

	/* Is there such a file (absolute path, in the image) among the payloads?  NULL: none is. */
	bool (*payload_has)(void *ctx, const char *path);

	/* Tells all entries of the payloads that go to target, directories before what is in them.
	 * Called only where the base has a directory there, or an entry or another target lies
	 * below it.  NULL: there
	 * are none. */
	int (*payload_walk)(void *ctx, const char *target, ohc_fit_entry_fn fn, void *fn_ctx,
			    struct ohc_error *err);
	void *ctx;
	bool every; /* a finding for each file of the base that is replaced, not one for all */
};

struct ohc_fitting {
	struct ohc_entries entries;
	struct ohc_account account; /* the user in the end; name NULL where none was wanted */
	enum ohc_account_done done;
	struct ohc_findings findings;
};

#define OHC_FITTING_INIT                     \
	{                                    \
		.entries = OHC_ENTRIES_INIT, \
	}

/* Fails where the account cannot be had (layout/account/account.h), and where something would be
 * removed that an entry or a payload needs (OHC_E_USAGE).  Everything else that is in the
 * way is a finding, by the codes of layout/check/finding_codes.h.  The caller clears *ret either
 * way. */
int ohc_fit_base(const struct ohc_rootfs *fs, const struct ohc_fit *fit, struct ohc_fitting *ret,
		 struct ohc_error *err);
void ohc_fit_clear(struct ohc_fitting *f);

/* Adds the files of a payload, below its target ("/bin/bash"), that links of a base can lead to. */
void ohc_fit_link_sources(struct ohc_strv *ret);

#endif
