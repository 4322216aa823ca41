// SPDX-License-Identifier: Apache-2.0
#include "registry/http.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/ca_files.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/map.h"
#include "registry/curl.h"
#include "registry/http_head.h"
#include "registry/proxy.h"
#include "registry/url.h"

/*
 * A line is a multi handle with one easy handle in it.  The multi handle keeps the connections, and
 * is used by one exchange at a time, so no part of curl is ever shared between threads; idle lines
 * wait in a list under a lock, and who talks to the same origin gets the same line again.
 */
struct line {
	struct line *next;
	CURLM *multi;
	CURL *easy;
	char *origin;
};

#define IDLE_MAX     32
#define INBOX_MAX    (1024 * 1024) /* bytes that wait for a reader before curl is paused */
#define RECV_BUFFER  (512 * 1024)
#define SEND_BUFFER  (2 * 1024 * 1024)
#define SMALL_BUFFER (64 * 1024)
#define SEND_ENOUGH  (256 * 1024) /* what one send collects from a source of small pieces */
#define POLL_MS      100
#define LONG_SECONDS 5  /* a silence that is told */
#define TELL_SECONDS 30 /* between two times that it is told of one host */
#define HASTE        3  /* seconds without a byte that are waited after ^C */

struct ohc_http {
	pthread_mutex_t lock;
	struct line *idle;
	size_t n_idle;
	char *user_agent;
	struct ohc_map *told; /* hosts, and the second when it was last said that one is silent */
};

struct ohc_http_exchange {
	struct ohc_http *http;
	struct line *line;
	struct curl_slist *headers;
	char *host;
	struct ohc_proxy proxy;

	struct ohc_source *body;
	uint64_t sent; /* what curl took of it */
	_Atomic uint64_t *total_sent;
	int64_t body_size;
	bool all_sent;
	int local_rc; /* the source failed with local */
	struct ohc_error local;

	int status;
	struct ohc_http_head head;
	bool head_done;
	uint64_t came;       /* bytes of the reply, as they were sent */
	uint64_t given;      /* of its body */
	uint64_t steps;      /* of curl, while a proxy refuses to connect us */
	const char *against; /* why the reply cannot be accepted */

	char *want; /* where a read wants its bytes */
	size_t want_n;
	struct ohc_buf inbox; /* and what did not fit there */
	size_t inbox_at;
	bool paused;
	bool arrived; /* did bytes come since the last read? */

	bool done;
	CURLcode result;
	enum ohc_http_fault fault;
	bool despite_interrupt;
	unsigned int stall_timeout, reply_timeout, connect_timeout;
	struct ohc_report *report;
	int64_t moved_at;
	curl_off_t moved;
	char text[CURL_ERROR_SIZE];
};

const char *ohc_http_own_ca_file(void)
{
#if LIBCURL_VERSION_NUM >= 0x074600
	if (ohc_curl_load(NULL) == 0)
		return ohc_curl.version_info(CURLVERSION_NOW)->cainfo;
#endif
	return NULL;
}

struct ohc_http *ohc_http_new(const char *user_agent)
{
	struct ohc_http *http = ohc_xcalloc(1, sizeof(*http));

	pthread_mutex_init(&http->lock, NULL);
	http->user_agent = ohc_xstrdup(user_agent);
	http->told = ohc_map_new();
	return http;
}

static void line_free(struct line *l)
{
	ohc_curl.easy_cleanup(l->easy);
	ohc_curl.multi_cleanup(l->multi);
	free(l->origin);
	free(l);
}

void ohc_http_free(struct ohc_http *http)
{
	if (!http)
		return;
	while (http->idle) {
		struct line *l = http->idle;

		http->idle = l->next;
		line_free(l);
	}
	pthread_mutex_destroy(&http->lock);
	free(http->user_agent);
	ohc_map_free(http->told);
	free(http);
}

