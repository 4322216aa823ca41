// SPDX-License-Identifier: Apache-2.0
#include "registry/probe.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "core/interrupt.h"
#include "oci/documents/digest.h"
#include "registry/fault.h"
#include "registry/push_internal.h"
#include "registry/retry.h"
#include "registry/session.h"
#include "registry/url.h"

#define BLOB_SIZE  40
#define BODY_LEAST (1u << 20)

static const char *const item_names[OHC_PROBE_ITEMS] = {
	[OHC_PROBE_PUSH] = "push",
	[OHC_PROBE_DELETE_BLOB] = "delete-blob",
	[OHC_PROBE_DELETE_MANIFEST] = "delete-manifest",
	[OHC_PROBE_CHUNKS] = "chunks",
	[OHC_PROBE_POST_DIGEST] = "post-digest",
	[OHC_PROBE_MOUNT] = "mount",
	[OHC_PROBE_MOUNT_WITHOUT_FROM] = "mount-without-from",
	[OHC_PROBE_REFERRERS] = "referrers",
	[OHC_PROBE_TAG_QUERY] = "tag-query",
};

static const char *const answer_names[] = { "unknown", "no", "yes" };

/* Headers in which registries tell of their limits. */
static const char *const limit_headers[] = {
	"RateLimit",
	"RateLimit-Policy",
	"RateLimit-Limit",
	"RateLimit-Remaining",
	"RateLimit-Reset",
	"X-RateLimit-Limit",
	"X-RateLimit-Remaining",
	"X-RateLimit-Reset",
	"Retry-After",
	"Docker-RateLimit-Source",
};

struct probe {
	struct ohc_repo *repo, *sibling;
	const struct ohc_probe_options *o;
	struct ohc_probe *p;
	char blob[BLOB_SIZE + 1]; /* nobody has it yet */
	char digest[OHC_DIGEST_MAX];
	bool tidy; /* what is asked takes away what the probe left */
};

static void answer(struct probe *b, enum ohc_probe_item item, bool yes)
{
	b->p->answers[item] = yes ? OHC_PROBE_YES : OHC_PROBE_NO;
	free(ohc_take(b->p->why[item]));
}

static void unknown(struct probe *b, enum ohc_probe_item item, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void unknown(struct probe *b, enum ohc_probe_item item, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	free(b->p->why[item]);
	b->p->answers[item] = OHC_PROBE_UNKNOWN;
	b->p->why[item] = ohc_xstrdup(text);
}

static void unknown_answer(struct probe *b, enum ohc_probe_item item, int status, const char *to)
{
	if (status)
		unknown(b, item, "the registry answered %d%s", status, to);
	else
		unknown(b, item, "the registry gave no answer%s", to);
}

static void keep_limits(struct probe *b, const struct ohc_reply *re)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(limit_headers); i++) {
		const char *value = ohc_request_reply_header(re, limit_headers[i]);
		ohc_cleanup(ohc_freep) char *line = NULL;

		if (!value)
			continue;
		line = ohc_xasprintf("%s: %s", limit_headers[i], value);
		if (!ohc_strv_has(&b->p->limits, line))
			ohc_strv_add(&b->p->limits, line);
	}
}

/* Makes one request; *ret_status is 0 where there was no answer, which is OHC_E_NETWORK only when
 * nothing else can be learnt. */
static int ask(struct probe *b, struct ohc_repo *repo, const char *method, const char *url,
	       const char *actions, const char *type, const void *data, size_t n,
	       struct ohc_reply *re)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *header = NULL;

	ohc_repo_request(repo, ohc_repo_origin(repo), &rq, method, url, actions);
	if (type) {
		header = ohc_xasprintf("Content-Type: %s", type);
		ohc_strv_add(&rq.headers, header);
	}
	rq.data = data;
	rq.len = n;
	rq.cleanup = b->tidy && ohc_interrupt_pending();
	if (ohc_request_run(&repo->r->wire, &rq, re, NULL) < 0)
		re->status = 0;
	else
		keep_limits(b, re);
	return re->status;
}

