// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/bake/page.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/link.h"
#include "core/output.h"

static bool is_stdout(const char *name)
{
	return name && ohc_output_is_stdout(name);
}

static int check_names(const struct ohc_bake_file_names *names, struct ohc_error *err)
{
	const struct {
		const char *option, *name;
	} files[] = {
		{ "--journal", names->journal },
		{ "--report", names->report },
		{ "--html", names->html },
	};

	if (is_stdout(names->journal))
		return ohc_error_set(err, OHC_E_USAGE,
				     "--journal '%s': a file is wanted, which the next run reads, "
				     "not standard output",
				     names->journal);
	if (is_stdout(names->report) && is_stdout(names->html))
		return ohc_error_set(err, OHC_E_USAGE,
				     "--report and --html cannot both be standard output");
	for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++) {
		const char *name = files[i].name;

		if (!name || is_stdout(name))
			continue;
		if (names->list && ohc_link_same(name, names->list))
			return ohc_error_set(err, OHC_E_USAGE, "%s '%s' is the list itself",
					     files[i].option, name);
		for (size_t k = 0; k < i; k++)
			if (files[k].name && ohc_link_same(name, files[k].name))
				return ohc_error_set(err, OHC_E_USAGE,
						     "%s '%s' is the file of %s, too",
						     files[i].option, name, files[k].option);
	}
	return 0;
}

static int open_report(struct ohc_bake_files *f, struct ohc_error *err)
{
	const char *name = f->names.report;
	ohc_cleanup(ohc_freep) char *real = NULL;
	int rc, fd = -1;

	if (!name || f->names.plan)
		return 0;
	if (is_stdout(name)) {
		f->report = f->out;
		return 0;
	}
	rc = ohc_link_follow(name, &real, err);
	if (rc == 0)
		rc = ohc_output_open(real, O_CREAT | O_TRUNC, &fd, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "--report");
	f->report = fdopen(fd, "w");
	if (f->report)
		return 0;
	rc = ohc_error_sys(err, "cannot write the report '%s'", name);
	close(fd);
	return rc;
}

static int open_page(struct ohc_bake_files *f, struct ohc_error *err)
{
	const char *name = f->names.html;
	int rc = 0;

	if (name && !is_stdout(name) && !f->names.plan)
		rc = ohc_newfile_open_ahead(&f->page, name, 0644, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "the page of --html") : 0;
}

int ohc_bake_files_open(struct ohc_bake_files *ret, struct ohc_cli *cli,
			const struct ohc_bake_file_names *names, struct ohc_error *err)
{
	int rc = check_names(names, err);

	ret->names = *names;
	ret->to = cli->report;
	ret->out = cli->out;
	if (rc == 0 && names->journal)
		rc = ohc_journal_open(names->journal, names->dry, cli->report, &ret->journal, err);
	if (rc == 0)
		rc = open_page(ret, err);
	if (rc == 0)
		rc = open_report(ret, err);
	if (!names->plan && (is_stdout(names->html) || (is_stdout(names->report) && !cli->json)))
		cli->out = stderr;
	return rc;
}

/* Rows in a file that nobody can find again are lost. */
static bool is_removed(FILE *file)
{
	struct stat st;

	return fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0;
}

static const char *why_lost(const struct ohc_bake_files *f)
{
	return f->report_errno == ENOENT ? "it was removed" : strerror(f->report_errno);
}

void ohc_bake_files_row(struct ohc_bake_files *f, const struct ohc_bake_outcome *o)
{
	ohc_cleanup(ohc_json_decref) json_t *j = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;

	if (!f->report || f->report_errno)
		return;
	j = ohc_bake_outcome_json(o);
	text = ohc_json_text(j);
	if (fprintf(f->report, "%s\n", text) < 0 || fflush(f->report) != 0)
		f->report_errno = errno ? errno : EIO;
	else if (is_removed(f->report))
		f->report_errno = ENOENT;
	if (f->report_errno)
		ohc_report_say(f->to, OHC_WARNING,
			       "cannot write the report '%s': %s; the images are made",
			       f->names.report, why_lost(f));
}

static int end_report(struct ohc_bake_files *f, struct ohc_error *err)
{
	if (f->report && !f->report_errno && is_removed(f->report))
		f->report_errno = ENOENT;
	if (f->report && f->report != f->out && fclose(ohc_take(f->report)) != 0 &&
	    !f->report_errno)
		f->report_errno = errno;
	return f->report_errno
		       ? ohc_error_set(err, OHC_E_FAILED, "cannot write the report '%s': %s",
				       f->names.report, why_lost(f))
		       : 0;
}

static int write_page(struct ohc_bake_files *f, const struct ohc_buf *page, struct ohc_error *err)
{
	int rc;

	if (!f->page.path)
		return fwrite(page->data, 1, page->len, f->out) == page->len && fflush(f->out) == 0
			       ? 0
			       : ohc_error_sys(err, "cannot write the page to standard output");
	rc = ohc_newfile_begin(&f->page, err);
	if (rc == 0)
		rc = ohc_file_write_at_last(f->page.fd, page->data, page->len, f->page.path, err);
	return rc < 0 ? rc : ohc_newfile_commit(&f->page, err);
}

static int end_page(struct ohc_bake_files *f, const char *title, const struct ohc_bake_result *r,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf page = OHC_BUF_INIT;

	if (!f->names.html || f->names.plan)
		return 0;
	ohc_bake_page(title, r->v, r->n, &page);
	return write_page(f, &page, err);
}

int ohc_bake_files_end(struct ohc_bake_files *f, const char *title, const struct ohc_bake_result *r,
		       struct ohc_error *err)
{
	int rc = end_page(f, title, r, err);

	return rc < 0 ? rc : end_report(f, err);
}

void ohc_bake_files_close(struct ohc_bake_files *f)
{
	if (f->report && f->report != f->out)
		fclose(f->report);
	ohc_newfile_close(&f->page);
	ohc_journal_close(f->journal);
	*f = (struct ohc_bake_files)OHC_BAKE_FILES_INIT;
}