static struct line *line_new(void)
{
	struct line *l = ohc_xcalloc(1, sizeof(*l));

	l->multi = ohc_curl.multi_init();
	l->easy = ohc_curl.easy_init();
	if (!l->multi || !l->easy)
		abort();
	ohc_curl.multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, 4L);
	return l;
}

/* The idle line that talked to this origin last, else any, else a new one. */
static struct line *line_take(struct ohc_http *http, const char *origin)
{
	struct line **p, **best = NULL, *l = NULL;

	pthread_mutex_lock(&http->lock);
	for (p = &http->idle; *p; p = &(*p)->next)
		if (strcmp((*p)->origin, origin) == 0) {
			best = p;
			break;
		}
	if (!best && http->n_idle >= IDLE_MAX)
		best = &http->idle;
	if (best) {
		l = *best;
		*best = l->next;
		http->n_idle--;
	}
	pthread_mutex_unlock(&http->lock);
	if (!l)
		l = line_new();
	free(l->origin);
	l->origin = ohc_xstrdup(origin);
	return l;
}

static void line_give(struct ohc_http *http, struct line *l)
{
	pthread_mutex_lock(&http->lock);
	l->next = http->idle;
	http->idle = l;
	http->n_idle++;
	pthread_mutex_unlock(&http->lock);
}

/* We ask for none; curl would decompress it without a limit. */
static const char coded[] = "compresses its answer in a way that nobody asked for";

static void head_ended(struct ohc_http_exchange *x)
{
	long status = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_RESPONSE_CODE, &status);
	x->status = (int)status;
	x->head_done = status >= 200;
	if (!ohc_http_head_is_plain(&x->head))
		x->against = coded;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct ohc_http_exchange *x = arg;
	enum ohc_head_line what = OHC_HEAD_MORE;

	if (!x->head_done)
		what = ohc_http_head_line(&x->head, data, size * n);
	else if (!ohc_http_head_trailer(&x->head, size * n))
		what = OHC_HEAD_TOO_LARGE;
	if (what == OHC_HEAD_TOO_LARGE)
		x->against = "sends headers without end";
	else if (what == OHC_HEAD_END)
		head_ended(x);
	return x->against ? 0 : size * n;
}

/* Sees all bytes as they come: curl gives nobody else the sizes and extensions of chunks, nor what
 * a proxy says. */
static int on_debug(CURL *easy, curl_infotype type, char *data, size_t n, void *arg)
{
	struct ohc_http_exchange *x = arg;

	(void)easy;
	(void)data;
	if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN)
		x->came += n;
	return 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct ohc_http_exchange *x = arg;
	size_t len = size * n, direct;

	if (x->inbox.len >= INBOX_MAX) {
		x->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	x->arrived = true;
	x->given += len;
	direct = x->inbox.len ? 0 : len < x->want_n ? len : x->want_n;
	if (direct) {
		memcpy(x->want, data, direct);
		x->want += direct;
		x->want_n -= direct;
	}
	if (len > direct)
		ohc_buf_add(&x->inbox, data + direct, len - direct);
	return len;
}

static size_t on_send(char *data, size_t size, size_t n, void *arg)
{
	struct ohc_http_exchange *x = arg;
	size_t room = size * n, have = 0;

	while (have < room && have < SEND_ENOUGH) {
		ssize_t got = ohc_source_read(x->body, data + have, room - have, &x->local);

		if (got < 0) {
			x->local_rc = (int)got;
			return CURL_READFUNC_ABORT;
		}
		if (got == 0)
			break;
		have += (size_t)got;
	}
	x->sent += have;
	x->all_sent = have == 0 || (x->body_size >= 0 && x->sent >= (uint64_t)x->body_size);
	x->moved_at =
		ohc_clock_ms(); /* the time that our source takes is no stall of the other side */
	return have;
}

