/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the contents of a payload image: from a recipe to the assemblies of its layers and what is
 * known of them, before anything is read or written that takes long.
 *
 *	struct ohc_contents p = OHC_CONTENTS_INIT;
 *
 *	rc = ohc_contents_read(&p, &options, err);		the recipe, prefix, root
 *	rc = ohc_contents_extract(&p, transports, &inputs, err);	of a tar or an image
 *	rc = ohc_contents_gather(&p, err);			p.layers, p.label, p.platform
 *
 * A fault of one file does not hide the next: all are told in one run.
 *	ohc_contents_clear(&p);
 */
#ifndef OHC_COMPOSE_PACK_CONTENTS_H
#define OHC_COMPOSE_PACK_CONTENTS_H

#include <stdio.h>

#include "compose/pack/pack.h"
#include "compose/payload/source.h"
#include "layout/layer/assembly.h"
#include "layout/closure/closure.h"
#include "layout/components/component.h"
#include "layout/elf/derived.h"
#include "layout/launcher/launchers.h"
#include "layout/profiles/profile.h"
#include "layout/sbom/find.h"

/* The list of what is in a recipe's layers, from when that is known until it is written. */
struct ohc_contents_list {
	struct ohc_sbom bom;
	struct ohc_sbom_tree tree;
	struct ohc_assembly_layer *layers; /* the tree's */
	char *key;                         /* under which the cache has it; NULL: it is not kept */
};

/* A directory is made a recipe; a tar or an image is a payload already. */
enum ohc_contents_kind { OHC_CONTENTS_RECIPE, OHC_CONTENTS_TAR, OHC_CONTENTS_IMAGE };

struct ohc_contents {
	const struct ohc_pack_options *o;
	enum ohc_contents_kind kind;
	bool is_recipe; /* SOURCE is: its faults name it */
	struct ohc_recipe recipe;
	char *prefix, *root_dir; /* root_dir "" for "/" */
	const char *profile;     /* NULL: none was named */
	char *command;           /* the program that the profile starts, or NULL */
	char *profile_owner;     /* owner by the profile's account, or NULL */
	const char *owner;
	struct ohc_files *root, *host;

	/* The layers that were gathered.  An assembly stands on those before it. */
	struct ohc_assembly **assemblies;
	struct ohc_pack_layer *layers; /* names, programs, libraries */
	size_t n;
	size_t first; /* the libraries' layer, gathered last but written first; 0: none */
	struct ohc_payload_label label; /* except its components */
	struct ohc_platform platform;
	bool platform_known; /* by the objects, or (set by the caller) by option */

	/* A tar or an image: the payload that becomes the first layer. */
	struct ohc_payload_source source;
	struct ohc_payload *payload;

	struct ohc_contents_list *list; /* still to be written; NULL: none is */
	FILE *sbom; /* the list of what is in it, in a file without a name; or NULL */

	/* While it is gathered. */
	struct ohc_faults faults;
	struct ohc_launchers launchers;
	struct ohc_component component;
	struct ohc_closure *own_libs; /* NULL: no closure */
	struct ohc_strv copied;       /* of what sets want, what a recipe copies */
	bool foreign, own; /* some program's interpreter is outside the prefix, or inside */
	bool needs;        /* something needs a library */
	bool hidden;       /* something could not be looked at */
	enum ohc_libc libc, root_libc; /* of the programs; of the root */
};

#define OHC_CONTENTS_INIT \
	{                 \
		.o = NULL \
	}

/* Finds out which kind SOURCE is, and reads a recipe. */
int ohc_contents_source(struct ohc_contents *p, struct ohc_error *err);

int ohc_contents_read(struct ohc_contents *p, const struct ohc_pack_options *o,
		      struct ohc_error *err);
/* Makes the first layer of a tar or an image; does nothing for a recipe.  in must stay as long as
 * p. */
int ohc_contents_extract(struct ohc_contents *p, struct ohc_transports *transports,
			 const struct ohc_inputs *in, struct ohc_error *err);

