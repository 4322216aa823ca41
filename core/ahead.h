/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ahead: a source that a thread of its own reads while whoever pulls works on what came
 * before.  One stage of a chain is put on another processor by
 *
 *	struct ohc_source *src = ohc_ahead_source(below);
 *
 * The bytes of `below` are given in the same order, a failure after the bytes before it; nothing
 * else may use `below` meanwhile, and it is closed with src.  The blocks between the two are all
 * the memory there is (OHC_AHEAD_BLOCKS of OHC_AHEAD_SIZE): when they are full the thread waits.
 * Closing early waits for the read that is under way.  Where no thread can be started, `below` is
 * read when it is asked for.  It cannot seek.
 */
#ifndef OHC_CORE_AHEAD_H
#define OHC_CORE_AHEAD_H

#include "core/io.h"

#define OHC_AHEAD_BLOCKS 4
#define OHC_AHEAD_SIZE   (128 * 1024)

struct ohc_source *ohc_ahead_source(struct ohc_source *below);

#endif
