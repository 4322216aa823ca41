// SPDX-License-Identifier: Apache-2.0
#include "registry/request.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/interrupt.h"
#include "core/base64.h"
#include "registry/request_pass.h"
#include "registry/retry.h"
#include "registry/trust.h"
#include "registry/url.h"
#include "registry/warning.h"

#define CLEANUP_SECONDS 3
#define PATIENT_SECONDS 900
#define AUTH_TRIES      3
#define LONG_WAIT_MS    5000 /* a longer wait is told without -v */

void ohc_request_init(struct ohc_request *rq, const char *method, const char *url)
{
	*rq = (struct ohc_request){ .method = method, .url = url, .max_reply = OHC_ERROR_BODY };
}

void ohc_request_clear(struct ohc_request *rq)
{
	ohc_strv_clear(&rq->headers);
	ohc_strv_clear(&rq->want.scopes);
	free(rq->own_url);
}

const char *ohc_request_reply_header(const struct ohc_reply *re, const char *name)
{
	return re->x ? ohc_http_header(re->x, name) : NULL;
}

bool ohc_request_reply_is_limit(const struct ohc_reply *re)
{
	return ohc_retry_is_refusal(re->status, ohc_buf_str(&re->body));
}

struct ohc_retry_input ohc_request_reply_facts(const struct ohc_reply *re)
{
	return (struct ohc_retry_input){
		.fault = OHC_HTTP_FINE,
		.status = re->status,
		.retry_after = ohc_request_reply_header(re, "Retry-After"),
		.body = ohc_buf_str(&re->body),
		.now = time(NULL),
	};
}

void ohc_request_reply_clear(struct ohc_reply *re)
{
	ohc_request_pass_leave(re);
	ohc_http_close(re->x);
	ohc_buf_clear(&re->body);
	free(re->url);
	free(re->content_type);
	*re = (struct ohc_reply)OHC_REPLY_INIT;
}

char *ohc_request_basic_header(const char *user, const char *password)
{
	ohc_cleanup(ohc_freep) char *pair = ohc_xasprintf("%s:%s", user, password);
	ohc_cleanup(ohc_freep) char *text = ohc_base64_encode(pair, strlen(pair));
	char *header = ohc_xasprintf("Basic %s", text);

	explicit_bzero(pair, strlen(pair));
	explicit_bzero(text, strlen(text));
	return header;
}

/* A server that was not reached was not asked. */
static bool was_asked(enum ohc_http_fault fault)
{
	return fault != OHC_HTTP_UNREACHABLE && fault != OHC_HTTP_NO_TLS &&
	       fault != OHC_HTTP_PLAIN && fault != OHC_HTTP_UNTRUSTED && fault != OHC_HTTP_LOCAL;
}

static void trace(const struct ohc_wire *w, const struct ohc_request *rq, const char *url,
		  const struct ohc_reply *re, int64_t began)
{
	ohc_cleanup(ohc_freep) char *shown = NULL;
	int status = re->status;

	if (rq->requests && was_asked(re->fault))
		atomic_fetch_add(rq->requests, 1);
	if (!ohc_report_wants(w->report, OHC_TRACE))
		return;
	shown = ohc_url_public(url);
	if (status)
		ohc_report_say(w->report, OHC_TRACE, "%s %s: %d, %lld ms", rq->method, shown,
			       status, (long long)(ohc_clock_ms() - began));
	else
		ohc_report_say(w->report, OHC_TRACE, "%s %s: no answer, %lld ms", rq->method, shown,
			       (long long)(ohc_clock_ms() - began));
}

static unsigned int reply_timeout(const struct ohc_wire *w, const struct ohc_request *rq)
{
	if (!rq->patient || rq->cleanup)
		return 0;
	return w->timeout < PATIENT_SECONDS ? PATIENT_SECONDS : w->timeout;
}

