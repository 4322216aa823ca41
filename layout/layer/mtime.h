/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses the times of a layer's entries: those of the files, or others, so that a layer can be the
 * same on another day.
 *
 *	entry.mtime = ohc_mtime_of(OHC_MTIME_CLAMP, time, mtime);
 *
 * Where a time changes, Python's bytecode is changed with it (layout/layer/pyc.h).
 */
#ifndef OHC_LAYOUT_LAYER_MTIME_H
#define OHC_LAYOUT_LAYER_MTIME_H

#include <stdint.h>

enum ohc_mtime {
	OHC_MTIME_PRESERVE, /* as the files have it, to the second */
	OHC_MTIME_CLAMP,    /* at most `time` */
	OHC_MTIME_EPOCH,    /* all are `time` */
};

static inline int64_t ohc_mtime_of(enum ohc_mtime policy, int64_t time, int64_t mtime)
{
	return policy == OHC_MTIME_EPOCH || (policy == OHC_MTIME_CLAMP && mtime > time) ? time
											: mtime;
}

#endif
