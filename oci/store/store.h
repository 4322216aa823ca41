/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store holds images: a repository in a registry, a layout directory, an archive.  Every command
 * works on stores, whatever their kind.
 *
 *	rc = ohc_store_get_manifest(store, "22.04", &doc, err);
 *	rc = ohc_store_open_blob(store, &layer, &src, err);
 *	rc = ohc_store_put_blob(store, src, NULL, media_type, &written, err);
 *	rc = ohc_store_put_manifest(store, "mine", &doc, err);
 *	rc = ohc_store_finish(store, err);
 *
 * Verification has one home, the functions below: a blob is counted and hashed while it is read and
 * while it is written, a manifest before it is parsed, so that no backend can forget it.  Backends
 * implement struct ohc_store_ops and never check digests of their own.
 *
 * All functions may be called from several threads at once, but finish and close.
 */
#ifndef OHC_OCI_STORE_STORE_H
#define OHC_OCI_STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/io.h"
#include "core/report.h"
#include "core/strv.h"
#include "oci/documents/document.h"

struct ohc_cache;
struct ohc_held_tags;
struct ohc_store;
struct ohc_turns;

/*
 * A blob on its way into a store.  The backend reads it to its end, and then finds the descriptor's
 * digest and size set; before that they are set only when `known`.  A read fails at the end when
 * the bytes are not what was promised, so a backend that sees 0 may let the blob appear.  It may
 * seek (to 0 or to where a broken transfer stood) when ohc_source_can_seek(source).
 */
struct ohc_upload {
	struct ohc_source *source;
	struct ohc_descriptor d;
	bool known;
};

/* Reads what a backend has taken to its end; fails when it is not what it should be. */
struct ohc_store_check {
	int (*read)(const struct ohc_store_check *c, struct ohc_source *src, struct ohc_error *err);
};

struct ohc_store_ops {
	/* Finds what a tag (or NULL: the only image) names, for stores that keep its descriptor:
	 * the manifest is then got by digest and held to it.  NULL: get_manifest() takes tags. */
	int (*resolve)(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		       struct ohc_error *err);

	/* The same for stores that can tell the digest without giving the manifest (a registry's
	 * HEAD); ret->digest is "" where they did not.  NULL: they never do. */
	int (*head)(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		    struct ohc_error *err);

	/* The manifest or index that ref (tag or digest; NULL: the only one) names.  media_type is
	 * the one that the store gives it, "" when it gives none. */
	int (*get_manifest)(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			    char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err);

	/* Stores doc, under the tag where tag is not NULL.  Its blobs are there. */
	int (*put_manifest)(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			    struct ohc_error *err);

	/* The same under several tags.  NULL: one after another. */
	int (*put_tagged)(struct ohc_store *s, const char *const *tags, size_t n,
			  const struct ohc_document *doc, struct ohc_error *err);

	int (*open_blob)(struct ohc_store *s, const struct ohc_descriptor *d,
			 struct ohc_source **ret, struct ohc_error *err);
	int (*has_blob)(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
			struct ohc_error *err);
	int (*put_blob)(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err);

	/* Makes the blob of another store of the same kind appear without moving its bytes; *ret is
	 * false where that cannot be done, which is no error.  May be NULL. */
	int (*mount_blob)(struct ohc_store *s, const struct ohc_descriptor *d,
			  struct ohc_store *from, bool *ret, struct ohc_error *err);

	/* Takes the blob of another store of the same kind as a file of its own without writing its
	 * bytes (a clone of the file), lets check() read that file, and makes the blob appear only
	 * when that returns 0.  *ret is false where that cannot be done, which is no error.  May be
	 * NULL. */
	int (*share_blob)(struct ohc_store *s, const struct ohc_descriptor *d,
			  struct ohc_store *from, const struct ohc_store_check *check, bool *ret,
			  struct ohc_error *err);

	/* Whether images may be put here, found out without putting one.  May be NULL. */
	int (*may_write)(struct ohc_store *s, struct ohc_error *err);

	/* Adds the names that the store has, sorted bytewise, unchecked. */
	int (*list_tags)(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err);

	/* The index (image-spec) of the manifests whose subject is `digest`; an empty one when
	 * there are none.  May be NULL. */
	int (*get_referrers)(struct ohc_store *s, const char *digest, struct ohc_buf *ret_bytes,
			     struct ohc_error *err);

	/* Does the store itself know what refers to a manifest?  *ret is false where a list of that
	 * is kept under a tag of its own for each.  NULL: it does. */
	int (*lists_referrers)(struct ohc_store *s, bool *ret, struct ohc_error *err);

	/* Removes a manifest (ref is a digest) or a tag.  May be NULL. */
	int (*delete_manifest)(struct ohc_store *s, const char *ref, struct ohc_error *err);

	/* Removes a manifest whose subject is `subject`, from all lists of what refers to that,
	 * too.  NULL: delete_manifest() does. */
	int (*delete_referrer)(struct ohc_store *s, const char *subject, const char *digest,
			       struct ohc_error *err);

	/* Called when everything was put: writes what must come last (an archive's index). */
	int (*finish)(struct ohc_store *s, struct ohc_error *err);

	/* Frees the store, and removes what was not finished. */
	void (*close)(struct ohc_store *s);
};

/* Counts the bytes that went over the network or the disk so far. */
struct ohc_store_stats {
	_Atomic uint64_t downloaded; /* bytes of blobs and manifests that were read */
	_Atomic uint64_t uploaded;   /* bytes that were written, or sent: twice what went twice */
	_Atomic uint64_t requests;   /* HTTP requests; 0 for files */
};