/* Names the option that would help, for a host that was named on the command line. */
static void advise(const struct ohc_wire *w, enum ohc_http_fault fault, struct ohc_error *err)
{
	struct ohc_error why = *err;

	if (fault == OHC_HTTP_UNTRUSTED)
		ohc_error_set(err, why.code, "%s (%s goes on without a check)", why.msg,
			      w->insecure);
	if (fault == OHC_HTTP_PLAIN)
		ohc_error_set(err, why.code, "%s: %s allows that", why.msg, w->insecure);
	if (fault == OHC_HTTP_NO_TLS)
		ohc_error_set(err, why.code, "%s (if it speaks plain http: %s allows that)",
			      why.msg, w->insecure);
}

/* A container or a bare root often comes without any. */
static void tell_no_ca(const struct ohc_http_tls *tls, enum ohc_http_fault fault,
		       struct ohc_error *err)
{
	struct ohc_error why = *err;

	if (fault == OHC_HTTP_UNTRUSTED && tls && !tls->system && !tls->ca)
		ohc_error_set(err, why.code,
			      "%s: there are no CA certificates here; install ca-certificates, or "
			      "name a file by --ca-file or SSL_CERT_FILE",
			      why.msg);
}

/* Makes the header for the first host, when the turn there has come. */
static int authorize(const struct ohc_request *rq, const char *authority, struct ohc_auth_grant *g,
		     const char **ret, struct ohc_error *err)
{
	int rc = 0;

	if (rq->auth && !rq->authorization)
		rc = ohc_auth_header(rq->auth, &rq->want, authority, g, err);
	*ret = rq->authorization ? rq->authorization : g->header;
	return rc;
}

/* After a failure: is the host there at all? */
static void look_for(const struct ohc_wire *w, const char *authority, struct ohc_reply *re)
{
	re->away = re->named && re->fault == OHC_HTTP_UNREACHABLE &&
		   ohc_limits_is_away(w->limits, authority);
	re->hopeless = re->away && ohc_limits_is_hopeless(w->limits, authority);
}

/* One exchange with one host. */
static int hop(const struct ohc_wire *w, const struct ohc_request *rq, const char *url,
	       struct ohc_auth_grant *g, struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *memory = NULL;
	ohc_cleanup(ohc_freep) char *authority = ohc_url_authority(url);
	bool first = ohc_url_same_origin(url, rq->url);
	struct ohc_http_request h = {
		.method = rq->method,
		.url = url,
		.headers = &rq->headers,
		.body = rq->body,
		.body_size = rq->body_size,
		.large = rq->stream,
		.expect = rq->expect,
		.connect_timeout = rq->cleanup           ? CLEANUP_SECONDS
				   : rq->connect_timeout ? rq->connect_timeout
							 : w->timeout,
		.stall_timeout = rq->cleanup ? CLEANUP_SECONDS : w->timeout,
		.reply_timeout = reply_timeout(w, rq),
		.despite_interrupt = rq->cleanup || rq->orderly,
		.sent = rq->uploaded,
		.report = w->report,
	};
	static const struct ohc_http_tls unchecked = { .insecure = true };
	/* Without TLS the system's certificates, which can be hundreds of files, are not read. */
	bool unsafe = rq->insecure || !ohc_url_is_https(url);
	int64_t began;
	int rc = ohc_trust_for(w->trust, authority, first && rq->named, unsafe, &h.tls, err);

	re->fault = OHC_HTTP_LOCAL;
	re->named = rq->named;
	if (rc < 0)
		return rc;
	rc = ohc_request_pass_enter(w, rq, authority, re, err);
	if (rc < 0)
		return rc;
	if (first)
		rc = authorize(rq, authority, g, &h.authorization, err);
	if (rc < 0) {
		ohc_request_pass_leave(re);
		return rc;
	}
	if (rq->unchecked)
		h.tls = &unchecked;
	if (rq->data) {
		h.body = memory = ohc_source_memory(rq->data, rq->len);
		h.body_size = (int64_t)rq->len;
	}
	began = ohc_clock_ms();
	rc = ohc_http_start(w->http, &h, &re->x, &re->fault, err);
	if (rc < 0)
		tell_no_ca(h.tls, re->fault, err);
	if (rc < 0 && first && rq->named)
		advise(w, re->fault, err);
	re->status = rc == 0 ? ohc_http_status(re->x) : 0;
	trace(w, rq, url, re, began);
	if (re->status < 400)
		ohc_request_pass_leave(re);
	if (rc < 0)
		look_for(w, authority, re);
	if (rc == 0 && first && rq->registry && w->warnings)
		ohc_warnings_hear(w->warnings, authority, re->x);
	return rc;
}

