// SPDX-License-Identifier: Apache-2.0
#include "layout/fit/fit.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/account/user.h"
#include "layout/fit/fit_internal.h"

/* Finds an account file of the base: its path, mode and owner. */
static int find_file(const struct ohc_fitter *f, enum ohc_account_file file,
		     struct ohc_rootfs_place *place, struct ohc_account_files *in,
		     struct ohc_error *err)
{
	const char *path = ohc_account_file_path(file);
	const struct ohc_file *is = &place->file;

	ohc_rootfs_find(f->fs, path, OHC_FOLLOW, place);
	if (place->found == OHC_ABSENT && !ohc_path_has_whiteout(place->path))
		return 0;
	if (place->found != OHC_FOUND || !S_ISREG(is->mode))
		return ohc_error_set(err, OHC_E_CHECK,
				     "'%s' of the base is no file: no account can be added; leave "
				     "it out with --no-account",
				     path);
	if (is->size > OHC_ACCOUNT_FILE_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' of the base is larger than the limit of %u bytes", path,
				     OHC_ACCOUNT_FILE_MAX);
	if (is->size != is->n_data)
		return ohc_error_set(
			err, OHC_E_UNSUPPORTED,
			"'%s' of the base leads to a file whose name is no account "
			"file's, so its text is not known and no account can be added; "
			"leave it out with --no-account",
			path);
	in->data[file] = is->data ? is->data : "";
	in->n[file] = is->n_data;
	return 0;
}

static void put_file(struct ohc_fitter *f, const struct ohc_rootfs_place *place,
		     const struct ohc_buf *text)
{
	const bool there = place->found == OHC_FOUND;
	const struct ohc_file *is = &place->file;
	struct ohc_entry *e =
		ohc_entries_file(&f->out->entries, place->path, there ? is->mode & 07777 : 0644,
				 is->uid, is->gid, text->data, text->len);

	ohc_entry_xattrs(e, is->xattrs, is->n_xattrs);
}

#define NO_SHELL "/sbin/nologin"

/* The shell: bash, else sh, else one that refuses logins. */
static void choose_shell(struct ohc_fitter *f, struct ohc_account *a)
{
	const char *const shells[] = { a->shell, "/bin/bash", "/bin/sh" };
	const char *shell = NULL;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(shells) && !shell; i++)
		if (shells[i] && ohc_fit_has_program(f, shells[i]))
			shell = shells[i];
	if (!shell)
		shell = NO_SHELL;
	if (!a->shell || strcmp(shell, a->shell) != 0) {
		free(a->shell);
		a->shell = ohc_xstrdup(shell);
	}
}

static int add_account(struct ohc_fitter *f, struct ohc_error *err)
{
	struct ohc_rootfs_place places[OHC_ACCOUNT_FILES] = { { .path = NULL } };
	struct ohc_account_files in = { .n = { 0 } };
	ohc_cleanup(ohc_account_clear) struct ohc_account want = { .name = NULL };
	ohc_cleanup(ohc_account_plan_clear) struct ohc_account_plan plan = { .done = 0 };
	int rc = 0;

	for (int i = 0; rc == 0 && i < OHC_ACCOUNT_FILES; i++)
		rc = find_file(f, (enum ohc_account_file)i, &places[i], &in, err);
	if (rc == 0) {
		ohc_account_copy(&want, f->fit->account);
		choose_shell(f, &want);
		rc = ohc_account_add(&in, &want, f->fit->clash, &plan, err);
	}
	for (int i = 0; i < OHC_ACCOUNT_FILES; i++) {
		if (rc == 0 && plan.changed[i])
			put_file(f, &places[i], &plan.text[i]);
		ohc_rootfs_place_clear(&places[i]);
	}
	if (rc < 0)
		return rc;
	f->out->account = plan.account;
	f->out->done = plan.done;
	memset(&plan.account, 0, sizeof(plan.account));
	if (plan.done == OHC_ACCOUNT_ADDED && strcmp(f->out->account.shell, NO_SHELL) == 0)
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "shell",
				 f->out->account.name,
				 "has no shell: neither the base nor the payload has one");
	f->user.uid = f->out->account.uid;
	f->user.gid = f->out->account.gid;
	return 0;
}

/* Reads the account file as it will be, with our edits in it. */
static void final_text(const struct ohc_fitter *f, enum ohc_account_file file, struct ohc_buf *ret)
{
	const struct ohc_entry *made;
	struct ohc_rootfs_place place;

	ohc_rootfs_find(f->fs, ohc_account_file_path(file), OHC_FOLLOW, &place);
	made = ohc_entries_find(&f->out->entries, place.path);
	if (made && S_ISREG(made->mode))
		ohc_buf_add(ret, made->data, made->size);
	else if (place.found == OHC_FOUND && place.file.data)
		ohc_buf_add(ret, place.file.data, place.file.n_data);
	ohc_rootfs_place_clear(&place);
}

/* A User that does not exist is no error here: no engine will start the image, and the checks say
 * so. */
static void find_user(struct ohc_fitter *f)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf passwd = OHC_BUF_INIT, group = OHC_BUF_INIT;
	ohc_cleanup(ohc_user_clear) struct ohc_user user = OHC_USER_INIT;

	final_text(f, OHC_PASSWD, &passwd);
	final_text(f, OHC_GROUP, &group);
	ohc_user_read(&passwd, &group, f->fit->user, &user);
	if (!user.known)
		return;
	ohc_user_clear(&f->user);
	f->user = user;
	user = (struct ohc_user)OHC_USER_INIT;
}

/* Makes the home of an account that the base had only where that account is the image's user. */
static bool is_new(enum ohc_account_done done)
{
	return done == OHC_ACCOUNT_ADDED || done == OHC_ACCOUNT_RENAMED;
}

static int make_all(struct ohc_fitter *f, struct ohc_error *err)
{
	const struct ohc_fit *fit = f->fit;
	int rc = ohc_fit_targets(f, err);

	if (rc < 0)
		return rc;
	ohc_fit_shell(f);
	ohc_fit_loader(f);
	if (fit->account)
		rc = add_account(f, err);
	if (rc == 0 && fit->account && (is_new(f->out->done) || !fit->user))
		rc = ohc_fit_home(f, err);
	if (rc < 0)
		return rc;
	if (fit->user)
		find_user(f);
	ohc_fit_workspace(f);
	ohc_fit_temporary(f);
	ohc_fit_links(f);
	ohc_fit_files(f);
	ohc_fit_certificates(f);
	rc = ohc_fit_remove(f, err);
	return rc < 0 ? rc : ohc_fit_ways(f, err);
}

int ohc_fit_base(const struct ohc_rootfs *fs, const struct ohc_fit *fit, struct ohc_fitting *ret,
		 struct ohc_error *err)
{
	struct ohc_fitter f = {
		.fs = fs, .fit = fit, .out = ret, .user = { .uid = fit->uid, .gid = fit->gid }
	};
	int rc = make_all(&f, err);

	ohc_user_clear(&f.user);
	return rc;
}

void ohc_fit_clear(struct ohc_fitting *f)
{
	ohc_entries_clear(&f->entries);
	ohc_account_clear(&f->account);
	ohc_findings_clear(&f->findings);
	*f = (struct ohc_fitting)OHC_FITTING_INIT;
}
