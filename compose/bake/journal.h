/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a bake: which images are done, so that the same command goes on where an earlier
 * one was killed.  It is JSON Lines, to which lines are only added:
 *
 *	{"journal":"ohcompose bake","version":1}
 *	{"name":"r/x:1","key":"sha256:…","digest":"sha256:…"}
 *	{"layer":"…","is":{"digest":"sha256:…","places":["r/x"],…}}
 *	{"warning":"…"}
 *	{"warnings":"told"}
 *
 *	rc = ohc_journal_open("bake.journal", false, report, &j, err);
 *	if (ohc_journal_digest(j, "r/x:1", key))
 *		... it is done, with the very same inputs ...
 *	rc = ohc_journal_add(j, "r/x:1", key, digest, err);
 *	ohc_journal_close(j);
 *
 * A torn line (after a kill or a power cut) is ignored: its image is made again.  The key is a
 * digest over all that the image depends on, so that an image whose base moved or whose options
 * changed does not count as done.  Two bakes on one journal are refused by a lock.
 *
 * Layers that were made of directories and tars are noted, too, by what their files were then
 * (compose/layers/memo.h), with one repository of each registry, where no cache keeps that: they
 * are known again, and not sent a second time.
 *
 * Warnings are told when a bake ends (cmd/bake_warnings.h), so that a kill would lose those of the
 * images that are done: each is noted, and that all were told, too.
 */
#ifndef OHC_COMPOSE_BAKE_JOURNAL_H
#define OHC_COMPOSE_BAKE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "compose/layers/making.h"
#include "core/error.h"
#include "core/report.h"
#include "core/strv.h"

#define OHC_JOURNAL_MAX (1u << 30)

struct ohc_journal;

/* Makes the file where it is missing.  OHC_E_FORMAT: it is something else; OHC_E_FAILED: another
 * bake has it.  read_only: what is noted can be asked for, also while a bake has it; nothing is
 * written, and *ret is NULL where there is no such file. */
int ohc_journal_open(const char *path, bool read_only, struct ohc_report *report,
		     struct ohc_journal **ret, struct ohc_error *err);
void ohc_journal_close(struct ohc_journal *j);

/* The digest of an image that is done with these inputs, or NULL.  j may be NULL. */
const char *ohc_journal_digest(const struct ohc_journal *j, const char *name, const char *key);

/* Is the image noted, with whatever inputs?  j may be NULL. */
bool ohc_journal_has(const struct ohc_journal *j, const char *name);

/* From any thread.  j may be NULL. */
int ohc_journal_add(struct ohc_journal *j, const char *name, const char *key, const char *digest,
		    struct ohc_error *err);

/* Its notes of layers, for the rules by which they are made; j and they may be NULL.  They stay as
 * long as j. */
const struct ohc_making_notes *ohc_journal_notes(struct ohc_journal *j);

/* The warnings that a bake before this one has noted and not told.  They stay as long as j. */
const struct ohc_strv *ohc_journal_warnings(const struct ohc_journal *j);

/* Notes one, from any thread; and that all were told.  j may be NULL. */
void ohc_journal_warn(struct ohc_journal *j, const char *text);
void ohc_journal_told(struct ohc_journal *j);

/* How many images were done when it was opened. */
size_t ohc_journal_count(const struct ohc_journal *j);

#endif