static bool is_redirect(const struct ohc_request *rq, const struct ohc_reply *re)
{
	bool safe = strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0;

	switch (re->status) {
	case 301:
	case 302:
	case 303:
		return safe && ohc_request_reply_header(re, "Location");
	case 307:
	case 308:
		return !rq->body && ohc_request_reply_header(re, "Location");
	default:
		return false;
	}
}

static int next_url(const struct ohc_request *rq, const struct ohc_reply *re, char **url,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *next = NULL, *shown = NULL;
	int rc = ohc_url_resolve(*url, ohc_request_reply_header(re, "Location"), &next, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "redirect of %s", rq->method);
	shown = ohc_url_public(next);
	if (ohc_url_is_https(*url) && !ohc_url_is_https(next))
		return ohc_error_set(err, OHC_E_NETWORK,
				     "refused a redirect from https to http: '%s'", shown);
	if (rq->secret && !ohc_url_same_origin(rq->url, next))
		return ohc_error_set(err, OHC_E_DENIED,
				     "refused to send credentials on to another host: '%s'", shown);
	free(*url);
	*url = ohc_take(next);
	return 0;
}

static int follow(const struct ohc_wire *w, const struct ohc_request *rq, struct ohc_auth_grant *g,
		  struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *url = ohc_xstrdup(rq->url), *shown = NULL;
	int rc;

	for (int i = 0; i <= OHC_REDIRECTS_MAX; i++) {
		rc = hop(w, rq, url, g, re, err);
		if (rc < 0)
			return rc;
		if (!is_redirect(rq, re)) {
			re->url = ohc_take(url);
			return 0;
		}
		rc = next_url(rq, re, &url, err);
		ohc_request_reply_clear(re);
		re->fault = OHC_HTTP_LOCAL;
		if (rc < 0)
			return rc;
	}
	shown = ohc_url_public(rq->url);
	return ohc_error_set(err, OHC_E_NETWORK, "'%s' redirects more than %d times", shown,
			     OHC_REDIRECTS_MAX);
}

static void keep_content_type(struct ohc_reply *re)
{
	const char *value = ohc_request_reply_header(re, "Content-Type");

	if (value)
		re->content_type = ohc_xstrndup(value, strcspn(value, "; \t"));
}

/* Reads as much of the body as is wanted.  Only for a successful GET does it matter that all
 * came. */
static int read_reply(const struct ohc_request *rq, struct ohc_reply *re, struct ohc_error *err)
{
	bool success = re->status < 300, matters = success && strcmp(rq->method, "GET") == 0;
	size_t max = success ? rq->max_reply : OHC_ERROR_BODY;
	char piece[8192];
	struct ohc_error ignored;
	ssize_t n;

	if (success && rq->stream)
		return 0;
	while ((n = ohc_http_read(re->x, piece, sizeof(piece), matters ? err : &ignored)) > 0)
		if (!ohc_buf_add_max(&re->body, piece, (size_t)n, max)) {
			re->fault = OHC_HTTP_LOCAL;
			if (matters)
				return ohc_error_set(
					err, OHC_E_FORMAT,
					"the answer is larger than the limit of %zu bytes", max);
			break;
		}
	if (n >= 0 || !matters)
		return 0;
	re->fault = ohc_http_fault(re->x);
	return (int)n;
}