static char *url_of(struct ohc_repo *repo, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static char *url_of(struct ohc_repo *repo, const char *fmt, ...)
{
	ohc_cleanup(ohc_freep) char *tail = NULL;
	char *url = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&tail, fmt, ap);
	va_end(ap);
	if (n < 0 || ohc_repo_url(repo, ohc_repo_origin(repo), &url, NULL, "%s", tail) < 0)
		return ohc_xstrdup("");
	return url;
}

static int ping(struct probe *b, struct ohc_error *err)
{
	struct ohc_endpoint *e = ohc_repo_origin(b->repo)->e;
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	const char *challenge;
	int rc = ohc_endpoint_ready(e, &b->repo->store.stats.requests, err);

	if (rc < 0)
		return rc;
	b->p->url = ohc_xstrdup(e->url);
	url = ohc_xasprintf("%s/v2/", e->url);
	ohc_request_init(&rq, "GET", url);
	rq.requests = &b->repo->store.stats.requests;
	rq.registry = true;
	rq.named = e->named;
	rq.insecure = e->insecure;
	rc = ohc_request_run(&b->repo->r->wire, &rq, &re, err);
	if (rc < 0)
		return rc;
	if (re.status != 200 && re.status != 401)
		return ohc_fault_reply_error(&re, err, "'%s' does not speak the distribution API",
					     e->name);
	challenge = ohc_request_reply_header(&re, "WWW-Authenticate");
	b->p->authorization = re.status == 200                                        ? "none"
			      : challenge && strncasecmp(challenge, "Bearer", 6) == 0 ? "bearer"
										      : "basic";
	if (re.status == 401)
		ohc_auth_learn(e->auth, re.x);
	keep_limits(b, &re);
	return 0;
}

static int begin(struct probe *b, struct ohc_repo *repo, const struct ohc_session_way *way,
		 struct ohc_reply *re, char **ret_url, struct ohc_error *err)
{
	int rc = ohc_session_open(repo, way, re, ret_url, err);

	if (rc < 0)
		return rc;
	keep_limits(b, re);
	if (re->status == 202 && !b->p->chunk_min)
		b->p->chunk_min = ohc_session_chunk_min(re);
	return 0;
}

/* Opens an upload session; NULL: *ret_status is the answer that came instead. */
static char *open_session(struct probe *b, struct ohc_repo *repo, const char *query,
			  const char *from_scope, int *ret_status)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	char *url = NULL;
	const struct ohc_session_way way = { .query = query, .from_scope = from_scope };
	int rc = begin(b, repo, &way, &re, &url, NULL);

	*ret_status = rc < 0 ? 0 : re.status;
	return url;
}

/* Judges that no answer came to an upload.  Without credentials, a token server's refusal is an
 * answer; with them it is an error, as it is to push. */
static int no_session(struct probe *b, int rc, const struct ohc_error *err)
{
	struct ohc_auth *auth = ohc_repo_origin(b->repo)->e->auth;

	if (rc == -OHC_E_NETWORK || rc == -OHC_E_FORMAT) {
		unknown(b, OHC_PROBE_PUSH, "%s", err->msg);
		return 0;
	}
	if (rc != -OHC_E_DENIED || ohc_auth_shown(auth, b->repo->origin.repo) != OHC_AUTH_NOTHING)
		return rc;
	answer(b, OHC_PROBE_PUSH, false);
	return 0;
}

/* Begins an upload, and gives it up.  Credentials that are refused are an error: every answer
 * would be about somebody else. */
static int probe_push(struct probe *b, struct ohc_error *err)
{
	struct ohc_auth *auth = ohc_repo_origin(b->repo)->e->auth;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = begin(b, b->repo, &(struct ohc_session_way){ 0 }, &re, &url, err);

	if (rc < 0)
		return no_session(b, rc, err);
	if (url)
		ohc_session_abort(b->repo, url);
	if (re.status == 401 && ohc_auth_shown(auth, b->repo->origin.repo) == OHC_AUTH_CREDENTIALS)
		return ohc_repo_error(ohc_repo_origin(b->repo), &re, err, "upload to '%s'",
				      b->repo->name);
	if (re.status == 202)
		answer(b, OHC_PROBE_PUSH, true);
	else if (re.status == 401 || re.status == 403 || re.status == 405)
		answer(b, OHC_PROBE_PUSH, false);
	else
		unknown_answer(b, OHC_PROBE_PUSH, re.status, " to an upload");
	return 0;
}

