/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/fit. */
#ifndef OHC_LAYOUT_FIT_FIT_INTERNAL_H
#define OHC_LAYOUT_FIT_FIT_INTERNAL_H

#include "layout/account/user.h"
#include "layout/fit/fit.h"

struct ohc_fitter {
	const struct ohc_rootfs *fs;
	const struct ohc_fit *fit;
	struct ohc_fitting *out;
	struct ohc_user user; /* whose workspace and home are; uid, gid and groups are set */
};

/* Adds the directories on the way to the entries, when all of those were made, and to the
 * targets. */
int ohc_fit_ways(struct ohc_fitter *f, struct ohc_error *err);

/* Adds an entry that repeats a directory of the base. */
void ohc_fit_keep_dir(struct ohc_fitter *f, const char *path, const struct ohc_file *is);

/* Clears the way to a path.  False, and a finding is added, where the base has something in the
 * way. */
bool ohc_fit_clear_way(struct ohc_fitter *f, const char *path,
		       const struct ohc_rootfs_place *place);

/* Is there a program, or a link to one, in the base or among our entries? */
bool ohc_fit_has_program(struct ohc_fitter *f, const char *path);

int ohc_fit_home(struct ohc_fitter *f, struct ohc_error *err);
void ohc_fit_workspace(struct ohc_fitter *f);
void ohc_fit_temporary(struct ohc_fitter *f);

/* Hides what is not wanted of the base, when all entries but the ways were made. */
int ohc_fit_remove(struct ohc_fitter *f, struct ohc_error *err);

void ohc_fit_links(struct ohc_fitter *f);
void ohc_fit_files(struct ohc_fitter *f);
void ohc_fit_shell(struct ohc_fitter *f);
void ohc_fit_certificates(struct ohc_fitter *f);
void ohc_fit_loader(struct ohc_fitter *f);
int ohc_fit_targets(struct ohc_fitter *f, struct ohc_error *err);

#endif
