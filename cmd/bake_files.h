/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a run over many images: its journal, its report (a line of JSON for each image) and
 * its page.  They are opened before the first request (the page is tried), so that nothing is
 * composed that could not be noted and told of, and two of them that are one file are refused.
 *
 *	rc = ohc_bake_files_open(&files, cli, &names, err);
 *	... files.journal ...
 *	ohc_bake_files_row(&files, &outcome);			for each image
 *	rc = ohc_bake_files_end(&files, title, &result, err);
 *	ohc_bake_files_close(&files);				also after a failure
 *
 * Where the report or the page is standard output, what else would go there goes to standard error
 * (but for the last line of a report with --json, which is the object with the sums).
 */
#ifndef OHC_CMD_BAKE_FILES_H
#define OHC_CMD_BAKE_FILES_H

#include "cmd/cli.h"
#include "compose/bake/bake.h"
#include "core/newfile.h"

/* NULL: none. */
struct ohc_bake_file_names {
	const char *list; /* that is read, and must stay; "-" is standard input */
	const char *journal, *report, *html;
	bool dry;  /* of the journal only what is there is read */
	bool plan; /* … and there will be no images to tell of */
};

struct ohc_bake_files {
	struct ohc_bake_file_names names;
	struct ohc_report *to; /* faults while it runs */
	struct ohc_journal *journal;
	FILE *out;    /* standard output */
	FILE *report; /* NULL: none */
	int report_errno;
	struct ohc_newfile page;
};

#define OHC_BAKE_FILES_INIT               \
	{                                 \
		.page = OHC_NEWFILE_INIT, \
	}

/* *ret is OHC_BAKE_FILES_INIT.  The names must stay. */
int ohc_bake_files_open(struct ohc_bake_files *ret, struct ohc_cli *cli,
			const struct ohc_bake_file_names *names, struct ohc_error *err);

/* A row that cannot be written is told at once, and makes the end fail. */
void ohc_bake_files_row(struct ohc_bake_files *f, const struct ohc_bake_outcome *o);

/* Writes the page; title names the list on it. */
int ohc_bake_files_end(struct ohc_bake_files *f, const char *title, const struct ohc_bake_result *r,
		       struct ohc_error *err);
void ohc_bake_files_close(struct ohc_bake_files *f);

#endif