/* Sends one PATCH of n zeros from offset on; returns its status. */
static int patch(struct probe *b, char **url, uint64_t offset, size_t n)
{
	struct ohc_repo_location *location = ohc_repo_origin(b->repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *asked = ohc_xstrdup(*url), *zeros = ohc_xcalloc(1, n);

	ohc_repo_request(b->repo, location, &rq, "PATCH", asked, "pull,push");
	ohc_strv_add(&rq.headers, "Content-Type: application/octet-stream");
	ohc_strv_take(&rq.headers,
		      ohc_xasprintf("Content-Range: %" PRIu64 "-%" PRIu64, offset, offset + n - 1));
	rq.data = zeros;
	rq.len = n;
	rq.once = true;
	rq.patient = true;
	if (ohc_request_run(&b->repo->r->wire, &rq, &re, NULL) < 0)
		return 0;
	keep_limits(b, &re);
	if (re.status < 300)
		ohc_session_follow(location, &re, url, NULL);
	return re.status;
}

static void probe_chunks(struct probe *b)
{
	size_t n = b->p->chunk_min && b->p->chunk_min <= (16u << 20) ? b->p->chunk_min : 1024;
	int status;
	ohc_cleanup(ohc_freep) char *url = open_session(b, b->repo, "", NULL, &status);

	if (!url) {
		unknown_answer(b, OHC_PROBE_CHUNKS, status, " to an upload");
		return;
	}
	status = patch(b, &url, 0, n);
	if (status / 100 == 2)
		status = patch(b, &url, n, n);
	ohc_session_abort(b->repo, url);
	if (status / 100 == 2 || ohc_retry_is_about_request(status))
		answer(b, OHC_PROBE_CHUNKS, status / 100 == 2);
	else
		unknown_answer(b, OHC_PROBE_CHUNKS, status, " to a chunk");
}

/* Tries ever larger bodies, each in a session of its own that is given up. */
static void probe_bodies(struct probe *b)
{
	for (uint64_t n = BODY_LEAST; n <= b->o->body_max; n *= 4) {
		int status;
		ohc_cleanup(ohc_freep) char *url = open_session(b, b->repo, "", NULL, &status);

		if (!url)
			return;
		status = patch(b, &url, 0, n);
		ohc_session_abort(b->repo, url);
		if (status == 413)
			b->p->body_refused = n;
		if (status / 100 != 2)
			return;
		b->p->body_max = n;
	}
}

/* Asks to delete a manifest that is not there: a registry that deletes answers 404, others 405 (or
 * 400, UNSUPPORTED). */
static void probe_delete(struct probe *b, enum ohc_probe_item item, const char *kind)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = url_of(b->repo, "%s/%s", kind, b->digest);
	int status = ask(b, b->repo, "DELETE", url, "pull,push,delete", NULL, NULL, 0, &re);

	if (status == 404 || status == 202 || status == 200)
		answer(b, item, true);
	else if (status == 405 || status == 400 || status == 501 || status == 403 || status == 401)
		answer(b, item, false);
	else
		unknown_answer(b, item, status, " to a deletion");
}

static void probe_referrers(struct probe *b)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = url_of(b->repo, "referrers/%s", b->digest);
	int status = ask(b, b->repo, "GET", url, "pull", NULL, NULL, 0, &re);
	bool index = re.content_type && strcmp(re.content_type, OHC_MEDIA_OCI_INDEX) == 0;

	if (status == 200)
		answer(b, OHC_PROBE_REFERRERS, index);
	else if (status >= 400 && status < 500 && status != 401 && !ohc_request_reply_is_limit(&re))
		answer(b, OHC_PROBE_REFERRERS, false);
	else
		unknown_answer(b, OHC_PROBE_REFERRERS, status, "");
}

/* Asks also after an interrupt. */
static int ask_to_remove(struct probe *b, struct ohc_repo *repo, const char *url)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	int status;

	b->tidy = true;
	status = ask(b, repo, "DELETE", url, "pull,push,delete", NULL, NULL, 0, &re);
	b->tidy = false;
	return status;
}

