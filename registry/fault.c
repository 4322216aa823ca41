// SPDX-License-Identifier: Apache-2.0
#include "registry/fault.h"

#include <string.h>

#include "core/alloc.h"
#include "core/units.h"
#include "oci/documents/json.h"
#include "registry/quote.h"
#include "registry/url.h"

/* 401 and 403: OHC_E_DENIED; 404: OHC_E_NOT_FOUND; 408, too many requests, 5xx: OHC_E_NETWORK; … */
static enum ohc_code code_of(const struct ohc_reply *re)
{
	static const struct {
		int status;
		enum ohc_code code;
	} codes[] = {
		{ 401, OHC_E_DENIED },    { 403, OHC_E_DENIED }, { 404, OHC_E_NOT_FOUND },
		{ 405, OHC_E_DENIED },    { 407, OHC_E_DENIED }, { 408, OHC_E_NETWORK },
		{ 410, OHC_E_NOT_FOUND },
	};
	int status = re->status;

	if (ohc_request_reply_is_limit(re))
		return OHC_E_NETWORK;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return status >= 500 ? OHC_E_NETWORK : OHC_E_FAILED;
}

static bool from_errors(const json_t *doc, struct ohc_buf *b)
{
	json_t *errors = json_object_get(doc, "errors"), *e;
	size_t i;

	json_array_foreach (errors, i, e) {
		const char *code = json_string_value(json_object_get(e, "code"));
		const char *message = json_string_value(json_object_get(e, "message"));

		if (b->len)
			ohc_quote_add(b, "; ");
		if (code)
			ohc_quote_add(b, code);
		if (code && message && *message)
			ohc_buf_adds(b, ": ");
		if (message)
			ohc_quote_add(b, message);
	}
	return b->len > 0;
}

/* Finds the message in the answers of token servers and proxies, each of which has its own form. */
static bool from_members(const json_t *doc, struct ohc_buf *b)
{
	static const char *const members[] = { "error_description", "message", "details", "error" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(members) && b->len == 0; i++) {
		const char *text = json_string_value(json_object_get(doc, members[i]));

		if (text)
			ohc_quote_add(b, text);
	}
	return b->len > 0;
}

static bool is_html(const struct ohc_reply *re)
{
	const char *body = ohc_buf_str(&re->body);

	return (re->content_type && strncasecmp(re->content_type, "text/html", 9) == 0) ||
	       body[strspn(body, " \t\r\n")] == '<';
}

char *ohc_fault_reply_words(const struct ohc_reply *re)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;

	if (re->body.len && ohc_json_parse(re->body.data, re->body.len, "", &doc, NULL) == 0 &&
	    (from_errors(doc, &b) || from_members(doc, &b)))
		return ohc_buf_detach(&b);
	if (is_html(re))
		ohc_buf_adds(&b, "a web page, not what a registry answers");
	else if (!doc)
		ohc_quote_add(&b, ohc_buf_str(&re->body));
	return ohc_buf_detach(&b);
}

/* Tells where a redirect leads that is not followed, which mostly shows what is wrong with the
 * name. */
static char *elsewhere(const struct ohc_reply *re)
{
	const char *location = ohc_request_reply_header(re, "Location");
	ohc_cleanup(ohc_freep) char *url = NULL, *shown = NULL;

	if (re->status / 100 != 3 || !location ||
	    ohc_url_resolve(re->url, location, &url, NULL) < 0)
		return ohc_xstrdup("");
	shown = ohc_url_public(url);
	return ohc_xasprintf(", which leads to '%s'", shown);
}

/* When the registry wants to be asked again. */
static char *later(const struct ohc_reply *re)
{
	struct ohc_retry_input in = ohc_request_reply_facts(re);
	int64_t ms = ohc_retry_asked(&in);
	char text[OHC_UNITS_TEXT];

	if (ms < 1000 || !ohc_request_reply_is_limit(re))
		return ohc_xstrdup("");
	return ohc_xasprintf(", not before %s have passed", ohc_units_duration((uint64_t)ms, text));
}

int ohc_fault_reply_error(const struct ohc_reply *re, struct ohc_error *err, const char *fmt, ...)
{
	ohc_cleanup(ohc_freep) char *words = ohc_fault_reply_words(re), *doing = NULL;
	ohc_cleanup(ohc_freep) char *where = elsewhere(re), *when = later(re);
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&doing, fmt, ap) < 0)
		abort();
	va_end(ap);
	return ohc_error_set(err, code_of(re), "%s: HTTP %d%s%s%s%s", doing, re->status, where,
			     when, *words ? ": " : "", words);
}

int ohc_fault_reply_denied(const struct ohc_reply *re, struct ohc_auth *auth, const char *repo,
			   const char *doing, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *who = NULL;
	enum ohc_auth_shown shown;

	if ((re->status != 401 && re->status != 403) || ohc_request_reply_is_limit(re))
		return ohc_fault_reply_error(re, err, "cannot %s", doing);
	who = ohc_auth_who(auth, repo);
	if (re->too_late)
		return ohc_fault_reply_error(re, err,
					     "cannot %s: the token that registry '%s' gave %s had "
					     "ended before the answer came",
					     doing, ohc_auth_registry(auth), who);
	shown = ohc_auth_shown(auth, repo);
	/* A token, and a 403, show that the registry knows who asks. */
	if (shown == OHC_AUTH_TOKEN || (shown == OHC_AUTH_CREDENTIALS && re->status == 403))
		return ohc_fault_reply_error(re, err,
					     "cannot %s: registry '%s' gives %s no right to that",
					     doing, ohc_auth_registry(auth), who);
	return ohc_fault_reply_error(re, err, "cannot %s: registry '%s' refused %s", doing,
				     ohc_auth_registry(auth), who);
}
