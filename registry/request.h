/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one request: with the authorization that the registry wants, through redirects, again where
 * that helps (registry/retry.h), traced and counted.
 *
 *	ohc_request_init(&rq, "GET", url);
 *	rq.auth = auth;
 *	rq.max_reply = 1 << 20;
 *	rc = ohc_request_run(wire, &rq, &re, err);		0: there is a reply, of any status
 *
 * Redirects (RFC 9110, 15.4) are followed by hand, at most 5, never from https to http; headers
 * are made anew for each host, and Authorization goes to no other origin than the first one's.
 *
 * A success that comes before all of the body was sent does not count: it is the end of a
 * connection.
 *
 * Where a failure does not tell whether the request had its effect (no answer came) or had it
 * before (a tag that may be set once only), `settled` is called before there is another try or an
 * error.
 *
 * A body in memory is sent again with each try.  A body from a source is sent once: where another
 * try would be right, run() waits, renews the token, and sets re->again; registry/push.c knows how
 * the upload goes on.
 */
#ifndef OHC_REGISTRY_REQUEST_H
#define OHC_REGISTRY_REQUEST_H

#include "registry/auth.h"
#include "registry/limits.h"
#include "registry/retry.h"
#include "registry/wire.h"

#define OHC_REDIRECTS_MAX 5
#define OHC_ERROR_BODY    (64 * 1024) /* what is read of a body that is no success */

/* Tries and waits so far; several requests for one purpose share it. */
struct ohc_budget {
	unsigned int tries;    /* but for: */
	unsigned int refusals; /* for too many requests */
	uint64_t waited_ms;
};

struct ohc_endpoint;
struct ohc_reply;

struct ohc_request {
	const char *method;
	const char *url;
	struct ohc_strv headers;
	const char *authorization; /* fixed; else: */
	struct ohc_auth *auth;     /* makes the header; NULL: none */
	struct ohc_access want;
	const void *data; /* a body in memory */
	size_t len;
	struct ohc_source *body; /* or one that is streamed */
	int64_t body_size;
	size_t max_reply; /* of a success; more is OHC_E_FORMAT */
	bool stream;      /* leave the body of a success in re->x */
	bool secret;      /* it is not sent to another origin */
	bool cleanup;     /* one try, in a short time, SIGINT or not */
	bool orderly;   /* the reply is waited for even after SIGINT (a body ends by itself then) */
	bool patient;   /* the reply may take minutes (a blob that is put together, a proxy) */
	bool expect;    /* ask before the body is sent (RFC 9110, 10.1.1) */
	bool once;      /* no further try: the caller does something else */
	bool tentative; /* a 400 is about what is asked for, and says nothing of the token */
	bool registry;  /* the host is a registry */
	bool named;     /* … and no mirror: it is shown the client's certificate of --cert */
	bool insecure;  /* no certificate is checked, also not that of a host it redirects to */
	bool unchecked; /* no certificate is looked at: nothing secret is asked or sent */
	const char *turn; /* a host where it is part of another request's turn; or NULL */
	unsigned int connect_timeout; /* seconds; 0: as usual */
	struct ohc_budget *budget;    /* NULL: its own */
	_Atomic uint64_t *requests;
	_Atomic uint64_t *uploaded; /* bytes of bodies, as they go over the wire; or NULL */
	bool (*settled)(void *ctx); /* looks whether the request had its effect; or NULL */
	void *settled_ctx;
	struct ohc_endpoint *host; /* whose scheme is only remembered; and then: */
	bool (*doubt)(struct ohc_request *rq, const struct ohc_reply *re, int rc);
	char *own_url; /* the URL by the other scheme */
};

#define OHC_REQUEST_INIT        \
	{                       \
		.method = NULL, \
	}

struct ohc_reply {
	int status;
	char *url;          /* the URL that answered, after redirects */
	char *content_type; /* without parameters, or NULL */
	struct ohc_buf body;
	struct ohc_http_exchange *x; /* headers; and with `stream` the body of a success */
	struct ohc_limits_pass pass; /* the last hop's, until its limits know what came of it */
	bool again;
	bool too_late;             /* a token was refused that had ended when the answer came */
	bool settled;              /* it failed, and had its effect all the same */
	enum ohc_http_fault fault; /* of a run that failed */
	bool named;                /* as the request's */
	bool away;                 /* the host was there, and cannot be reached any more */
	bool hopeless;             /* … for too long a time */
};

#define OHC_REPLY_INIT       \
	{                    \
		.status = 0, \
	}

void ohc_request_init(struct ohc_request *rq, const char *method, const char *url);
void ohc_request_clear(struct ohc_request *rq);
void ohc_request_reply_clear(struct ohc_reply *re);

int ohc_request_run(const struct ohc_wire *w, struct ohc_request *rq, struct ohc_reply *re,
		    struct ohc_error *err);

/* A header of the reply, or NULL; borrowed. */
const char *ohc_request_reply_header(const struct ohc_reply *re, const char *name);

/* Was it refused for too many requests?  A 403 may mean that, too, and is then not about who
 * asks. */
bool ohc_request_reply_is_limit(const struct ohc_reply *re);

/* Puts together what registry/retry.h wants to know of a reply, as of now; borrowed. */
struct ohc_retry_input ohc_request_reply_facts(const struct ohc_reply *re);

/* "Basic …"; the caller frees it. */
char *ohc_request_basic_header(const char *user, const char *password);

/* Decides on a further try after a transfer broke, and waits for it.  1: try again; 0: do not (err
 * is untouched); or the interrupt's code.  what is for the report. */
int ohc_request_budget_wait(const struct ohc_wire *w, struct ohc_budget *b,
			    enum ohc_http_fault fault, const char *what, struct ohc_error *err);

#endif