static void remove_blob(struct probe *b, struct ohc_repo *repo)
{
	ohc_cleanup(ohc_freep) char *url = url_of(repo, "blobs/%s", b->digest);
	int status = ask_to_remove(b, repo, url);

	if (status != 202 && status != 200 && status != 404)
		ohc_strv_take(&b->p->left,
			      ohc_xasprintf("blob %s in '%s' (%d bytes, which nothing refers to)",
					    b->digest, repo->name, BLOB_SIZE));
}

/* Sends POST ?digest= with the whole blob: a registry that takes it answers 201.  One that answers
 * 202 has opened a session, and gets the blob there. */
static bool upload(struct probe *b, struct ohc_repo *repo)
{
	struct ohc_repo_location *location = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply second = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = url_of(repo, "blobs/uploads/?digest=%s", b->digest);
	ohc_cleanup(ohc_freep) char *session = ohc_xstrdup(url), *put = NULL;
	int status = ask(b, repo, "POST", url, "pull,push", "application/octet-stream", b->blob,
			 BLOB_SIZE, &re);

	if (status == 201 || status == 202 || ohc_retry_is_about_request(status))
		answer(b, OHC_PROBE_POST_DIGEST, status == 201);
	else
		unknown_answer(b, OHC_PROBE_POST_DIGEST, status, "");
	if (status != 202)
		return status == 201;
	if (ohc_session_follow(location, &re, &session, NULL) < 0)
		return false;
	put = ohc_url_add_query(session, "digest", b->digest);
	status = ask(b, repo, "PUT", put, "pull,push", "application/octet-stream", b->blob,
		     BLOB_SIZE, &second);
	if (status != 201)
		ohc_session_abort(repo, session);
	return status == 201;
}

/* Mounts into the repository; a session that is opened instead is given up. */
static void mount(struct probe *b, enum ohc_probe_item item, const char *from)
{
	ohc_cleanup(ohc_freep) char *query = NULL, *scope = NULL, *url = NULL;
	int status;

	query = from ? ohc_xasprintf("?mount=%s&from=%s", b->digest, from)
		     : ohc_xasprintf("?mount=%s", b->digest);
	scope = from ? ohc_xasprintf("repository:%s:pull", from) : NULL;
	url = open_session(b, b->repo, query, scope, &status);
	if (url)
		ohc_session_abort(b->repo, url);
	if (status == 201)
		remove_blob(b, b->repo);
	if (status == 201 || status == 202 || ohc_retry_is_about_request(status))
		answer(b, item, status == 201);
	else
		unknown_answer(b, item, status, " to a mount");
}

static void probe_mounts(struct probe *b)
{
	if (!upload(b, b->sibling)) {
		unknown(b, OHC_PROBE_MOUNT, "'%s' took no blob to mount from", b->sibling->name);
		unknown(b, OHC_PROBE_MOUNT_WITHOUT_FROM, "'%s' took no blob to mount from",
			b->sibling->name);
		return;
	}
	mount(b, OHC_PROBE_MOUNT_WITHOUT_FROM, NULL);
	mount(b, OHC_PROBE_MOUNT, b->sibling->origin.repo);
	remove_blob(b, b->sibling);
}

/* An artifact manifest by digest with ?tag=, as distribution-spec's main branch has it: its answer
 * has OCI-Tag, and the tag is there. */
