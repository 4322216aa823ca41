/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push: base + payload + profile -> image, written to its destination.
 *
 *	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
 *	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
 *
 *	o.base = "ubuntu:22.04"; o.dest = "localhost:5000/x:1";
 *	ohc_strv_add(&o.payloads, "build/openhands");
 *	rc = ohc_push(transports, &o, &r, err);
 *	... r.manifest.digest, r.layers ...
 *	ohc_image_result_clear(&r);
 *
 * The order: all faults of the options are found before the first request; base manifest and config
 * are read; the image that would be is checked (compose/check/check.h); base layers are mounted or
 * copied while the payload layers are made and uploaded; then the adapter layer, the config, and
 * last the manifest with its tags.  Until that last step nothing can be seen of it.
 */
#ifndef OHC_COMPOSE_PUSH_PUSH_H
#define OHC_COMPOSE_PUSH_PUSH_H

#include "compose/image/result.h"
#include "compose/push/session.h"
#include "compose/image/options.h"
#include "compose/transports/transports.h"

int ohc_push(struct ohc_transports *transports, const struct ohc_push_options *o,
	     struct ohc_image_result *ret, struct ohc_error *err);

/* The same within a session that several pushes share (compose/push/session.h). */
int ohc_push_in(struct ohc_push_session *session, const struct ohc_push_options *o,
		struct ohc_image_result *ret, struct ohc_error *err);

#endif
