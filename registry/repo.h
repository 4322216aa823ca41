/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A repository as a store: shared by manifest.c, pull.c, push.c, mount.c, tags.c and referrers.c.
 *
 * A repository has locations to read from, asked in order: its mirrors, and then where it lies.  It
 * is written to at its origin alone, the host in its name; registries.conf may name other locations
 * to read it from.
 */
#ifndef OHC_REGISTRY_REPO_H
#define OHC_REGISTRY_REPO_H

#include <pthread.h>

#include "oci/store/store.h"
#include "registry/endpoint.h"
#include "registry/registry.h"
#include "registry/request.h"

/* Media types to accept: all that oci/documents/manifest.h understands, and schema 1 so that old
 * registries say what they have. */
#define OHC_REPO_ACCEPT                                                                           \
	"Accept: " OHC_MEDIA_OCI_MANIFEST ", " OHC_MEDIA_OCI_INDEX ", " OHC_MEDIA_DOCKER_MANIFEST \
	", " OHC_MEDIA_DOCKER_LIST ", application/json;q=0.5"

struct ohc_mounts;
struct ohc_registries_conf;

struct ohc_registry {
	struct ohc_registry_options o;
	struct ohc_wire wire;
	struct ohc_limits *own_limits;        /* where no others were given */
	struct ohc_credentials_ring *keyring; /* for what was named, with --creds among it */
	struct ohc_credentials_ring *found;   /* for everything else; or the same */
	pthread_mutex_t lock;
	struct ohc_endpoint *endpoints;
	struct ohc_mounts *mounts;
	struct ohc_registries_conf *conf;
	struct ohc_turns *fetching;
	struct ohc_turns *rights;  /* one asks at a time whether a repository may be written to */
	struct ohc_set *writable;  /* those that may, by name; under the lock */
	struct ohc_denial *denied; /* and those that may not */
	pthread_mutex_t referrers; /* an index of referrers is read and written by one at a time */
};

struct ohc_repo_location {
	struct ohc_endpoint *e;
	char *repo;
	bool by_tag, by_digest; /* may it be read by tag, by digest? */
};

/* The endpoint of a registry, made when it is new. */
struct ohc_endpoint *ohc_registry_endpoint(struct ohc_registry *r, const char *name);

/* An upload that was begun and waits for its blob (registry/session.h). */
struct ohc_session;

/* A repository that may not be written to, and why (registry/rights.c). */
struct ohc_denial;
void ohc_repo_denials_free(struct ohc_denial *d);

struct ohc_repo;

/* Notes what an upload that was begun, or refused, tells of the repository, for all of the client;
 * what was written to before is not taken for denied.  The last returns the error of the denial
 * that was noted, or 0. */
void ohc_repo_note_writable(struct ohc_repo *repo);
void ohc_repo_note_denied(struct ohc_repo *repo, const struct ohc_error *why);
int ohc_repo_check_denied(struct ohc_repo *repo, struct ohc_error *err);

struct ohc_repo {
	struct ohc_store store; /* first: a store is cast to it */
	struct ohc_registry *r;
	char *name; /* "host/repo" */
	struct ohc_repo_location *locations;
	size_t n_locations;
	struct ohc_repo_location origin;
	pthread_mutex_t lock;
	struct ohc_session *sessions;
	struct ohc_set *seen; /* digests of blobs that were brought here, or found to be here */
	bool to_be_written;
	_Atomic bool writable; /* it let an upload begin, or gave a token for one */
};

static inline struct ohc_repo *ohc_repo_of(struct ohc_store *s)
{
	return (struct ohc_repo *)s;
}

static inline struct ohc_repo_location *ohc_repo_origin(struct ohc_repo *repo)
{
	return &repo->origin;
}

/* The location to read from without mirrors. */
static inline struct ohc_repo_location *ohc_repo_last(struct ohc_repo *repo)
{
	return &repo->locations[repo->n_locations - 1];
}

/* Says why a mirror is left for the next location. */
void ohc_repo_left(struct ohc_repo *repo, const struct ohc_repo_location *p,
		   const struct ohc_error *err);

/* "BASE/v2/REPO/fmt"; the location's endpoint is made ready first.  The caller frees it. */
int ohc_repo_url(struct ohc_repo *repo, struct ohc_repo_location *p, char **ret,
		 struct ohc_error *err, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Prepares a request with the authorization that the location wants.  Its answer may take minutes:
 * a registry puts blobs together, walks through all tags, or asks another registry that it is a
 * proxy of.  Where url is on another origin (an upload's Location may be) it gets no authorization.
 * actions: "pull", "pull,push". */
void ohc_repo_request(struct ohc_repo *repo, struct ohc_repo_location *p, struct ohc_request *rq,
		      const char *method, const char *url, const char *actions);

/* OHC_E_DENIED and others for a reply that is no success; doing: "push to 'host/repo'". */
int ohc_repo_error(struct ohc_repo_location *p, const struct ohc_reply *re, struct ohc_error *err,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Notes that the blob is in the repository. */
void ohc_repo_saw_blob(struct ohc_repo *repo, const char *digest);

/* Does the reply to a manifest say that a blob of it is not there (distribution-spec, "Error
 * Codes", MANIFEST_BLOB_UNKNOWN)?  *ret_seen: every blob that it names was seen there, or it names
 * none. */
bool ohc_repo_lacks_blob(struct ohc_repo *repo, const struct ohc_reply *re, bool *ret_seen);

/* The page that the reply's Link leads to from `url`, or NULL; the caller frees it.  It must lie on
 * the same host. */
int ohc_repo_next_page(const struct ohc_reply *re, const char *url, char **ret,
		       struct ohc_error *err);

/* Gets the manifest that ref (tag or digest) names at a location.  OHC_E_NOT_FOUND: nothing. */
int ohc_repo_get_from(struct ohc_repo *repo, struct ohc_repo_location *p, const char *ref,
		      struct ohc_reply *re, struct ohc_error *err);

/* Writes doc, under the tag where there is one.  re->settled: it was there already, or was put and
 * the answer got lost. */
int ohc_repo_put_at_origin(struct ohc_repo *repo, const char *tag, const struct ohc_document *doc,
			   struct ohc_reply *re, struct ohc_error *err);

/* A PUT of doc, which may be set up further. */
void ohc_repo_put_request(struct ohc_repo *repo, struct ohc_request *rq, const char *url,
			  const struct ohc_document *doc);

/* The store's operations, by file. */
int ohc_repo_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			  char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err);
int ohc_repo_head_manifest(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			   struct ohc_error *err);
int ohc_repo_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			  struct ohc_error *err);
int ohc_repo_put_tagged(struct ohc_store *s, const char *const *tags, size_t n,
			const struct ohc_document *doc, struct ohc_error *err);
int ohc_repo_delete_manifest(struct ohc_store *s, const char *ref, struct ohc_error *err);
int ohc_repo_open_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_source **ret,
		       struct ohc_error *err);
int ohc_repo_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
		      struct ohc_error *err);
int ohc_repo_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err);
int ohc_repo_mount_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_store *from,
			bool *ret, struct ohc_error *err);
int ohc_repo_may_write(struct ohc_store *s, struct ohc_error *err);
int ohc_repo_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err);
int ohc_repo_get_referrers(struct ohc_store *s, const char *digest, struct ohc_buf *ret_bytes,
			   struct ohc_error *err);
int ohc_repo_lists_referrers(struct ohc_store *s, bool *ret, struct ohc_error *err);
int ohc_repo_delete_referrer(struct ohc_store *s, const char *subject, const char *digest,
			     struct ohc_error *err);

#endif
