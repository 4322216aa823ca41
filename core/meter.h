/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source that tells a task how far it is: each byte that passes for the first time advances it.
 * Bytes that are read again after a seek (a transfer that started over) do not count twice.
 *
 *	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL, *metered = NULL;
 *
 *	rc = ohc_store_open_blob(from, &d, &src, err);
 *	metered = ohc_meter_source(src, task);
 *
 * It does not own the source below, which must stay until it is closed.  A NULL task is none.
 */
#ifndef OHC_CORE_METER_H
#define OHC_CORE_METER_H

#include "core/io.h"
#include "core/report.h"

struct ohc_source *ohc_meter_source(struct ohc_source *below, struct ohc_task *task);

#endif