static void probe_tag_query(struct probe *b)
{
	static const char manifest[] =
		"{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_MANIFEST "\","
		"\"artifactType\":\"application/vnd.ohcompose.probe\",\"config\":{\"mediaType\":"
		"\"application/"
		"vnd.oci.empty.v1+json\",\"size\":%d,\"digest\":\"%s\"},\"layers\":[]}";
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply there = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf(manifest, BLOB_SIZE, b->digest);
	ohc_cleanup(ohc_freep) char *tag =
		ohc_xasprintf("ohcompose-probe-%.12s", ohc_digest_hex(b->digest));
	ohc_cleanup(ohc_freep) char *url = NULL, *by_tag = NULL, *by_digest = NULL;
	char digest[OHC_DIGEST_MAX];
	bool tagged;
	int status;

	ohc_digest_of(text, strlen(text), digest);
	url = url_of(b->repo, "manifests/%s?tag=%s", digest, tag);
	by_tag = url_of(b->repo, "manifests/%s", tag);
	by_digest = url_of(b->repo, "manifests/%s", digest);
	status = ask(b, b->repo, "PUT", url, "pull,push", OHC_MEDIA_OCI_MANIFEST, text,
		     strlen(text), &re);
	tagged = status == 201 &&
		 ask(b, b->repo, "HEAD", by_tag, "pull", NULL, NULL, 0, &there) == 200;
	if (status == 201)
		answer(b, OHC_PROBE_TAG_QUERY, tagged);
	else
		unknown_answer(b, OHC_PROBE_TAG_QUERY, status, " to a manifest");
	if (status == 201 && ask_to_remove(b, b->repo, by_digest) / 100 != 2)
		ohc_strv_take(&b->p->left,
			      ohc_xasprintf("manifest %s in '%s'", digest, b->repo->name));
}

/* A registry may go on listing a repository that once had a blob, and none has a request that takes
 * an empty one away.  Says so of a repository without a tag list, which nobody has pushed to. */
static void note_name(struct probe *b, struct ohc_repo *repo)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = url_of(repo, "tags/list?n=1");

	if (b->p->answers[OHC_PROBE_DELETE_BLOB] == OHC_PROBE_YES &&
	    ask(b, repo, "GET", url, "pull", NULL, NULL, 0, &re) != 200)
		ohc_strv_take(&b->p->left,
			      ohc_xasprintf("the name '%s', empty, if the registry lists such",
					    repo->name));
}

/* Asks for what can only be found out by writing. */
static void probe_writing(struct probe *b)
{
	static const char keeps[] = "the registry would keep what it takes: ask for it with "
				    "--leave-blob";
	bool blobs = b->o->leave || b->p->answers[OHC_PROBE_DELETE_BLOB] == OHC_PROBE_YES;
	bool manifests = blobs && b->p->answers[OHC_PROBE_DELETE_MANIFEST] == OHC_PROBE_YES;

	if (blobs) {
		note_name(b, b->repo);
		note_name(b, b->sibling);
		probe_mounts(b);
	} else {
		unknown(b, OHC_PROBE_POST_DIGEST, keeps);
		unknown(b, OHC_PROBE_MOUNT, keeps);
		unknown(b, OHC_PROBE_MOUNT_WITHOUT_FROM, keeps);
	}
	if (!manifests) {
		unknown(b, OHC_PROBE_TAG_QUERY, "the registry would keep the manifest");
	} else if (upload(b, b->repo)) {
		probe_tag_query(b);
		remove_blob(b, b->repo);
	} else {
		unknown(b, OHC_PROBE_TAG_QUERY, "'%s' took no blob", b->repo->name);
	}
}

static void make_blob(struct probe *b)
{
	unsigned char bytes[8] = { 0 };

	if (getrandom(bytes, sizeof(bytes), 0) < 0)
		memset(bytes, 7, sizeof(bytes));
	snprintf(b->blob, sizeof(b->blob), "ohcompose probe         ");
	ohc_hex_encode(bytes, sizeof(bytes), b->blob + BLOB_SIZE - 16);
	memset(b->blob + strlen("ohcompose probe"), ' ',
	       BLOB_SIZE - 16 - strlen("ohcompose probe"));
	ohc_digest_of(b->blob, BLOB_SIZE, b->digest);
}

static void know(struct ohc_endpoint *e, unsigned int form, enum ohc_probe_answer answer)
{
	if (answer == OHC_PROBE_UNKNOWN)
		return;
	e->taken &= ~form;
	e->refused &= ~form;
	if (answer == OHC_PROBE_YES)
		e->taken |= form;
	else
		e->refused |= form;
}

/* Tells the host's endpoint, which keeps it for the pushes of a day (registry/hosts.h). */
static void teach(struct probe *b)
{
	struct ohc_endpoint *e = ohc_repo_origin(b->repo)->e;
	const struct ohc_probe *p = b->p;

	know(e, OHC_NO_POST, p->answers[OHC_PROBE_POST_DIGEST]);
	know(e, OHC_NO_TAGS, p->answers[OHC_PROBE_TAG_QUERY]);
	if (p->body_refused && p->body_max)
		e->chunk = p->body_max < OHC_PUSH_CHUNK ? p->body_max : OHC_PUSH_CHUNK;
}