/* For a request with a body it also matters that all of that was sent. */
static int read_body(const struct ohc_request *rq, struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *host = NULL;
	int rc = read_reply(rq, re, err);

	if (rc < 0 || re->status >= 300 || ohc_http_all_sent(re->x))
		return rc;
	host = ohc_url_authority(re->url);
	re->fault = OHC_HTTP_BROKEN;
	return ohc_error_set(err, OHC_E_NETWORK, "'%s' answered an upload before its end (HTTP %d)",
			     host, re->status);
}

static int attempt(const struct ohc_wire *w, const struct ohc_request *rq, struct ohc_auth_grant *g,
		   struct ohc_reply *re, struct ohc_error *err)
{
	int rc;

	ohc_request_reply_clear(re);
	rc = follow(w, rq, g, re, err);
	if (rc < 0)
		return rc;
	keep_content_type(re);
	rc = read_body(rq, re, err);
	ohc_request_pass_leave(re);
	return rc;
}

/* After a reply about authorization: may another header help? */
static bool renew(struct ohc_request *rq, const struct ohc_reply *re,
		  const struct ohc_auth_grant *g)
{
	if (!rq->auth || rq->authorization || !re->url || !ohc_url_same_origin(re->url, rq->url))
		return false;
	if (re->status == 401)
		return ohc_auth_refused(rq->auth, &rq->want, re->x, g);
	if (ohc_request_reply_is_limit(re))
		return false;
	if (re->status == 403)
		return ohc_auth_narrow(rq->auth, &rq->want, g);
	/* ECR Public answers 400, without a challenge, to a token that has expired. */
	if (re->status != 400 || rq->tentative || g->fresh || !g->header ||
	    strncmp(g->header, "Bearer ", 7) != 0)
		return false;
	ohc_auth_forget(rq->auth, g);
	return true;
}

static uint32_t chance(void)
{
	uint32_t v = 0;

	if (getrandom(&v, sizeof(v), GRND_NONBLOCK) < 0)
		v = (uint32_t)ohc_clock_ms();
	return v;
}

/* Long waits are told without -v, and those that a server asks for from a second on. */
static enum ohc_level level_of(uint64_t ms, bool asked)
{
	return ms >= (asked ? 1000 : LONG_WAIT_MS) ? OHC_NOTICE : OHC_VERBOSE;
}

static void say_wait(const struct ohc_wire *w, const struct ohc_request *rq,
		     const struct ohc_reply *re, const struct ohc_budget *b, uint64_t ms,
		     bool asked, const struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *shown = NULL;
	enum ohc_level level = level_of(ms, asked);
	char why[32];

	if (!ohc_report_wants(w->report, level))
		return;
	shown = ohc_url_public(rq->url);
	snprintf(why, sizeof(why), "HTTP %d", re->status);
	ohc_report_say(w->report, level, "%s %s: %s; waiting %.1f s before try %u%s", rq->method,
		       shown, re->status ? why : err->msg, (double)ms / 1000,
		       b->tries + b->refusals + 1, asked ? ", as the server asks for" : "");
}

/* Refused for too many requests, or not let in because nobody is there any more: tries do not count
 * then, but time.  *ret_hopeless: everybody is, for too long a time. */
static bool is_refused(const struct ohc_wire *w, const struct ohc_reply *re, int rc,
		       bool *ret_hopeless)
{
	ohc_cleanup(ohc_freep) char *host = NULL;

	*ret_hopeless = rc < 0 && re->hopeless;
	if (rc < 0 && re->away)
		return true;
	if (rc < 0 || !ohc_request_reply_is_limit(re))
		return false;
	host = ohc_url_authority(re->url);
	*ret_hopeless = ohc_limits_is_hopeless(w->limits, host);
	return true;
}

static bool decide(const struct ohc_wire *w, const struct ohc_budget *b, unsigned int tries,
		   struct ohc_retry_input *in, uint64_t *ret_ms)
{
	in->tries = tries;
	in->retries = w->retries;
	in->waited_ms = b->waited_ms;
	in->random = chance();
	return ohc_retry(in, ret_ms);
}

static int pause_for(struct ohc_budget *b, uint64_t ms, struct ohc_error *err)
{
	int rc;

	b->waited_ms += ms;
	rc = ohc_interrupt_wait(ms, err);
	return rc < 0 ? rc : 1;
}

