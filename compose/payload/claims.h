/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done with a payload image's labels (compose/payload/label.h) where its layers are not
 * read: the defaults that it brings, and whether it will run on a base.
 */
#ifndef OHC_COMPOSE_PAYLOAD_CLAIMS_H
#define OHC_COMPOSE_PAYLOAD_CLAIMS_H

#include "compose/payload/inputs.h"
#include "compose/transports/load.h"
#include "compose/payload/label.h"
#include "compose/transports/transports.h"
#include "layout/rootfs/layer_index.h"
#include "layout/files/files.h"
#include "layout/check/findings.h"

/* A payload image whose manifest and config have been read. */
struct ohc_said_image {
	struct ohc_store *store; /* NULL: it was not needed, or could not be read */
	struct ohc_loaded image;
};

/* The options that a payload image decides where they were not given: the profile, the platform,
 * and where it goes, which is where its files think that they are.  Images that cannot be read
 * decide nothing; what is wrong with them shows later. */
struct ohc_said_options {
	struct ohc_push_options options; /* refers to the caller's, and to what is below */
	struct ohc_strv payloads;
	struct ohc_said_image *images; /* of each payload */
	char *profile;
	char platform[OHC_PLATFORM_TEXT];
};

void ohc_said_options(struct ohc_transports *transports, const struct ohc_push_options *o,
		      struct ohc_said_options *ret);
void ohc_said_options_clear(struct ohc_said_options *said);

/* Lets the inputs, which were read of said->options, use what was read of images. */
void ohc_said_lend(const struct ohc_said_options *said, struct ohc_inputs *in);

/* As far as checks want to know the payload's tree: its prefix, and what it provides. */
void ohc_said_index(const struct ohc_payload_label *label, uint32_t uid, uint32_t gid,
		    struct ohc_layer_index *ret);

/* Has the base the libc that it needs, and a new enough one?  files is the base's tree. */
int ohc_said_check(const struct ohc_payload_label *label, struct ohc_files *files, const char *arch,
		   struct ohc_findings *ret, struct ohc_error *err);

#endif
