/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a recipe to the bundles of a payload's layers and the facts about them, before anything is
 * read or written that takes long.
 *
 *	struct ohc_packing p = OHC_PACKING_INIT;
 *
 *	rc = ohc_packing_read(&p, &options, err);		the recipe, prefix, root
 *	rc = ohc_packing_extract(&p, transports, &inputs, err);	of a tar or an image
 *	rc = ohc_packing_gather(&p, err);			p.layers, p.label, p.platform
 *	ohc_packing_clear(&p);
 */
#ifndef OHC_COMPOSE_PACK_CONTENTS_H
#define OHC_COMPOSE_PACK_CONTENTS_H

#include "compose/pack/pack.h"
#include "compose/payload/payload.h"
#include "compose/payload/label.h"
#include "layout/layer/assembly.h"
#include "layout/closure/closure.h"
#include "layout/components/component.h"
#include "layout/elf/derived.h"
#include "layout/launcher/launchers.h"
#include "layout/profiles/profile.h"

/* What the source is; of a directory a recipe is made. */
enum ohc_packing_kind { OHC_PACKING_RECIPE, OHC_PACKING_TAR, OHC_PACKING_IMAGE };

struct ohc_packing {
	const struct ohc_pack_options *o;
	enum ohc_packing_kind kind;
	bool is_recipe; /* SOURCE is: its faults name it */
	struct ohc_recipe recipe;
	char *prefix, *root_dir; /* root_dir "" for "/" */
	const char *profile;     /* NULL: none was named */
	char *command;           /* what the profile starts, or NULL */
	const char *owner;
	struct ohc_files *root, *host;

	/* What was gathered.  A bundle stands on those before it. */
	struct ohc_assembly **bundles;
	struct ohc_pack_layer *layers; /* names, programs, libraries */
	size_t n;
	size_t first; /* the libraries', which is gathered last but written first; 0 without */
	struct ohc_payload_label label; /* but for components */
	struct ohc_platform platform;
	bool platform_known; /* by an object, or (set by the caller) as it was asked for */
	struct ohc_payload_image
		image; /* of an image; and the first layer's `extract` of a tar, too */

	/* While it is gathered. */
	struct ohc_launchers launchers;
	struct ohc_component component;
	struct ohc_closure *own_libs; /* NULL: no closure */
	bool foreign, own; /* a program whose interpreter is outside the prefix, or inside */
	enum ohc_libc libc;
};

#define OHC_PACKING_INIT  \
	{                 \
		.o = NULL \
	}

/* What it is, and of a recipe what stands in it. */
int ohc_packing_source(struct ohc_packing *p, struct ohc_error *err);

int ohc_packing_read(struct ohc_packing *p, const struct ohc_pack_options *o,
		     struct ohc_error *err);
/* The first layer of a tar or an image; nothing of a recipe.  in must stay as long as p. */
int ohc_packing_extract(struct ohc_packing *p, struct ohc_transports *transports,
			const struct ohc_inputs *in, struct ohc_error *err);

int ohc_packing_gather(struct ohc_packing *p, struct ohc_error *err);
void ohc_packing_clear(struct ohc_packing *p);

void ohc_pack_layer_clear(struct ohc_pack_layer *layer);

/* A layer, on top of those before it. */
struct ohc_assembly *ohc_packing_add_layer(struct ohc_packing *p, const char *name);

/* An ELF file on its way in: its platform, and what the labels say (an ohc_component_object_fn). */
int ohc_packing_object(void *ctx, const struct ohc_component_object *object, struct ohc_patch *ret,
		       struct ohc_error *err);

/* Adds the layer of libraries that the objects need; the last of `layers` is for it. */
int ohc_packing_libraries(struct ohc_packing *p, struct ohc_error *err);

/* Loads the profile; *ret_prefix (or NULL) is the caller's. */
int ohc_packing_profile(struct ohc_packing *p, char **ret_prefix, struct ohc_error *err);

/* Is there such a file, or a symlink? */
bool ohc_packing_has(const struct ohc_packing *p, const char *path);

/* Is what the profile starts in the payload?  Then the label provides it,
 * else a warning says so. */
void ohc_packing_command(struct ohc_packing *p);

/* The label's libc, when all has been seen. */
void ohc_packing_label(struct ohc_packing *p);

#endif
