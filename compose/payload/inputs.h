/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of push, understood: names parsed, profile loaded, payload directories looked at,
 * times and owners known.  Whatever can be wrong with them is found here, before the first request.
 */
#ifndef OHC_COMPOSE_PAYLOAD_INPUTS_H
#define OHC_COMPOSE_PAYLOAD_INPUTS_H

#include "compose/payload/options.h"
#include "layout/account/account.h"
#include "layout/profiles/profile.h"
#include "layout/layer/from_dir.h"
#include "oci/codec/codec.h"
#include "oci/documents/name.h"
#include "oci/documents/platform.h"

struct ohc_extract;
struct ohc_payload_facts;

struct ohc_payload {
	char *source; /* a directory, a tar ("-": standard input), or the name of an image */
	char *target; /* absolute, normalized, never "/" */
	bool is_image;
	struct ohc_name image;
	const struct ohc_said_image *said; /* read already, or NULL: compose/payload/claims.h */
	struct ohc_extract *tar;           /* of a tar, else NULL: compose/payload/extract.h */
	struct ohc_payload_facts *facts;   /* of a directory: compose/payload/facts.h */
	bool has_platform;                 /* --payload OS/ARCH=SRC */
	struct ohc_platform platform;
};

enum ohc_preflight {
	OHC_PREFLIGHT_REFUSE, /* what cannot run is not pushed */
	OHC_PREFLIGHT_WARN,
	OHC_PREFLIGHT_OFF,
};

struct ohc_inputs {
	const struct ohc_push_options *options;
	struct ohc_name base, dest;
	struct ohc_profile profile;
	struct ohc_payload *payloads;
	size_t n_payloads;
	struct ohc_account account; /* to be added; name NULL: none */
	enum ohc_clash clash;
	enum ohc_preflight check;
	uint32_t uid, gid; /* owner of the payload's entries */
	struct ohc_codec codec;
	struct ohc_platform platform; /* asked for, or this machine's */
	bool platform_given;
	bool all_platforms;
	bool family_given; /* --format */
	enum ohc_family family;
	enum ohc_mtime mtime;
	int64_t mtime_time;
	bool created_given;
	int64_t created;
};

/* *ret must be zero; the caller clears it also after a failure. */
int ohc_inputs_read(const struct ohc_push_options *o, struct ohc_inputs *ret,
		    struct ohc_error *err);
void ohc_inputs_clear(struct ohc_inputs *in);

/* "UID:GID" or "UID" (then GID is the same); false where it is no pair of numbers. */
bool ohc_owner_parse(const char *text, uint32_t *ret_uid, uint32_t *ret_gid);
/* OHC_E_USAGE, then. */
int ohc_owner_read(const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct ohc_error *err);

#endif