/* curl asks for this when a kept connection turned out to be dead. */
static int on_rewind(void *arg, curl_off_t offset, int origin)
{
	struct ohc_http_exchange *x = arg;

	return offset == 0 && origin == SEEK_SET && x->sent == 0 ? CURL_SEEKFUNC_OK
								 : CURL_SEEKFUNC_CANTSEEK;
}

/* Numbers that curl takes are long or curl_off_t, and it cannot see what it gets. */
#define IS_WIDE(value) _Generic((value), int : 0, unsigned int : 0, bool : 0, default : 1)
#define SET(opt, value)                                                    \
	do {                                                               \
		_Static_assert(IS_WIDE(value), #opt " wants a long");      \
		ohc_curl.easy_setopt(x->line->easy, CURLOPT_##opt, value); \
	} while (0)

/* Curl takes the memory anew for each request, so what is short gets little. */
static void set_buffers(struct ohc_http_exchange *x, const struct ohc_http_request *rq)
{
	bool little = !rq->body || (rq->body_size >= 0 && rq->body_size <= SMALL_BUFFER);

	SET(UPLOAD_BUFFERSIZE, little ? (long)SMALL_BUFFER : (long)SEND_BUFFER);
	if (rq->large)
		SET(BUFFERSIZE, (long)RECV_BUFFER);
}

static void set_method(struct ohc_http_exchange *x, const struct ohc_http_request *rq)
{
	if (strcmp(rq->method, "GET") == 0)
		SET(HTTPGET, 1L);
	else if (strcmp(rq->method, "HEAD") == 0)
		SET(NOBODY, 1L);
	else if (strcmp(rq->method, "DELETE") != 0 || rq->body)
		SET(UPLOAD, 1L);
	SET(CUSTOMREQUEST, rq->method);
	SET(INFILESIZE_LARGE, (curl_off_t)(rq->body ? rq->body_size : 0));
	x->body = rq->body;
	x->body_size = rq->body_size;
	x->all_sent = !rq->body || rq->body_size == 0;
	SET(READFUNCTION, rq->body ? on_send : NULL);
	SET(READDATA, x);
	SET(SEEKFUNCTION, on_rewind);
	SET(SEEKDATA, x);
}

static void set_headers(struct ohc_http_exchange *x, const struct ohc_http_request *rq)
{
	ohc_cleanup(ohc_freep) char *auth = NULL;
	const char *expect = rq->expect ? "Expect: 100-continue" : "Expect:";
	struct curl_slist *list = ohc_curl.slist_append(NULL, expect);
	const char *h;
	size_t i;

	if (rq->headers)
		ohc_strv_foreach (rq->headers, i, h)
			list = ohc_curl.slist_append(list, h);
	if (rq->authorization) {
		auth = ohc_xasprintf("Authorization: %s", rq->authorization);
		list = ohc_curl.slist_append(list, auth);
	}
	x->headers = list;
	SET(HTTPHEADER, list);
	SET(USERAGENT, x->http->user_agent);
}

static void set_tls(struct ohc_http_exchange *x, const struct ohc_http_tls *tls)
{
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!tls)
		return;
	SET(CAINFO, tls->insecure ? NULL : tls->system);
	SET(CAPATH, tls->insecure || tls->no_system_dir ? NULL : OHC_CA_DIR);
	if (tls->insecure) { /* so that a hundred CAs need not be read */
		SET(SSL_VERIFYPEER, 0L);
		SET(SSL_VERIFYHOST, 0L);
	} else if (tls->ca) { /* not copied: a request is short, and they are long */
		struct curl_blob blob = { .data = (void *)tls->ca, .len = strlen(tls->ca) };

		SET(CAINFO_BLOB, &blob);
	}
	if (tls->cert_file)
		SET(SSLCERT, tls->cert_file);
	if (tls->key_file)
		SET(SSLKEY, tls->key_file);
}

/* Curl reads a proxy's refusal to connect us a byte at a time, shows the body of it to nobody, and
 * does not come back before its end. */
static int on_step(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		   curl_off_t up)
{
	struct ohc_http_exchange *x = arg;
	long status = 0;

	(void)down_total, (void)down, (void)up_total, (void)up;
	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (status < 300)
		return 0;
	if (!x->despite_interrupt)
		x->local_rc = ohc_interrupt_check(&x->local);
	if (x->steps++ > OHC_HTTP_EXTRA_MAX)
		x->against = "cannot be reached: the proxy sends far more than an answer";
	return x->local_rc < 0 || x->against;
}

/* Keeps curl from reading the environment by itself. */
static void set_proxy(struct ohc_http_exchange *x)
{
	SET(PROXY, x->proxy.url ? x->proxy.address : ""); /* messages of curl quote it */
	SET(PROXYUSERNAME, x->proxy.user);
	SET(PROXYPASSWORD, x->proxy.password);
	SET(NOPROXY, "");
	SET(SUPPRESS_CONNECT_HEADERS, 1L);
	SET(NOPROGRESS, x->proxy.url ? 0L : 1L);
	SET(XFERINFOFUNCTION, on_step);
	SET(XFERINFODATA, x);
}

static void set_all(struct ohc_http_exchange *x, const struct ohc_http_request *rq)
{
	SET(URL, rq->url);
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(PROTOCOLS_STR, "http,https");
#else
	SET(PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(NOSIGNAL, 1L);
	SET(TCP_KEEPALIVE, 1L);
	SET(TCP_NODELAY, 1L);
	SET(CONNECTTIMEOUT, (long)rq->connect_timeout);
	SET(ERRORBUFFER, x->text);
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, x);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, x);
	SET(DEBUGFUNCTION, on_debug);
	SET(DEBUGDATA, x);
	SET(VERBOSE, 1L);
	set_method(x, rq);
	set_buffers(x, rq);
	set_headers(x, rq);
	set_tls(x, strncasecmp(rq->url, "https:", 6) == 0 ? rq->tls : NULL);
	set_proxy(x);
}

