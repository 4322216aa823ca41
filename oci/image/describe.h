/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describes an image as one JSON object, which pages for people and scripts are made from:
 *
 *	{"name": "…", "digest": "sha256:…", "mediaType": "…",	what the name names
 *	 "index": [{"digest", "mediaType", "size", "platform", "attestation": true,
 *	            "annotations"}],				when that is an index
 *	 "manifest": {"digest", "mediaType", "size"},		of the image that is described
 *	 "artifactType": "…", "subject": "sha256:…", "annotations": {},
 *	 "platform": "linux/amd64", "created": "…", "author": "…",
 *	 "base": {"name": "…", "digest": "…"},			by its annotations
 *	 "size": 0,						of the layers, as they are stored
 *	 "plainSize": 0,					decompressed, where it was asked
 *								for and all layers are there
 *	 "config": {"digest", "size", "user", "workdir", "entrypoint": [], "cmd": [], "env": [],
 *	            "ports": [], "volumes": [], "labels": {}, "stopSignal": "…"},
 *	 "layers": [{"digest", "mediaType", "size", "plainSize", "diffId", "missing": true}],
 *	 "history": [{"layer": 0, "created", "createdBy", "comment"}]}
 *
 * Members for which there is nothing are absent.  An entry of the history without "layer" made
 * none; where the history does not match the layers, no entry has one.
 *
 * Of an index the image for options.platform is described; where none is asked for, the one for
 * this machine, else the first.  An artifact has no platform, config and history.
 */
#ifndef OHC_OCI_IMAGE_DESCRIBE_H
#define OHC_OCI_IMAGE_DESCRIBE_H

#include "core/report.h"
#include "oci/store/store.h"
#include "oci/documents/json.h"
#include "oci/documents/manifest.h"

struct ohc_describe_options {
	const struct ohc_platform *platform; /* or NULL */
	bool plain_sizes;                    /* decompresses all layers to know their plain sizes */
	uint64_t plain_max;                  /* bytes of a layer; 0: the default */
	bool missing;                        /* says of each layer whether it is there */
	size_t jobs;
	struct ohc_report *report;
};

/* The caller decrefs *ret.  name is how the image is called in it. */
int ohc_describe_image(struct ohc_store *s, const char *name, const char *ref,
		       const struct ohc_describe_options *options, json_t **ret,
		       struct ohc_error *err);

/* Gets the manifest that is described: the one that ref names, or the one of an index that the
 * options choose.  OHC_E_NOT_FOUND: an index of no images. */
int ohc_describe_choose(struct ohc_store *s, const char *ref, const struct ohc_platform *platform,
			struct ohc_document *ret, struct ohc_error *err);

/* Adds the members of the description that come from a config to `to`. */
void ohc_describe_config(json_t *to, const struct ohc_manifest *m, const json_t *config);

#endif