/* Decides on a further try, and waits for it: 1 again, 0 no, or the interrupt's code. */
static int again(const struct ohc_wire *w, const struct ohc_request *rq, struct ohc_reply *re,
		 int rc, struct ohc_budget *b, struct ohc_error *err)
{
	bool hopeless, refused = is_refused(w, re, rc, &hopeless);
	unsigned int tries = refused ? ++b->refusals : ++b->tries;
	struct ohc_retry_input in = ohc_request_reply_facts(re);
	struct ohc_error why = OHC_ERROR_INIT;
	uint64_t ms;

	if (rc < 0)
		in.fault = re->fault;
	in.away = refused && rc < 0;
	if (rq->cleanup || rq->once || hopeless || !decide(w, b, tries, &in, &ms))
		return 0;
	if (rc < 0)
		ohc_error_copy(&why, err, rc);
	else
		re->fault = OHC_HTTP_FINE;
	say_wait(w, rq, re, b, ms, ohc_retry_asked(&in) >= 0, &why);
	return pause_for(b, ms, err);
}

int ohc_request_budget_wait(const struct ohc_wire *w, struct ohc_budget *b,
			    enum ohc_http_fault fault, const char *what, struct ohc_error *err)
{
	struct ohc_retry_input in = { .fault = fault, .body = "" };
	uint64_t ms;

	if (!decide(w, b, ++b->tries, &in, &ms))
		return 0;
	ohc_report_say(w->report, level_of(ms, false), "%s; waiting %.1f s before try %u", what,
		       (double)ms / 1000, b->tries + 1);
	return pause_for(b, ms, err);
}

/* Is it a failure that leaves open whether the request had its effect: no answer came, or a refusal
 * because it may have been done before?  Not after a denial or a rate limit, where looking would be
 * refused, too. */
static bool is_doubtful(int rc, const struct ohc_reply *re)
{
	if (rc == 0)
		return re->status != 401 && re->status != 404 && !ohc_request_reply_is_limit(re);
	return re->fault == OHC_HTTP_BROKEN || re->fault == OHC_HTTP_STALLED ||
	       re->fault == OHC_HTTP_SILENT;
}

static bool is_settled(const struct ohc_request *rq, int rc, struct ohc_reply *re)
{
	re->settled = rq->settled && is_doubtful(rc, re) && rq->settled(rq->settled_ctx);
	return re->settled;
}

/* The host is not as it was remembered: makes the request again, at the right URL. */
static bool is_doubted(struct ohc_request *rq, const struct ohc_reply *re, int rc)
{
	bool again = rq->doubt && rq->doubt(rq, re, rc);

	rq->doubt = NULL;
	return again;
}

int ohc_request_run(const struct ohc_wire *w, struct ohc_request *rq, struct ohc_reply *re,
		    struct ohc_error *err)
{
	struct ohc_budget own = { 0 }, *b = rq->budget ? rq->budget : &own;
	struct ohc_error mine = OHC_ERROR_INIT, *e = err ? err : &mine;
	unsigned int renewed = 0;

	rq->want.requests = rq->requests;
	for (;;) {
		ohc_cleanup(ohc_auth_grant_clear) struct ohc_auth_grant g = OHC_GRANT_INIT;
		int rc = attempt(w, rq, &g, re, e), more;

		re->too_late = rc == 0 && re->status == 401 && g.ends && ohc_clock_ms() >= g.ends;
		if (is_doubted(rq, re, rc))
			continue;
		if (rc == 0 && renewed < AUTH_TRIES && renew(rq, re, &g)) {
			renewed++;
			more = 1;
		} else if (rc == 0 && re->status < 400) {
			return 0;
		} else if (is_settled(rq, rc, re)) {
			return 0;
		} else {
			more = again(w, rq, re, rc, b, e);
		}
		if (more < 0)
			return more;
		if (more == 0)
			return rc;
		if (rq->body) {
			re->again = true;
			return 0;
		}
	}
}
