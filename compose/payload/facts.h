/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a payload directory or tar before it is made into a layer: its entries with the
 * facts that checks ask for, and by that the platform that it is for.
 *
 *	rc = ohc_payload_index(&inputs, &inputs.payloads[i], &index, err);
 *	rc = ohc_rootfs_apply(fs, index->data, index->len, "payload", err);
 *
 * It is found out once a run, when somebody asks, and kept in the cache by the directory's stat
 * fingerprint (layout/layer/fingerprint.h), so that the next run opens none of the files.  A tar is
 * read for it, to its end and for all that comes after (compose/payload/extract.h).  The same of
 * payload images is made of their layers' indexes, which the cache has anyway.
 */
#ifndef OHC_COMPOSE_PAYLOAD_FACTS_H
#define OHC_COMPOSE_PAYLOAD_FACTS_H

#include "compose/payload/payload.h"
#include "layout/rootfs/layer_index.h"

struct ohc_payload_facts *ohc_payload_facts_new(void);
void ohc_payload_facts_free(struct ohc_payload_facts *facts);

/* The fingerprint of the directory; NULL where nothing can be remembered by it: no cache, a
 * directory that cannot be read, or one that was written to moments ago.  Asked for once a run. */
const char *ohc_payload_fingerprint(const struct ohc_inputs *in, const struct ohc_payload *p);

/* The layer that it will be, as layout/rootfs/layer_index.h has it.  *ret is the payload's. */
int ohc_payload_index(const struct ohc_inputs *in, const struct ohc_payload *p,
		      const struct ohc_buf **ret, struct ohc_error *err);

/* The entries of a payload, directory or image, as one layer.  *made (empty, the caller's to clear)
 * holds them where they are not kept; *ret is valid as long as both. */
int ohc_payload_entries(const struct ohc_inputs *in, const struct ohc_payload *p,
			const struct ohc_payload_image *image, struct ohc_layer_index *made,
			const struct ohc_buf **ret, struct ohc_error *err);

/* The platform that the directories' ELF files are for; *ret stays as it is where there are none,
 * or where a payload says for which platform it is. */
int ohc_payloads_platform(const struct ohc_inputs *in, struct ohc_platform *ret,
			  struct ohc_error *err);

#endif