static const struct {
	CURLcode code;
	enum ohc_http_fault fault;
} faults[] = {
	{ CURLE_OK, OHC_HTTP_FINE },
	{ CURLE_COULDNT_RESOLVE_PROXY, OHC_HTTP_UNREACHABLE },
	{ CURLE_COULDNT_RESOLVE_HOST, OHC_HTTP_UNREACHABLE },
	{ CURLE_COULDNT_CONNECT, OHC_HTTP_UNREACHABLE },
	{ CURLE_OPERATION_TIMEDOUT, OHC_HTTP_UNREACHABLE },
	{ CURLE_SSL_CONNECT_ERROR, OHC_HTTP_NO_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, OHC_HTTP_UNTRUSTED },
	{ CURLE_SSL_CERTPROBLEM, OHC_HTTP_LOCAL },
	{ CURLE_SSL_CACERT_BADFILE, OHC_HTTP_LOCAL },
	{ CURLE_ABORTED_BY_CALLBACK, OHC_HTTP_LOCAL },
	{ CURLE_SEND_ERROR, OHC_HTTP_BROKEN },
	{ CURLE_RECV_ERROR, OHC_HTTP_BROKEN },
	{ CURLE_PARTIAL_FILE, OHC_HTTP_BROKEN },
	{ CURLE_GOT_NOTHING, OHC_HTTP_BROKEN },
	{ CURLE_SEND_FAIL_REWIND, OHC_HTTP_BROKEN },
};

static enum ohc_http_fault fault_of(CURLcode code)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(faults); i++)
		if (faults[i].code == code)
			return faults[i].fault;
	return OHC_HTTP_MALFORMED;
}

/* No TLS library has a code for it that curl hands on. */
static bool is_plain_http(const struct ohc_http_exchange *x)
{
	static const char *const words[] = { "wrong version number", "packet length too long",
					     "record layer failure", "unexpected TLS packet" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++)
		if (x->result == CURLE_SSL_CONNECT_ERROR && strstr(x->text, words[i]))
			return true;
	return false;
}

