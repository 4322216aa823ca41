/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of push, understood: names parsed, profile loaded, payload directories looked at,
 * times and owners known.  Whatever can be wrong with them is found here, before the first request.
 */
#ifndef OHC_COMPOSE_IMAGE_INPUTS_H
#define OHC_COMPOSE_IMAGE_INPUTS_H

#include "compose/image/options.h"
#include "compose/payload/shelf.h"
#include "compose/transports/transports.h"
#include "layout/account/account.h"
#include "layout/profiles/profile.h"
#include "oci/documents/name.h"
#include "oci/documents/platform.h"

enum ohc_preflight {
	OHC_PREFLIGHT_REFUSE, /* what cannot run is not pushed */
	OHC_PREFLIGHT_WARN,
	OHC_PREFLIGHT_OFF,
};

struct ohc_inputs {
	const struct ohc_push_options *options;
	struct ohc_name base, dest;
	struct ohc_profile profile;
	struct ohc_payload_source *payloads; /* targets set, and what is a file opened */
	size_t n_payloads;
	struct ohc_account account; /* to be added; name NULL: none */
	enum ohc_clash clash;
	enum ohc_preflight check;
	struct ohc_making_rules rules;
	struct ohc_platform platform; /* asked for, or this machine's */
	bool platform_given;
	bool all_platforms;
	bool family_given; /* --format */
	enum ohc_family family;
	bool require_mount;
	bool created_given;
	int64_t created;

	/* Asked before the first byte of the base is read; NULL: nobody need be. */
	int (*before_reading)(void *ctx, struct ohc_error *err);
	void *before_ctx;
};

/* transports: where payload images are asked what their labels claim (compose/payload/claims.h).
 * shelf: where payloads that several images share are kept; NULL: nowhere.  *ret must be zero and
 * stay where it is; the caller clears it also after a failure. */
int ohc_inputs_read(const struct ohc_push_options *o, struct ohc_transports *transports,
		    struct ohc_payload_shelf *shelf, struct ohc_inputs *ret, struct ohc_error *err);

/* Its two halves, for who opens the places in between, so that one token is for all of them: what
 * needs no request, and what payload images may decide. */
int ohc_inputs_parse(const struct ohc_push_options *o, struct ohc_inputs *ret,
		     struct ohc_error *err);
int ohc_inputs_look(struct ohc_transports *transports, struct ohc_payload_shelf *shelf,
		    struct ohc_inputs *in, struct ohc_error *err);
void ohc_inputs_clear(struct ohc_inputs *in);

/* The use that the base is opened for: itself, where there is no destination (check). */
static inline enum ohc_use ohc_inputs_base_use(const struct ohc_inputs *in)
{
	return in->options->dest ? OHC_USE_SOURCE : OHC_USE_OWN;
}

#endif