int ohc_contents_gather(struct ohc_contents *p, struct ohc_error *err);
void ohc_contents_clear(struct ohc_contents *p);

void ohc_pack_layer_clear(struct ohc_pack_layer *layer);

/* Adds a layer on top of those before it. */
struct ohc_assembly *ohc_contents_add_layer(struct ohc_contents *p, const char *name);

/* Notes an ELF file that goes in: its platform, and what the labels tell of it (an
 * ohc_component_object_fn). */
int ohc_contents_object(void *ctx, const struct ohc_component_object *object, struct ohc_patch *ret,
			struct ohc_error *err);

/* Warns of programs that find their locale and files by a launcher alone, and have none. */
void ohc_contents_tell_unled(const struct ohc_contents *p);

/* Lets a script ask the payload for its C library (an ohc_component_other_fn). */
int ohc_contents_other(void *ctx, const char *disk, struct ohc_patch *ret, struct ohc_error *err);

/* Finds where a script lies that finds the rest of it from there (an ohc_component_place_fn). */
int ohc_contents_place(void *ctx, const char *disk, char **ret, struct ohc_error *err);

/* Finds out whose C library the root's programs have. */
int ohc_contents_root_libc(struct ohc_contents *p, struct ohc_error *err);

/* The same for one that could not be looked at. */
void ohc_contents_hidden(struct ohc_contents *p, const char *path);

/* Finds the libraries that the objects need, and copies what they open by name to the last
 * layer. */
int ohc_contents_search(struct ohc_contents *p, struct ohc_error *err);

/* Warns of paths of the root that files have compiled in, where nothing of them is in the
 * payload. */
void ohc_contents_tell_compiled(const struct ohc_contents *p);

/* Adds the layer of libraries that the objects need; the last of `layers` is for it. */
int ohc_contents_libraries(struct ohc_contents *p, struct ohc_error *err);

/* Loads the profile: the program that it starts, and the default owner of entries.  *ret_prefix (or
 * NULL) is the caller's. */
int ohc_contents_profile(struct ohc_contents *p, char **ret_prefix, struct ohc_error *err);

/* Does the payload have a file or symlink at this path? */
bool ohc_contents_has(const struct ohc_contents *p, const char *path);

/* Looks for the program that the profile starts: the label names it where the payload has it, else
 * a warning is shown. */
void ohc_contents_command(struct ohc_contents *p);

/* Sets the label's libc, when all objects were seen. */
void ohc_contents_label(struct ohc_contents *p);

/* --sbom: finds what everything in the layers is, and adds dpkg's records of the packages to the
 * last layer.  A tar or an image is packed as it stands: where packages of it were found by
 * databases that stay behind, their records get a layer of their own. */
int ohc_contents_sbom(struct ohc_contents *p, const struct ohc_making_rules *rules,
		      struct ohc_error *err);

/* Writes the list, for which most files are read; also while the layers are written.  Nothing is
 * gathered any more, and the fingerprints of all assemblies were made. */
int ohc_contents_write_list(struct ohc_contents *p, const struct ohc_making_rules *rules,
			    struct ohc_error *err);
void ohc_contents_list_free(struct ohc_contents_list *list);

/* Does a list hang on the image, or would it, were this no dry run? */
bool ohc_contents_hangs(const struct ohc_contents *p);

/* Adds the records below the prefix, to the last layer that is gathered. */
int ohc_contents_add_records(struct ohc_contents *p, const struct ohc_sbom_records *records,
			     struct ohc_error *err);

/* Keep records in the cache, and take them from there: false where they are not. */
bool ohc_contents_recall_records(const struct ohc_making_rules *rules, const char *key,
				 struct ohc_sbom_records *ret);
void ohc_contents_remember_records(const struct ohc_making_rules *rules, const char *key,
				   const struct ohc_sbom_records *records);

/* Hangs the list on the image, which is in dest. */
int ohc_contents_attach(const struct ohc_contents *p, struct ohc_store *dest,
			const struct ohc_name *name, const struct ohc_descriptor *image,
			struct ohc_error *err);

#endif
