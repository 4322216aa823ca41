/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upload under way: what push.c (sessions, breaks, the whole of it), push_post.c (small blobs),
 * push_piece.c (one body and what its answer means) and push_form.c (which requests the bytes go
 * in) share.
 */
#ifndef OHC_REGISTRY_PUSH_INTERNAL_H
#define OHC_REGISTRY_PUSH_INTERNAL_H

#include "registry/repo.h"
#include "registry/window.h"

#define OHC_PUSH_CHUNK       (16u << 20)
#define OHC_PUSH_CHUNK_LEAST (256u * 1024)
#define OHC_PUSH_AGAIN       (4u << 20) /* the window over a source that can be read again */
#define OHC_PUSH_BARREN_MAX  2          /* breaks without progress, until another way is tried */

struct ohc_push {
	struct ohc_repo *repo;
	struct ohc_repo_location *location;
	struct ohc_upload *up;
	bool known;                 /* digest and size of it */
	struct ohc_source *spooled; /* a stream that had to become known; or NULL */
	struct ohc_window w;
	char *url;            /* the session's newest */
	char *detour;         /* where the next body goes instead: a redirect said so */
	unsigned int detours; /* since the last body that arrived */
	unsigned int refused; /* OHC_NO_…: forms that are no use */
	uint64_t chunk;       /* 0: no chunks */
	uint64_t mark;        /* what the session had at the last break */
	unsigned int barren;
	unsigned int renewals; /* tokens that were refused since the last progress */
	struct ohc_budget budget;
	bool posted; /* all of it, by POST: once is enough */
	bool done;   /* a whole PUT needs no further one */
};

/* Asks the session how far it is, and goes there. */
int ohc_push_take_up(struct ohc_push *p, struct ohc_error *err);

struct ohc_session;

/* Tries to send a small blob with the POST that begins its upload.  p->done: it is there; else
 * *ret may be the session that was opened instead. */
int ohc_push_post(struct ohc_push *p, struct ohc_session **ret, struct ohc_error *err);

/* The session is no use: a new one, from the first byte on. */
int ohc_push_start_over(struct ohc_push *p, struct ohc_error *err);

/* The registry has the blob, whatever it answered.  Its digest is known. */
bool ohc_push_is_there(struct ohc_push *p);

/* One request's body. */
struct ohc_push_body {
	bool whole;     /* all of the blob, by PUT; else a part of it, by PATCH */
	int64_t n;      /* its bytes; -1: that is not known, 0: nothing is left */
	uint64_t start; /* the first of them */
};

/* The next one. */
int ohc_push_next(struct ohc_push *p, struct ohc_push_body *ret, struct ohc_error *err);

/* Sends it.  p->done: nothing more is to do. */
int ohc_push_send(struct ohc_push *p, const struct ohc_push_body *b, struct ohc_error *err);

/* Decides on chunks, by the host's OCI-Chunk-Min-Length and by what is known of the host. */
void ohc_push_set_chunk(struct ohc_push *p, uint64_t min);

/* Goes on with what is left of the forms when these (OHC_NO_…) are refused, too. */
int ohc_push_without(struct ohc_push *p, unsigned int refused, struct ohc_error *err);

/* A no to the form of a request: its method, or that it has no length. */
bool ohc_push_is_about_form(int status);

/* After such a no to b; after a 413: bodies must be smaller. */
int ohc_push_change_form(struct ohc_push *p, const struct ohc_push_body *b,
			 const struct ohc_reply *re, struct ohc_error *err);
int ohc_push_shrink(struct ohc_push *p, const struct ohc_reply *re, struct ohc_error *err);

/* Why another way cannot be tried: the window cannot go back (rc). */
int ohc_push_cannot_again(struct ohc_push *p, int rc, const struct ohc_reply *re,
			  struct ohc_error *err);

#endif
