// SPDX-License-Identifier: Apache-2.0
#include "registry/token.h"

#include <string.h>

#include "oci/documents/json.h"
#include "core/base64.h"
#include "core/percent.h"
#include "registry/fault.h"
#include "registry/request.h"
#include "registry/url.h"

#define CLIENT_ID       "ohcompose"
#define DEFAULT_SECONDS 60
#define TOKEN_MAX       (64 * 1024)

static char *get_url(const struct ohc_token_query *q)
{
	char *url = ohc_xstrdup(q->realm), *longer;

	if (q->service) {
		longer = ohc_url_add_query(url, "service", q->service);
		free(url);
		url = longer;
	}
	for (size_t i = 0; i < q->scopes->n; i++) {
		longer = ohc_url_add_query(url, "scope", q->scopes->v[i]);
		free(url);
		url = longer;
	}
	if (q->credentials) {
		longer = ohc_url_add_query(url, "account", q->credentials->user);
		free(url);
		url = longer;
	}
	return url;
}

static void field(struct ohc_buf *b, const char *key, const char *value)
{
	ohc_buf_addf(b, "%s%s=", b->len ? "&" : "", key);
	ohc_percent_add(b, value, "");
}

static void post_form(const struct ohc_token_query *q, struct ohc_buf *form)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf scopes = OHC_BUF_INIT;

	for (size_t i = 0; i < q->scopes->n; i++)
		ohc_buf_addf(&scopes, "%s%s", i ? " " : "", q->scopes->v[i]);
	field(form, "grant_type", "refresh_token");
	if (q->service)
		field(form, "service", q->service);
	field(form, "client_id", CLIENT_ID);
	if (scopes.len)
		field(form, "scope", scopes.data);
	field(form, "refresh_token", q->credentials->identity_token);
}

bool ohc_token_usable(const char *token)
{
	size_t n = strlen(token);

	for (size_t i = 0; i < n; i++)
		if (token[i] <= ' ' || token[i] >= 0x7f)
			return false;
	return n > 0 && n <= TOKEN_MAX;
}

static int parse(const struct ohc_token_query *q, const struct ohc_reply *re, char **ret,
		 int64_t *ret_seconds, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what =
		ohc_xasprintf("the answer of the token server of '%s'", q->registry);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const char *token = NULL, *access = NULL;
	json_t *seconds;
	int rc = ohc_json_parse_secret(ohc_buf_str(&re->body), re->body.len, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_string(doc, "token", what, &token, err);
	if (rc == 0)
		rc = ohc_json_string(doc, "access_token", what, &access, err);
	if (rc < 0)
		return rc;
	if (!token || !*token)
		token = access;
	if (!token || !ohc_token_usable(token))
		return ohc_error_set(err, OHC_E_FORMAT, "%s holds no usable token", what);
	seconds = json_object_get(doc, "expires_in");
	*ret_seconds = json_is_integer(seconds) && json_integer_value(seconds) > 0
			       ? json_integer_value(seconds)
			       : DEFAULT_SECONDS;
	*ret = ohc_xstrdup(token);
	return 0;
}

static int refused(const struct ohc_wire *w, const struct ohc_token_query *q,
		   const struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *host = ohc_url_authority(q->realm);
	const struct ohc_credentials *c = q->credentials;

	if ((re->status != 400 && re->status != 401 && re->status != 403) ||
	    ohc_request_reply_is_limit(re))
		return ohc_fault_reply_error(
			re, err, "the token server '%s' of '%s' gives no token", host, q->registry);
	re = &(struct ohc_reply){ .status = 401, .body = re->body, .url = re->url };
	if (!c)
		return ohc_fault_reply_error(
			re, err, "registry '%s' gives no access without credentials (%s %s)",
			q->registry, w->login, q->registry);
	return ohc_fault_reply_error(
		re, err,
		"registry '%s' refused the credentials%s%s%s from %s (token server "
		"'%s')",
		q->registry, c->user ? " of '" : "", c->user ? c->user : "", c->user ? "'" : "",
		c->from, host);
}

int ohc_token_fetch(const struct ohc_wire *w, const struct ohc_token_query *q, char **ret,
		    int64_t *ret_seconds, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf form = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL, *basic = NULL;
	bool post = q->credentials && q->credentials->identity_token;
	int rc;

	if (post) {
		post_form(q, &form);
		ohc_request_init(&rq, "POST", q->realm);
		rq.data = form.data;
		rq.len = form.len;
		rq.secret = true;
		ohc_strv_add(&rq.headers, "Content-Type: application/x-www-form-urlencoded");
	} else {
		struct ohc_token_query anonymous = *q;

		if (q->credentials && !q->credentials->user)
			anonymous.credentials = NULL;
		url = get_url(&anonymous);
		ohc_request_init(&rq, "GET", url);
		if (anonymous.credentials)
			basic = ohc_request_basic_header(q->credentials->user,
							 q->credentials->password);
		rq.authorization = basic;
	}
	ohc_strv_add(&rq.headers, "Accept: application/json");
	rq.max_reply = OHC_TOKEN_ANSWER_MAX;
	rq.insecure = q->insecure;
	rq.requests = q->requests;
	rq.turn = q->turn;
	rc = ohc_request_run(w, &rq, &re, err);
	if (form.len)
		explicit_bzero(form.data, form.len);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "token server of '%s'", q->registry);
	if (re.status != 200)
		return refused(w, q, &re, err);
	return parse(q, &re, ret, ret_seconds, err);
}
