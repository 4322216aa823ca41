/* SPDX-License-Identifier: Apache-2.0 */
/* A request's way past the limits of the host that it goes to (registry/limits.h). */
#ifndef OHC_REGISTRY_REQUEST_PASS_H
#define OHC_REGISTRY_REQUEST_PASS_H

#include "registry/request.h"

/* Waits until it may go, but for what tidies up or is part of another request's turn; re holds the
 * pass. */
int ohc_request_pass_enter(const struct ohc_wire *w, const struct ohc_request *rq,
			   const char *authority, struct ohc_reply *re, struct ohc_error *err);

/* Tells the host's limits what came of it.  Of an error the body should have been read: it may say
 * more.  Nothing happens where re holds no pass. */
void ohc_request_pass_leave(struct ohc_reply *re);

#endif
