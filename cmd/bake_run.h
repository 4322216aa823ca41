/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs over many images, for bake and upgrade: the options of a run over many images, its journal,
 * its reports, and what is printed of it.
 *
 *	rc = ohc_bake_run(cli, &run, &maker, err);
 *
 * struct ohc_bake_run is the first member of the command's state, which ohc_bake_run_options and
 * push's own fill (cmd/command.h, more_options).
 */
#ifndef OHC_CMD_BAKE_RUN_H
#define OHC_CMD_BAKE_RUN_H

#include "cmd/command.h"
#include "cmd/push_options.h"
#include "compose/bake/bake.h"

struct ohc_bake_run {
	struct ohc_push_command push; /* first: push's options fill it */
	const char *shard, *journal, *report, *html;
	bool fail_fast, keep_going;
	struct ohc_strv rates;
};

extern const struct ohc_option ohc_bake_run_options[];

/* Where the images come from. */
struct ohc_bake_maker {
	const char *title; /* names them on the page */
	const char *file;  /* the list; NULL: none */

	/* Makes the list as far as that needs no request.  *ret is cleared by the caller. */
	int (*list)(void *ctx, struct ohc_bake_list *ret, struct ohc_error *err);

	/* Makes of it what is composed; NULL: it is that already. */
	int (*look)(void *ctx, struct ohc_transports *transports, const struct ohc_bake_options *o,
		    struct ohc_bake_list *ret, struct ohc_error *err);
	void *ctx;
};

/* Prints the sums; not all there is OHC_E_FAILED. */
int ohc_bake_run(struct ohc_cli *cli, struct ohc_bake_run *c, const struct ohc_bake_maker *maker,
		 struct ohc_error *err);

#endif
