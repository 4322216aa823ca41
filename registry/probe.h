/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds out what a registry can do by asking it: scheme and authorization, whether one may push,
 * which of the distribution-spec's optional parts it has, and its limits.
 *
 *	struct ohc_probe p = OHC_PROBE_INIT;
 *
 *	rc = ohc_probe(client, &name, &options, &p, err);
 *	json = ohc_probe_json(&p);
 *	ohc_probe_clear(&p);
 *
 * What is found out about a host's forms of requests, and about its largest body, is kept for a day
 * with all else that is known of it (registry/hosts.h): pushes begin with it.
 *
 * Everything that is begun is ended: upload sessions are given up (DELETE), blobs and manifests are
 * made only where the registry deletes them again, unless options.leave says that one unreferenced
 * blob may stay.  What no request takes away is the name of a repository that had a blob, where a
 * registry goes on listing it.  A property that was not asked for is OHC_PROBE_UNKNOWN, with the
 * reason beside it; it is never guessed.
 */
#ifndef OHC_REGISTRY_PROBE_H
#define OHC_REGISTRY_PROBE_H

#include "oci/documents/json.h"
#include "registry/registry.h"

enum ohc_probe_answer {
	OHC_PROBE_UNKNOWN,
	OHC_PROBE_NO,
	OHC_PROBE_YES,
};

enum ohc_probe_item {
	OHC_PROBE_PUSH,        /* POST /blobs/uploads/ is allowed */
	OHC_PROBE_DELETE_BLOB, /* distribution-spec, "Content Management" */
	OHC_PROBE_DELETE_MANIFEST,
	OHC_PROBE_CHUNKS,             /* a second PATCH goes on behind the first */
	OHC_PROBE_POST_DIGEST,        /* a blob in one request: POST ?digest= */
	OHC_PROBE_MOUNT,              /* POST ?mount=&from= */
	OHC_PROBE_MOUNT_WITHOUT_FROM, /* POST ?mount= alone finds it */
	OHC_PROBE_REFERRERS,          /* GET /referrers/DIGEST */
	OHC_PROBE_TAG_QUERY,          /* PUT /manifests/DIGEST?tag= */
	OHC_PROBE_ITEMS,
};

struct ohc_probe {
	char *name;                /* "host/repo" */
	char *url;                 /* "https://host" */
	const char *authorization; /* "none", "basic", "bearer" */
	enum ohc_probe_answer answers[OHC_PROBE_ITEMS];
	char *why[OHC_PROBE_ITEMS]; /* the reason for each that is unknown */
	uint64_t chunk_min;         /* OCI-Chunk-Min-Length; 0: none */
	uint64_t body_max;          /* the largest body that was accepted; 0: none was tried */
	uint64_t body_refused;      /* the smallest that was answered with 413; 0: none */
	struct ohc_strv limits;     /* headers about rates, "name: value" */
	struct ohc_strv left;       /* blobs and manifests that could not be removed, and names */
	uint64_t requests;
};

#define OHC_PROBE_INIT       \
	{                    \
		.name = NULL \
	}

struct ohc_probe_options {
	bool leave;        /* also make what cannot be removed again */
	uint64_t body_max; /* try bodies up to this size; 0: none */
};

/* Fails when the registry cannot be reached or does not speak the distribution API, and when it
 * refuses the credentials; that they, or nobody's, do not give access is a result. */
int ohc_probe(struct ohc_registry *r, const struct ohc_name *name,
	      const struct ohc_probe_options *options, struct ohc_probe *ret,
	      struct ohc_error *err);
void ohc_probe_clear(struct ohc_probe *p);

/* "mount-without-from" */
const char *ohc_probe_item_name(enum ohc_probe_item item);
const char *ohc_probe_answer_name(enum ohc_probe_answer answer);

json_t *ohc_probe_json(const struct ohc_probe *p);

#endif
