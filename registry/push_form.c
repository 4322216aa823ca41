// SPDX-License-Identifier: Apache-2.0
/*
 * Chooses the requests for an upload's bytes where a host does not take the usual ones.  The choice
 * is kept with the host, so that other blobs need not find it out again.
 */
#include <inttypes.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/spool.h"
#include "registry/fault.h"
#include "registry/push_internal.h"
#include "registry/session.h"

/* The size of the next body: -1 when that is not known, 0 when nothing is left. */
static int size_of_next(struct ohc_push *p, int64_t *ret, struct ohc_error *err)
{
	uint64_t left = (uint64_t)p->up->d.size - p->w.at;
	ssize_t n;

	if (p->known) {
		*ret = (int64_t)(p->chunk && p->chunk < left ? p->chunk : left);
		return 0;
	}
	if (!p->chunk) {
		*ret = ohc_window_ended(&p->w) ? 0 : -1;
		return 0;
	}
	n = ohc_window_fill(&p->w, (size_t)p->chunk, err);
	*ret = n;
	return n < 0 ? (int)n : 0;
}

int ohc_push_next(struct ohc_push *p, struct ohc_push_body *ret, struct ohc_error *err)
{
	ret->start = p->w.at;
	ret->whole = p->known && !p->chunk && p->w.at == 0 && !(p->refused & OHC_NO_WHOLE);
	return size_of_next(p, &ret->n, err);
}

/* A host's least chunk is obeyed where the memory for it is bounded: of a blob of known size any
 * chunk can be sent, of another one only what the window holds; beyond that everything is one. */
void ohc_push_set_chunk(struct ohc_push *p, uint64_t min)
{
	uint64_t limit = atomic_load(&p->location->e->chunk);

	if (p->refused & OHC_NO_PATCH)
		p->chunk = 0;
	else if (limit)
		p->chunk = limit;
	else if (min && min <= OHC_PUSH_CHUNK)
		p->chunk = OHC_PUSH_CHUNK;
	else if (min && p->known)
		p->chunk = min;
	else if (!p->known && (p->refused & OHC_NO_STREAM))
		p->chunk = OHC_PUSH_CHUNK;
}

int ohc_push_shrink(struct ohc_push *p, const struct ohc_reply *re, struct ohc_error *err)
{
	uint64_t was = p->chunk, limit = was ? was / 4 : OHC_PUSH_CHUNK;

	if (limit > OHC_PUSH_CHUNK)
		limit = OHC_PUSH_CHUNK;
	if (limit < OHC_PUSH_CHUNK_LEAST || (p->refused & OHC_NO_PATCH))
		return ohc_fault_reply_error(
			re, err,
			"registry '%s', or a proxy before it, takes no body of %" PRIu64 " bytes",
			p->location->e->name, was ? was : (uint64_t)p->up->d.size);
	ohc_report_say(p->repo->r->o.report, OHC_VERBOSE,
		       "registry '%s' takes no large bodies: uploading in chunks of %" PRIu64
		       " bytes",
		       p->location->e->name, limit);
	atomic_store(&p->location->e->chunk, limit);
	p->chunk = limit;
	return ohc_push_take_up(p, err);
}

/* Copies the stream to a file, after which digest and size are known.  The window stands at the
 * first byte. */
static int spool(struct ohc_push *p, struct ohc_error *err)
{
	int fd = -1, rc = ohc_spool_open(&fd, err);
	uint64_t size = 0;

	if (rc < 0)
		return rc;
	p->spooled = ohc_source_fd(fd, ohc_spool_dir());
	rc = ohc_file_copy(&p->w.source, fd, ohc_spool_dir(), &size, err);
	if (rc == 0)
		rc = ohc_window_failure(&p->w, err);
	if (rc == 0)
		rc = ohc_source_seek(p->spooled, 0, err);
	if (rc < 0)
		return rc;
	ohc_window_clear(&p->w);
	ohc_window_init(&p->w, p->spooled, (uint64_t)p->up->d.size, OHC_PUSH_AGAIN);
	p->known = true;
	return 0;
}

int ohc_push_without(struct ohc_push *p, unsigned int refused, struct ohc_error *err)
{
	p->refused |= refused;
	p->chunk = 0;
	ohc_push_set_chunk(p, 0);
	return (p->refused & OHC_NO_PATCH) && !p->known ? spool(p, err) : 0;
}

bool ohc_push_is_about_form(int status)
{
	return status == 405 || status == 411 || status == 501;
}

/* Finds out why a body was refused: 411 and 501 mean that it had no length (RFC 9112, 6.1). */
static unsigned int refused_by(const struct ohc_push_body *b, int status)
{
	if (b->n < 0 && status != 405)
		return OHC_NO_STREAM;
	return b->whole ? OHC_NO_WHOLE : OHC_NO_PATCH;
}

static const char *name_of(unsigned int refused)
{
	return refused == OHC_NO_WHOLE   ? "blobs by PUT"
	       : refused == OHC_NO_PATCH ? "blobs by PATCH"
					 : "blobs of unknown size";
}

int ohc_push_cannot_again(struct ohc_push *p, int rc, const struct ohc_reply *re,
			  struct ohc_error *err)
{
	if (rc != -OHC_E_UNSUPPORTED)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	return ohc_fault_reply_error(re, err,
				     "registry '%s' wants the upload to '%s' in another way, and "
				     "its input can be read only once",
				     p->location->e->name, p->repo->name);
}

int ohc_push_change_form(struct ohc_push *p, const struct ohc_push_body *b,
			 const struct ohc_reply *re, struct ohc_error *err)
{
	const unsigned int both = OHC_NO_WHOLE | OHC_NO_PATCH;
	unsigned int refused = refused_by(b, re->status);
	int rc;

	if (((p->refused | refused) & both) == both)
		return ohc_repo_error(p->location, re, err, "upload to '%s'", p->repo->name);
	ohc_report_say(p->repo->r->o.report, OHC_VERBOSE,
		       "registry '%s' takes no %s (HTTP %d): uploading in another way",
		       p->location->e->name, name_of(refused), re->status);
	atomic_fetch_or(&p->location->e->refused, refused);
	rc = ohc_window_go(&p->w, 0, err);
	if (rc < 0)
		return ohc_push_cannot_again(p, rc, re, err);
	rc = ohc_push_without(p, refused, err);
	if (rc < 0 || b->start == 0) /* the session is still usable */
		return rc;
	ohc_session_abort(p->repo, p->url);
	return ohc_push_start_over(p, err);
}