/* curl's message, or the system's where a connect(2) failed: neither holds more than a host name.
 * Where a kept connection dies under a body, curl tells only that on_rewind() does not let it begin
 * again. */
static const char *reason(struct ohc_http_exchange *x)
{
	long sys = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_OS_ERRNO, &sys);
	if (x->result == CURLE_COULDNT_CONNECT && sys)
		return strerror((int)sys);
	if (x->result == CURLE_SEND_FAIL_REWIND)
		return "it was closed before the answer to what was sent";
	return x->text[0] ? x->text : ohc_curl.easy_strerror(x->result);
}

static int explain(struct ohc_http_exchange *x, struct ohc_error *err)
{
	const char *why = reason(x);

	switch (x->fault) {
	case OHC_HTTP_UNREACHABLE:
		return ohc_error_set(err, OHC_E_NETWORK, "cannot reach '%s'%s%s%s: %s", x->host,
				     x->proxy.url ? " by the proxy '" : "",
				     x->proxy.url ? x->proxy.shown : "", x->proxy.url ? "'" : "",
				     why);
	case OHC_HTTP_NO_TLS:
		return ohc_error_set(err, OHC_E_NETWORK, "no TLS connection to '%s': %s", x->host,
				     why);
	case OHC_HTTP_PLAIN:
		return ohc_error_set(err, OHC_E_NETWORK, "'%s' speaks plain http, not https",
				     x->host);
	case OHC_HTTP_UNTRUSTED:
		return ohc_error_set(err, OHC_E_NETWORK,
				     "the certificate of '%s' is not trusted: %s; name its CA with "
				     "--ca-file or in certs.d",
				     x->host, why);
	case OHC_HTTP_LOCAL:
		return ohc_error_set(err, OHC_E_FAILED, "cannot set up TLS for '%s': %s", x->host,
				     why);
	case OHC_HTTP_BROKEN:
		return ohc_error_set(err, OHC_E_NETWORK, "the connection to '%s' broke: %s",
				     x->host, why);
	default:
		return ohc_error_set(err, OHC_E_NETWORK, "'%s' does not answer as HTTP does: %s",
				     x->host, why);
	}
}

static int refuse(struct ohc_http_exchange *x, struct ohc_error *err)
{
	x->fault = OHC_HTTP_MALFORMED;
	return ohc_error_set(err, OHC_E_FORMAT, "'%s' %s", x->host, x->against);
}

/* Counts the bytes that came besides the body; curl holds some of the body back while the reader
 * waits. */
static int check_extra(struct ohc_http_exchange *x, struct ohc_error *err)
{
	uint64_t most = OHC_HTTP_EXTRA_MAX + OHC_HTTP_EXTRA_EACH * x->given;

	if (x->paused || x->came < x->given || x->came - x->given <= most)
		return 0;
	x->against = "sends far more than its answer";
	return refuse(x, err);
}

static int who_are_we(struct ohc_http_exchange *x, struct ohc_error *err)
{
	x->fault = OHC_HTTP_PROXY;
	return ohc_error_set(err, OHC_E_DENIED,
			     "the proxy '%s' wants a user and a password that it knows (HTTP 407): "
			     "%s takes http://USER:PASSWORD@HOST:PORT",
			     x->proxy.shown, x->proxy.variable);
}

/* The status with which the proxy refused to connect us; 0: it connected. */
static int check_connected(struct ohc_http_exchange *x, struct ohc_error *err)
{
	long status = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (status < 300 || x->head_done)
		return 0;
	if (status == 407)
		return who_are_we(x, err);
	x->fault = OHC_HTTP_UNREACHABLE;
	return ohc_error_set(err, OHC_E_NETWORK,
			     "the proxy '%s' does not connect to '%s': HTTP %ld", x->proxy.shown,
			     x->host, status);
}

