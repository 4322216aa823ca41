/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking turns by name: of several threads that want to do the same thing one does it at a time,
 * and who waited looks whether it is done already.
 *
 *	ohc_turns_begin(turns, digest);
 *	if (!is_known(digest))
 *		... read it ...
 *	ohc_turns_end(turns, digest);
 *
 * Different names do not wait for one another.  A NULL struct lets everybody go at once.
 */
#ifndef OHC_CORE_TURNS_H
#define OHC_CORE_TURNS_H

struct ohc_turns;

struct ohc_turns *ohc_turns_new(void);
void ohc_turns_free(struct ohc_turns *t);

void ohc_turns_begin(struct ohc_turns *t, const char *name);
void ohc_turns_end(struct ohc_turns *t, const char *name);

#endif
