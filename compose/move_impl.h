/* SPDX-License-Identifier: Apache-2.0 */
/* What compose/move.c and compose/move_payload.c share. */
#ifndef OHC_COMPOSE_MOVE_IMPL_H
#define OHC_COMPOSE_MOVE_IMPL_H

#include "compose/move.h"

/* What became of bytes that were sent: "uploaded" or "written". */
const char *ohc_move_sent(const struct ohc_move *m);

/* The i-th payload's layer: where it was pushed before, nothing of it is read (compose/memo.h). */
int ohc_move_payload(struct ohc_move *m, size_t i, struct ohc_error *err);

#endif
