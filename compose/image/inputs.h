/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interprets the options of push: parses names, loads the profile, looks at payload directories,
 * reads times and owners.  All faults that they can have are found here, before the first request.
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
	OHC_PREFLIGHT_REFUSE, /* an image that cannot run is not pushed */
	OHC_PREFLIGHT_WARN,
	OHC_PREFLIGHT_OFF,
};

struct ohc_inputs {
	const struct ohc_push_options *options;
	struct ohc_report
		*report; /* the options', or one that tells once what all platforms have */
	struct ohc_name base, dest;
	struct ohc_profile profile;
	struct ohc_payload_source *payloads; /* targets are set, and directories and tars opened */
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

	/* Called before the first byte of the base is read; or NULL. */
	int (*before_reading)(void *ctx, struct ohc_error *err);
	void *before_ctx;
};

/* transports: by which payload images are read for the claims in their labels
 * (compose/payload/claims.h).  shelf: where payloads that several images share are kept; NULL:
 * nowhere.  *ret must be zero and stay where it is; the caller clears it also after a failure. */
int ohc_inputs_read(const struct ohc_push_options *o, struct ohc_transports *transports,
		    struct ohc_payload_shelf *shelf, struct ohc_inputs *ret, struct ohc_error *err);

/* The two halves of it, for callers that open the stores in between, so that one token is for all
 * of them: the first needs no request, and finds the faults of all options that neither a profile
 * nor a label decides; the second reads labels of payload images. */
int ohc_inputs_parse(const struct ohc_push_options *o, struct ohc_inputs *ret,
		     struct ohc_error *err);
int ohc_inputs_look(struct ohc_transports *transports, struct ohc_payload_shelf *shelf,
		    struct ohc_inputs *in, struct ohc_error *err);
void ohc_inputs_clear(struct ohc_inputs *in);

/* The faults that options have by themselves, before any payload is read: of many images at once
 * (compose/bake/faults.h).  Files that they name must be there.  o->origin may be unread. */
int ohc_inputs_faults(const struct ohc_push_options *o, struct ohc_error *err);

/* How the base is opened: for itself where there is no destination (check), else as a source. */
static inline enum ohc_use ohc_inputs_base_use(const struct ohc_inputs *in)
{
	return in->options->dest ? OHC_USE_SOURCE : OHC_USE_OWN;
}

#endif