/* Was TLS wanted of the proxy itself, and had none? */
static bool is_plain_proxy(const struct ohc_http_exchange *x)
{
	long status = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return x->proxy.url && strncmp(x->proxy.url, "https:", 6) == 0 && status == 0 &&
	       is_plain_http(x);
}

static int refuse_plain_proxy(struct ohc_http_exchange *x, struct ohc_error *err)
{
	x->fault = OHC_HTTP_PROXY;
	return ohc_error_set(
		err, OHC_E_NETWORK,
		"the proxy '%s' speaks plain http, not https: %s takes http://HOST:PORT",
		x->proxy.shown, x->proxy.variable);
}

/* Tells how the transfer ended: 0 when it was good. */
static int outcome(struct ohc_http_exchange *x, struct ohc_error *err)
{
	int rc;

	if (x->local_rc < 0) {
		x->fault = OHC_HTTP_LOCAL;
		return ohc_error_copy(err, &x->local, x->local_rc);
	}
	if (is_plain_proxy(x))
		return refuse_plain_proxy(x, err);
	x->fault = is_plain_http(x) ? OHC_HTTP_PLAIN : fault_of(x->result);
	if (x->fault == OHC_HTTP_FINE && x->head_done)
		return 0;
	if (x->result == CURLE_BAD_CONTENT_ENCODING) /* curl 8 looks before the head has ended */
		x->against = coded;
	if (x->against)
		return refuse(x, err);
	if (x->fault == OHC_HTTP_FINE)
		x->fault = OHC_HTTP_MALFORMED;
	rc = x->proxy.url ? check_connected(x, err) : 0;
	return rc < 0 ? rc : explain(x, err);
}

/* Did bytes move in either direction since the last look? */
static bool moved(struct ohc_http_exchange *x)
{
	curl_off_t up = 0, down = 0;
	long head = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_HEADER_SIZE, &head);
	if (up + down + head == x->moved)
		return false;
	x->moved = up + down + head;
	return true;
}

/* Has the other side got everything, so that it may be busy with it? */
static bool is_awaited(const struct ohc_http_exchange *x)
{
	return x->all_sent && !x->head_done && x->reply_timeout;
}

/* How many seconds without a byte are accepted now. */
static unsigned int patience(const struct ohc_http_exchange *x)
{
	unsigned int s = is_awaited(x) ? x->reply_timeout : x->stall_timeout;

	return ohc_interrupt_pending() && s > HASTE ? HASTE : s;
}

static bool is_connected(const struct ohc_http_exchange *x)
{
	curl_off_t us = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_PRETRANSFER_TIME_T, &us);
	return us > 0;
}

/* Of several requests to a host that is silent one tells it. */
static bool is_first_to_tell(struct ohc_http_exchange *x)
{
	size_t now = (size_t)(ohc_clock_ms() / 1000), then = 0;
	bool first;

	pthread_mutex_lock(&x->http->lock);
	first = !ohc_map_get(x->http->told, x->host, &then) || now - then > TELL_SECONDS;
	if (first)
		ohc_map_put(x->http->told, x->host, now);
	pthread_mutex_unlock(&x->http->lock);
	return first;
}

/* Tells once of a silence that is long, and how long it may last. */
static void say_silent(struct ohc_http_exchange *x)
{
	unsigned int after = x->stall_timeout < LONG_SECONDS ? x->stall_timeout : LONG_SECONDS;
	struct ohc_report *report = x->report;

	if (!report || ohc_clock_ms() - x->moved_at <= (int64_t)after * 1000)
		return;
	x->report = NULL;
	if (!is_first_to_tell(x))
		return;
	if (is_connected(x))
		ohc_report_say(report, OHC_NOTICE,
			       "'%s' has %s for %u seconds: it gets %u before it counts as broken",
			       x->host, is_awaited(x) ? "not answered" : "not moved a byte", after,
			       patience(x));
	else
		ohc_report_say(report, OHC_NOTICE,
			       "'%s' has not let a connection in for %u seconds: it gets %u",
			       x->host, after, x->connect_timeout);
}