/* The head that every backend embeds as its first member. */
struct ohc_store {
	const struct ohc_store_ops *ops;
	const char *name; /* the repository, directory or file, for messages; the backend's */
	bool serial;      /* blobs go in or out one after another: several at a time only wait */
	bool counts;      /* it counts what it uploads itself, where that goes over a wire */
	struct ohc_cache *documents; /* where manifests and configs are kept; NULL: nowhere */
	struct ohc_held_tags
		*held;    /* what tags name for this run; NULL: each time they are asked */
	atomic_bool mute; /* it was asked for a tag's digest, and did not tell */
	struct ohc_turns *fetching; /* by digest, so that one of them is fetched once; or NULL */

	/* Asked before a blob or document is read, in any thread, so that what is kept need not be
	 * read.  NULL: nothing is kept. */
	int (*before_reading)(void *ctx, struct ohc_error *err);
	void *before_ctx;

	struct ohc_store_stats stats;
};

/* Reads the document and checks it: it has at most OHC_DOCUMENT_MAX bytes; where ref is a digest,
 * it is that of the bytes; its own mediaType and the one that the store gives agree.  doc->d is
 * filled. */
int ohc_store_get_manifest(struct ohc_store *s, const char *ref, struct ohc_document *ret,
			   struct ohc_error *err);

/* Tells which manifest a tag names, where that is possible without getting it.  OHC_E_NOT_FOUND:
 * none; ret->digest is "" where the store does not tell. */
int ohc_store_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		      struct ohc_error *err);

/* The same where that costs nothing more than reading the manifest next would: by HEAD only of a
 * tag that was read before.  ret->digest is "" where it is not told. */
int ohc_store_recall(struct ohc_store *s, const char *ref, struct ohc_descriptor *ret,
		     struct ohc_error *err);

/* As above by descriptor: size and digest must be what it promises. */
int ohc_store_get_child(struct ohc_store *s, const struct ohc_descriptor *d,
			struct ohc_document *ret, struct ohc_error *err);

/* A document that could not be read again (also by our limits) and a malformed tag are refused
 * before anything is written. */
int ohc_store_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			   struct ohc_error *err);

/* The same under several tags, in as few requests as the place takes; without any tag by digest
 * alone. */
int ohc_store_put_tagged(struct ohc_store *s, const char *const *tags, size_t n,
			 const struct ohc_document *doc, struct ohc_error *err);

/* Opens the blob that d names.  The caller closes *ret.  Bytes are checked as they are read: the
 * last read fails with OHC_E_DIGEST when they are not what d promised (size or digest). */
int ohc_store_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			struct ohc_source **ret, struct ohc_error *err);

/* The whole of a small blob (a config), checked, at most OHC_DOCUMENT_MAX bytes. */
int ohc_store_read_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_buf *ret,
			struct ohc_error *err);

int ohc_store_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
		       struct ohc_error *err);

/* Writes what src gives (and leaves closing it to the caller).  expected: what it must be, or NULL
 * where that shows only at its end; then media_type names its type.  *ret tells what was
 * written. */
int ohc_store_put_blob(struct ohc_store *s, struct ohc_source *src,
		       const struct ohc_descriptor *expected, const char *media_type,
		       struct ohc_descriptor *ret, struct ohc_error *err);

/* Hears what a blob is as soon as it was read to its end, which is before the store says that it
 * has it.  Again where it had to be read again.  In the thread that puts it. */
struct ohc_store_listener {
	void (*read)(void *ctx, const struct ohc_descriptor *d);
	void *ctx;
};

/* Puts a blob that shows only at its end what it is. */
int ohc_store_put_stream(struct ohc_store *s, struct ohc_source *src, const char *media_type,
			 const struct ohc_store_listener *listener, struct ohc_descriptor *ret,
			 struct ohc_error *err);

/* From one store to another; each byte is hashed once on its way, or where it lies then (between
 * layouts on one file system it is not written again).  task (may be NULL) is advanced. */
int ohc_store_transfer(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *d,
		       struct ohc_task *task, struct ohc_error *err);

/* Bytes in memory; nothing is sent when the store has them already.  A config that could not be
 * read again is refused. */
int ohc_store_put_bytes(struct ohc_store *s, const void *data, size_t n, const char *media_type,
			struct ohc_descriptor *ret, struct ohc_error *err);

int ohc_store_mount_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			 struct ohc_store *from, bool *ret, struct ohc_error *err);

/* Fails when images cannot be put here, as far as that shows without putting one.  Asked before
 * anything is read that would go there. */
int ohc_store_may_write(struct ohc_store *s, struct ohc_error *err);

/* Adds the tags (a layout's are the names of ohc_name_ref_check()), sorted bytewise.  A malformed
 * name is OHC_E_FORMAT; the second function puts malformed names aside, for commands that only show
 * them. */
int ohc_store_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err);
int ohc_store_list_tags_apart(struct ohc_store *s, struct ohc_strv *ret, struct ohc_strv *ret_odd,
			      struct ohc_error *err);

int ohc_store_get_referrers(struct ohc_store *s, const char *digest, struct ohc_document *ret,
			    struct ohc_error *err);
int ohc_store_lists_referrers(struct ohc_store *s, bool *ret, struct ohc_error *err);
int ohc_store_delete_manifest(struct ohc_store *s, const char *ref, struct ohc_error *err);
int ohc_store_delete_referrer(struct ohc_store *s, const char *subject, const char *digest,
			      struct ohc_error *err);
int ohc_store_finish(struct ohc_store *s, struct ohc_error *err);
void ohc_store_close(struct ohc_store *s);
void ohc_store_closep(struct ohc_store **s);

#endif
