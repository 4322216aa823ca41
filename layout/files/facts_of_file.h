/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what a layer's index keeps of one file of this machine (layout/rootfs/layer_index.h), as if
 * its layer had been made and scanned: its first bytes, where those are wanted, and its facts.  A
 * few kilobytes of it are read.
 *
 *	if (ohc_facts_of_file_wanted("p/bin/git", &st))
 *		rc = ohc_facts_of_file(fd, "p/bin/git", &st, &kept, err);
 *	... kept.facts.data ...
 *	ohc_facts_of_file_clear(&kept);
 */
#ifndef OHC_LAYOUT_FILES_FACTS_OF_FILE_H
#define OHC_LAYOUT_FILES_FACTS_OF_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/error.h"

struct ohc_facts_of_file {
	struct ohc_buf data, facts;
};

/* Must the file be looked into?  path is the one in the layer; st_mode and st_size are asked. */
bool ohc_facts_of_file_wanted(const char *path, const struct stat *st);

/* Fills *ret, which is empty before. */
int ohc_facts_of_file(int fd, const char *path, const struct stat *st,
		      struct ohc_facts_of_file *ret, struct ohc_error *err);

void ohc_facts_of_file_clear(struct ohc_facts_of_file *f);

#endif