static int check_patience(struct ohc_http_exchange *x, struct ohc_error *err)
{
	int rc = x->despite_interrupt ? 0 : ohc_interrupt_check(err);

	if (rc < 0) {
		x->fault = OHC_HTTP_LOCAL;
		return rc;
	}
	if (moved(x))
		x->moved_at = ohc_clock_ms();
	say_silent(x);
	if (ohc_clock_ms() - x->moved_at <= (int64_t)patience(x) * 1000)
		return 0;
	x->fault = is_awaited(x) ? OHC_HTTP_SILENT : OHC_HTTP_STALLED;
	return ohc_error_set(err, OHC_E_NETWORK, "'%s' neither took nor sent a byte for %u seconds",
			     x->host, patience(x));
}

static void collect(struct ohc_http_exchange *x)
{
	CURLMsg *msg;
	int left;

	while ((msg = ohc_curl.multi_info_read(x->line->multi, &left)))
		if (msg->msg == CURLMSG_DONE) {
			x->done = true;
			x->result = msg->data.result;
		}
}

static bool head_there(struct ohc_http_exchange *x)
{
	return x->head_done;
}

static bool bytes_there(struct ohc_http_exchange *x)
{
	return x->arrived;
}

/* Lets curl work until there is what the caller waits for, or the transfer has ended. */
static int drive(struct ohc_http_exchange *x, bool (*there)(struct ohc_http_exchange *x),
		 struct ohc_error *err)
{
	CURLMcode mc;
	int running, rc;

	while (!x->done) {
		mc = ohc_curl.multi_perform(x->line->multi, &running);
		if (mc != CURLM_OK)
			return ohc_error_set(err, OHC_E_FAILED, "HTTP: %s",
					     ohc_curl.multi_strerror(mc));
		collect(x);
		rc = check_extra(x, err);
		if (rc == 0 && (x->done || there(x)))
			break;
		if (rc == 0)
			rc = check_patience(x, err);
		if (rc < 0)
			return rc;
		ohc_curl.multi_poll(x->line->multi, NULL, 0, POLL_MS, NULL);
	}
	return 0;
}

static char *origin_of(const char *url)
{
	return ohc_xstrndup(url, strcspn(url, "?#") < 9 ? 0 : 8 + strcspn(url + 8, "/?#"));
}

/* Runs the transfer until the head of the reply is there. */
static int send_all(struct ohc_http_exchange *x, const struct ohc_http_request *rq,
		    struct ohc_error *err)
{
	int rc;

	set_all(x, rq);
	ohc_curl.multi_add_handle(x->line->multi, x->line->easy);
	rc = drive(x, head_there, err);
	if (rc == 0 && !x->head_done)
		rc = outcome(x, err);
	if (rc == 0 && x->status == 407 && x->proxy.url)
		rc = who_are_we(x, err);
	return rc;
}

int ohc_http_start(struct ohc_http *http, const struct ohc_http_request *rq,
		   struct ohc_http_exchange **ret, enum ohc_http_fault *ret_fault,
		   struct ohc_error *err)
{
	struct ohc_http_exchange *x;
	ohc_cleanup(ohc_freep) char *origin = origin_of(rq->url);
	int rc = ohc_curl_load(err);

