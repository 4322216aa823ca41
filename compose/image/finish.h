/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finishes an image whose layers are known, for push and pack alike: its config, its manifest, and
 * the tags by which it can be seen.
 *
 *	ohc_finish_document(&image, &finished);		its digest is known, nothing is written
 *	rc = ohc_finish_config(&finished, &part, err);	to be moved beside the layers
 *	...					an index over several, where it is one of them
 *	rc = ohc_finish_manifest(dest, &inputs, &finished.manifest, err);
 *	rc = ohc_finish_image(dest, &inputs, &finished.manifest, err);
 *	ohc_finish_clear(&finished);
 *
 * A dry run does everything except writing.
 */
#ifndef OHC_COMPOSE_IMAGE_FINISH_H
#define OHC_COMPOSE_IMAGE_FINISH_H

#include "compose/image/image.h"
#include "compose/layers/move.h"

/* The documents of an image. */
struct ohc_finished {
	struct ohc_document manifest;
	char *config; /* its text; NULL: not yet finished */
	struct ohc_descriptor config_d;
};

/* All layers were added to the image.  The caller clears *ret. */
void ohc_finish_document(struct ohc_image *image, struct ohc_finished *ret);
void ohc_finish_clear(struct ohc_finished *f);

/* The config as what is made of all layers (struct ohc_move_last): it moves as they do, because
 * images of equal bases have the same config.  One that could not be read again is refused. */
int ohc_finish_config(const struct ohc_finished *f, struct ohc_part *ret, struct ohc_error *err);

/* Do all tags name this document already?  Also false where that is not known. */
int ohc_finish_is_there(struct ohc_store *dest, const struct ohc_inputs *in,
			const struct ohc_document *top, bool *ret, struct ohc_error *err);

/* Stores the manifest or index under all tags: from here on the image can be seen.  With --sign by
 * its digest alone. */
int ohc_finish_manifest(struct ohc_store *dest, const struct ohc_inputs *in,
			const struct ohc_document *top, struct ohc_error *err);

/* The end of it.  With --sign the image is signed, then tagged: a signer that fails leaves nothing
 * that anyone sees.  Warns where few tools will see the image. */
int ohc_finish_image(struct ohc_store *dest, const struct ohc_inputs *in,
		     const struct ohc_document *top, struct ohc_error *err);

/* --sign: has the image, which is there, signed, unless a signature hangs on it. */
int ohc_finish_signature(struct ohc_store *dest, const struct ohc_inputs *in,
			 const struct ohc_document *top, struct ohc_error *err);

/* For a dry run, where something will hang on the image: tells of the tag that its list gets in a
 * registry that keeps none itself. */
int ohc_finish_tell_hanging(struct ohc_store *dest, const struct ohc_inputs *in,
			    const struct ohc_document *top, struct ohc_error *err);

#endif
