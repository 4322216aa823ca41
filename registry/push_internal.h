/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upload under way, shared by push.c (sessions, breaks, the whole upload), push_post.c (small
 * blobs), push_piece.c (one body and its answer) and push_form.c (the kind of requests).
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
	bool known; /* digest and size of it */
	struct ohc_source
		*spooled; /* the file of a stream whose size had to become known; or NULL */
	struct ohc_window w;
	char *url;            /* the session's newest */
	char *detour;         /* the URL that a redirect gave for the next body */
	unsigned int detours; /* since the last body that arrived */
	unsigned int refused; /* OHC_NO_…: forms that this host refuses */
	uint64_t chunk;       /* 0: no chunks */
	uint64_t mark;        /* how many bytes the session had at the last break */
	unsigned int barren;
	unsigned int renewals; /* tokens that were refused since the last progress */
	struct ohc_budget budget;
	bool posted; /* all of it, by POST: once is enough */
	bool done;   /* the blob is there: no closing PUT is needed */
};

/* Asks the session how far it is, and goes there. */
int ohc_push_take_up(struct ohc_push *p, struct ohc_error *err);

struct ohc_session;

/* Tries to send a small blob with the POST that begins its upload.  p->done: it is there; else
 * *ret may be the session that was opened instead. */
int ohc_push_post(struct ohc_push *p, struct ohc_session **ret, struct ohc_error *err);

/* Opens a new session, and starts from the first byte. */
int ohc_push_start_over(struct ohc_push *p, struct ohc_error *err);

/* Does the registry have the blob, although it did not say so?  Its digest is known. */
bool ohc_push_is_there(struct ohc_push *p);

/* The body of one request. */
struct ohc_push_body {
	bool whole;     /* all of the blob, by PUT; else a part of it, by PATCH */
	int64_t n;      /* its bytes; -1: that is not known, 0: nothing is left */
	uint64_t start; /* the first of them */
};

/* Plans the next body. */
int ohc_push_next(struct ohc_push *p, struct ohc_push_body *ret, struct ohc_error *err);

/* Sends the body.  p->done: nothing more is to do. */
int ohc_push_send(struct ohc_push *p, const struct ohc_push_body *b, struct ohc_error *err);

/* Decides whether to send chunks, by OCI-Chunk-Min-Length and by what is known of the host. */
void ohc_push_set_chunk(struct ohc_push *p, uint64_t min);

/* Chooses among the remaining forms when these (OHC_NO_…) are refused, too. */
int ohc_push_without(struct ohc_push *p, unsigned int refused, struct ohc_error *err);

/* Was the form of the request refused: its method, or that it has no length? */
bool ohc_push_is_about_form(int status);

/* Chooses another form after such a refusal of b, or smaller bodies after a 413. */
int ohc_push_change_form(struct ohc_push *p, const struct ohc_push_body *b,
			 const struct ohc_reply *re, struct ohc_error *err);
int ohc_push_shrink(struct ohc_push *p, const struct ohc_reply *re, struct ohc_error *err);

/* The error when another form cannot be tried, because the window cannot go back (rc). */
int ohc_push_cannot_again(struct ohc_push *p, int rc, const struct ohc_reply *re,
			  struct ohc_error *err);

#endif