	if (rc < 0) {
		*ret_fault = OHC_HTTP_LOCAL;
		return rc;
	}
	x = ohc_xcalloc(1, sizeof(*x));
	x->http = http;
	x->host = ohc_url_authority(rq->url);
	x->line = line_take(http, origin);
	x->stall_timeout = rq->stall_timeout;
	x->reply_timeout = rq->reply_timeout;
	x->connect_timeout = rq->connect_timeout;
	x->despite_interrupt = rq->despite_interrupt;
	x->total_sent = rq->sent;
	x->report = rq->report;
	x->moved_at = ohc_clock_ms();
	rc = ohc_proxy_find(rq->url, &x->proxy, err);
	if (rc == 0)
		rc = send_all(x, rq, err);
	if (rc < 0) {
		*ret_fault = x->fault == OHC_HTTP_FINE ? OHC_HTTP_LOCAL : x->fault;
		ohc_http_close(x);
		return rc;
	}
	*ret_fault = OHC_HTTP_FINE;
	*ret = x;
	return 0;
}

int ohc_http_status(const struct ohc_http_exchange *x)
{
	return x->status;
}

/* Counts the bytes of the body that went over the wire, without those that curl took and did not
 * send. */
static uint64_t wired(const struct ohc_http_exchange *x)
{
	curl_off_t up = 0;

	ohc_curl.easy_getinfo(x->line->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	return (uint64_t)up < x->sent ? (uint64_t)up : x->sent; /* chunks have sizes, too */
}

bool ohc_http_all_sent(const struct ohc_http_exchange *x)
{
	if (!x->body)
		return true;
	if (x->body_size >= 0)
		return wired(x) == (uint64_t)x->body_size;
	return x->all_sent && wired(x) == x->sent && !(x->done && x->result != CURLE_OK);
}

const char *ohc_http_header_next(const struct ohc_http_exchange *x, const char *name, size_t *at)
{
	return ohc_http_head_next(&x->head, name, at);
}

const char *ohc_http_header(const struct ohc_http_exchange *x, const char *name)
{
	size_t at = 0;

	return ohc_http_head_next(&x->head, name, &at);
}

static size_t from_inbox(struct ohc_http_exchange *x, void *buf, size_t n)
{
	size_t have = x->inbox.len - x->inbox_at;

	if (n > have)
		n = have;
	if (n)
		memcpy(buf, x->inbox.data + x->inbox_at, n);
	x->inbox_at += n;
	if (x->inbox_at == x->inbox.len) {
		x->inbox_at = 0;
		ohc_buf_truncate(&x->inbox, 0);
	}
	return n;
}

ssize_t ohc_http_read(struct ohc_http_exchange *x, void *buf, size_t n, struct ohc_error *err)
{
	size_t got = from_inbox(x, buf, n);
	int rc = 0;

	if (got > 0)
		return (ssize_t)got;
	x->want = buf;
	x->want_n = n;
	x->arrived = false;
	if (x->paused) {
		x->paused = false;
		ohc_curl.easy_pause(x->line->easy, CURLPAUSE_CONT);
		collect(x);
	}
	x->moved_at = ohc_clock_ms(); /* pauses of the reader are no stall */
	if (!x->arrived)
		rc = drive(x, bytes_there, err);
	got = (size_t)(x->want - (char *)buf);
	x->want_n = 0;
	if (got > 0)
		return (ssize_t)got;
	return rc < 0 ? rc : outcome(x, err);
}

enum ohc_http_fault ohc_http_fault(const struct ohc_http_exchange *x)
{
	return x->fault;
}

void ohc_http_close(struct ohc_http_exchange *x)
{
	if (!x)
		return;
	if (x->total_sent)
		atomic_fetch_add(x->total_sent, wired(x));
#if LIBCURL_VERSION_NUM >= 0x075700
	if (ohc_interrupt_pending()) /* looking up a name may take half a minute */
		ohc_curl.easy_setopt(x->line->easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	ohc_curl.multi_remove_handle(x->line->multi, x->line->easy);
	ohc_curl.easy_reset(x->line->easy);
	line_give(x->http, x->line);
	ohc_curl.slist_free_all(x->headers);
	ohc_strv_clear(&x->head.lines);
	ohc_buf_clear(&x->inbox);
	ohc_proxy_clear(&x->proxy);
	free(x->host);
	free(x);
}