static int probe(struct probe *b, struct ohc_error *err)
{
	int rc;

	make_blob(b);
	rc = ping(b, err);
	if (rc < 0)
		return rc;
	rc = probe_push(b, err);
	if (rc < 0)
		return rc;
	probe_referrers(b);
	if (b->p->answers[OHC_PROBE_PUSH] != OHC_PROBE_YES) {
		for (int i = OHC_PROBE_PUSH + 1; i < OHC_PROBE_ITEMS; i++)
			if (i != OHC_PROBE_REFERRERS)
				unknown(b, (enum ohc_probe_item)i, "pushing is not allowed");
		return ohc_interrupt_check(err);
	}
	probe_delete(b, OHC_PROBE_DELETE_BLOB, "blobs");
	probe_delete(b, OHC_PROBE_DELETE_MANIFEST, "manifests");
	probe_chunks(b);
	probe_bodies(b);
	probe_writing(b);
	rc = ohc_interrupt_check(err);
	if (rc == 0)
		teach(b);
	return rc;
}

/* The repository beside it, which a blob is mounted from. */
static int open_sibling(struct ohc_registry *r, const struct ohc_name *name, struct ohc_store **ret,
			struct ohc_error *err)
{
	struct ohc_name beside = *name;
	ohc_cleanup(ohc_freep) char *repo = ohc_xasprintf("%s-probe", name->repo);

	beside.repo = repo;
	return ohc_registry_open(r, &beside, ret, err);
}

int ohc_probe(struct ohc_registry *r, const struct ohc_name *name,
	      const struct ohc_probe_options *options, struct ohc_probe *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *repo = NULL, *sibling = NULL;
	ohc_cleanup(ohc_probe_clear) struct ohc_probe p = OHC_PROBE_INIT;
	struct probe b = { .o = options, .p = &p };
	int rc = ohc_registry_open(r, name, &repo, err);

	if (rc == 0)
		rc = open_sibling(r, name, &sibling, err);
	if (rc < 0)
		return rc;
	b.repo = ohc_repo_of(repo);
	b.sibling = ohc_repo_of(sibling);
	p.name = ohc_xasprintf("%s/%s", name->host, name->repo);
	rc = probe(&b, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "probe '%s'", p.name);
	p.requests = atomic_load(&repo->stats.requests) + atomic_load(&sibling->stats.requests);
	*ret = p;
	p = (struct ohc_probe)OHC_PROBE_INIT;
	return 0;
}

void ohc_probe_clear(struct ohc_probe *p)
{
	for (int i = 0; i < OHC_PROBE_ITEMS; i++)
		free(p->why[i]);
	ohc_strv_clear(&p->limits);
	ohc_strv_clear(&p->left);
	free(p->name);
	free(p->url);
	*p = (struct ohc_probe)OHC_PROBE_INIT;
}

const char *ohc_probe_item_name(enum ohc_probe_item item)
{
	return item_names[item];
}

const char *ohc_probe_answer_name(enum ohc_probe_answer answer)
{
	return answer_names[answer];
}

json_t *ohc_probe_json(const struct ohc_probe *p)
{
	json_t *can = json_object(), *why = json_object();

	for (int i = 0; i < OHC_PROBE_ITEMS; i++) {
		json_t *v = p->answers[i] == OHC_PROBE_UNKNOWN
				    ? json_null()
				    : json_boolean(p->answers[i] == OHC_PROBE_YES);

		json_object_set_new(can, item_names[i], v);
		if (p->why[i])
			json_object_set_new(why, item_names[i], ohc_json_text_value(p->why[i]));
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:I}", "name", p->name,
			 "url", p->url, "authorization", p->authorization, "can", can, "unknown",
			 why, "chunkMinLength", (json_int_t)p->chunk_min, "largestBody",
			 (json_int_t)p->body_max, "refusedBody", (json_int_t)p->body_refused,
			 "limits", ohc_json_texts(&p->limits), "left", ohc_json_texts(&p->left),
			 "requests", (json_int_t)p->requests);
}
