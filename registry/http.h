/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP/1.1 exchange at a time, streamed in both directions; the one door to libcurl.  No policy
 * lives here: no retry, no redirect, no authentication (registry/request.h has those).
 *
 *	rc = ohc_http_start(http, &rq, &x, &fault, err);	sends all, reads the reply's head
 *	status = ohc_http_status(x);
 *	while ((n = ohc_http_read(x, buf, sizeof(buf), err)) > 0)
 *		...
 *	ohc_http_close(x);
 *
 * The caller drives: curl runs only inside of start and read, on the caller's thread, so that
 * memory is bounded by the buffers named in http.c and a body that is not read waits in the kernel.
 * All bytes of a peer are counted, also those that curl does not pass on.  Connections are kept and
 * used again.  struct ohc_http may be shared between threads, an exchange not.
 *
 * Every wait ends within a tenth of a second of SIGINT with OHC_E_INTERRUPTED.  There is no limit
 * on the time of a whole transfer, only on connecting and on standing still.
 */
#ifndef OHC_REGISTRY_HTTP_H
#define OHC_REGISTRY_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/io.h"
#include "core/report.h"
#include "core/strv.h"

/* All header lines of a reply, those of 1xx replies before it and the trailers behind it. */
#define OHC_HTTP_HEAD_MAX (64 * 1024)

/* The limit on everything that a reply has besides its body (heads, a proxy's answer to CONNECT,
 * the sizes and extensions of chunks, trailers): this many bytes, and some more for each byte of
 * the body. */
#define OHC_HTTP_EXTRA_MAX  (256 * 1024)
#define OHC_HTTP_EXTRA_EACH 16

/* Why there is no reply, or not all of it. */
enum ohc_http_fault {
	OHC_HTTP_FINE,
	OHC_HTTP_UNREACHABLE, /* no address, refused, no route, connect timeout */
	OHC_HTTP_NO_TLS,      /* something answers, but the TLS handshake fails */
	OHC_HTTP_PLAIN,       /* … since it speaks plain http */
	OHC_HTTP_UNTRUSTED,   /* its certificate is not trusted */
	OHC_HTTP_PROXY,       /* the proxy wants to know who we are */
	OHC_HTTP_BROKEN,      /* the connection ended in the middle */
	OHC_HTTP_STALLED,     /* nothing moved for stall_timeout */
	OHC_HTTP_SILENT,      /* everything was sent, and no answer came for reply_timeout */
	OHC_HTTP_MALFORMED,   /* the reply is not HTTP, or goes beyond a limit */
	OHC_HTTP_LOCAL,       /* our side: the body's source, an interrupt, a missing file */
};

struct ohc_http_tls {
	const char *ca;        /* PEM, the system's file and more; NULL: only the system's */
	const char *system;    /* the system's file of CAs; NULL when there is none */
	bool no_system_dir;    /* ca is there instead of the system's directory */
	const char *cert_file; /* the client's, or NULL */
	const char *key_file;
	bool insecure; /* no certificate is checked */
};

struct ohc_http_request {
	const char *method;
	const char *url;
	const struct ohc_strv *headers; /* "Name: value" */
	const char *authorization;      /* value of that header, or NULL */
	struct ohc_source *body;        /* NULL: none */
	int64_t body_size;              /* -1: not known, chunked */
	const struct ohc_http_tls *tls; /* NULL: the system's trust */
	unsigned int connect_timeout;   /* seconds */
	unsigned int stall_timeout;     /* seconds without a byte in either direction */
	unsigned int reply_timeout;     /* … after the body was sent; 0: the same */
	bool large;                     /* is much wanted of the reply's body? */
	bool expect;                    /* the other side is asked before the body is sent */
	bool despite_interrupt;         /* made even after SIGINT, to tidy up */
	struct ohc_report *report;      /* told of a long wait for the reply; or NULL */
	_Atomic uint64_t *sent;         /* the sent bytes of bodies are added to it; or NULL */
};

struct ohc_http;
struct ohc_http_exchange;

/* The file of CAs that libcurl was built to look into, or NULL. */
const char *ohc_http_own_ca_file(void);

struct ohc_http *ohc_http_new(const char *user_agent);
void ohc_http_free(struct ohc_http *http);

/* On failure *ret_fault says what kind it was; a body may have been read in part. */
int ohc_http_start(struct ohc_http *http, const struct ohc_http_request *rq,
		   struct ohc_http_exchange **ret, enum ohc_http_fault *ret_fault,
		   struct ohc_error *err);

int ohc_http_status(const struct ohc_http_exchange *x);

/* Was all of the body sent?  A reply that comes before that does not mean that the body arrived. */
bool ohc_http_all_sent(const struct ohc_http_exchange *x);

/* The value of the first header of this name, or NULL; borrowed. */
const char *ohc_http_header(const struct ohc_http_exchange *x, const char *name);

/* The next one from *at on (0 at first), for headers that come several times. */
const char *ohc_http_header_next(const struct ohc_http_exchange *x, const char *name, size_t *at);

/* The body's next bytes, 0 at its end, or a code; then ohc_http_fault() says what kind. */
ssize_t ohc_http_read(struct ohc_http_exchange *x, void *buf, size_t n, struct ohc_error *err);
enum ohc_http_fault ohc_http_fault(const struct ohc_http_exchange *x);

/* Takes NULL.  A body that was not read to its end costs the connection. */
void ohc_http_close(struct ohc_http_exchange *x);

#endif
