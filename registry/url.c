// SPDX-License-Identifier: Apache-2.0
#include "registry/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/percent.h"

static int refuse(const char *text, struct ohc_error *err, const char *why)
{
	ohc_cleanup(ohc_freep) char *shown = ohc_url_public(text);

	return ohc_error_set(err, OHC_E_FORMAT, "the URL '%.200s' cannot be used: %s", shown, why);
}

static bool plain(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || (unsigned char)s[i] >= 0x7f || s[i] == '\\')
			return false;
	return true;
}

static bool authority_valid(const char *s, size_t n)
{
	const char *colon = memrchr(s, ':', n);
	const char *close = memchr(s, ']', n);
	size_t host;

	if (colon && close && colon < close)
		colon = NULL;
	host = colon ? (size_t)(colon - s) : n;
	if (host == 0)
		return false;
	for (const char *p = colon ? colon + 1 : s + n; p < s + n; p++)
		if (!isdigit((unsigned char)*p))
			return false;
	if (*s == '[')
		return host > 2 && s[host - 1] == ']';
	for (size_t i = 0; i < host; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr(".-_", s[i]))
			return false;
	return true;
}

static char *lower(const char *s, size_t n)
{
	char *out = ohc_xstrndup(s, n);

	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

int ohc_url_parse(const char *text, struct ohc_url *ret, struct ohc_error *err)
{
	size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 5
			: strncasecmp(text, "http://", 7) == 0 ? 4
							       : 0;
	size_t len = strcspn(text, "#");
	const char *host, *path, *query;
	struct ohc_url u = { 0 };

	if (!scheme)
		return refuse(text, err, "it is neither http nor https");
	if (len > OHC_URL_MAX)
		return refuse(text, err, "it is too long");
	if (!plain(text, len))
		return refuse(text, err, "it has characters that must be percent-encoded");
	host = text + scheme + 3;
	path = host + strcspn(host, "/?#");
	if (memchr(host, '@', (size_t)(path - host)))
		return refuse(text, err, "it carries user information");
	if (!authority_valid(host, (size_t)(path - host)))
		return refuse(text, err, "its host is malformed");
	query = memchr(path, '?', (size_t)(text + len - path));
	u.scheme = lower(text, scheme);
	u.authority = lower(host, (size_t)(path - host));
	u.path = ohc_xstrndup(path, (size_t)((query ? query : text + len) - path));
	if (!*u.path) {
		free(u.path);
		u.path = ohc_xstrdup("/");
	}
	if (query)
		u.query = ohc_xstrndup(query + 1, (size_t)(text + len - query - 1));
	*ret = u;
	return 0;
}

void ohc_url_clear(struct ohc_url *u)
{
	free(u->scheme);
	free(u->authority);
	free(u->path);
	free(u->query);
	memset(u, 0, sizeof(*u));
}

/* RFC 3986, 5.2.4, in place; p starts with '/'. */
static void remove_dots(char *p)
{
	char *out = p, *in = p, *next;
	size_t n;

	while (*in) {
		next = strchr(in + 1, '/');
		n = next ? (size_t)(next - in) : strlen(in);
		if (n == 2 && memcmp(in, "/.", 2) == 0) {
			if (!next)
				*out++ = '/';
		} else if (n == 3 && memcmp(in, "/..", 3) == 0) {
			while (out > p && *--out != '/')
				;
			if (!next)
				*out++ = '/';
		} else {
			memmove(out, in, n);
			out += n;
		}
		in += n;
	}
	if (out == p)
		*out++ = '/';
	*out = '\0';
}

static bool has_scheme(const char *ref)
{
	size_t n = strspn(ref, OHC_ASCII_ALNUM "+-.");

	return n > 0 && isalpha((unsigned char)*ref) && ref[n] == ':';
}

static char *merge_path(const struct ohc_url *base, const char *path, size_t n)
{
	const char *slash = strrchr(base->path, '/');
	char *merged = *path == '/' ? ohc_xstrndup(path, n)
				    : ohc_xasprintf("%.*s%.*s", (int)(slash + 1 - base->path),
						    base->path, (int)n, path);

	remove_dots(merged);
	return merged;
}

static char *join(const struct ohc_url *base, const char *ref)
{
	size_t end = strcspn(ref, "#"), path = strcspn(ref, "?#");
	ohc_cleanup(ohc_freep) char *merged = NULL;

	if (has_scheme(ref))
		return ohc_xstrndup(ref, end);
	if (strncmp(ref, "//", 2) == 0)
		return ohc_xasprintf("%s:%.*s", base->scheme, (int)end, ref);
	merged = path ? merge_path(base, ref, path) : ohc_xstrdup(base->path);
	if (path == 0 && ref[0] != '?' && base->query)
		return ohc_xasprintf("%s://%s%s?%s", base->scheme, base->authority, merged,
				     base->query);
	return ohc_xasprintf("%s://%s%s%.*s", base->scheme, base->authority, merged,
			     (int)(end - path), ref + path);
}

int ohc_url_resolve(const char *base, const char *ref, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_url_clear) struct ohc_url b = { 0 }, u = { 0 };
	ohc_cleanup(ohc_freep) char *joined = NULL;
	int rc = ohc_url_parse(base, &b, err);

	if (rc < 0)
		return rc;
	if (strlen(ref) > OHC_URL_MAX)
		return refuse(ref, err, "it is too long");
	joined = join(&b, ref);
	rc = ohc_url_parse(joined, &u, err);
	if (rc == 0)
		*ret = ohc_take(joined);
	return rc;
}

char *ohc_url_add_query(const char *url, const char *key, const char *value)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	const char *query = strchr(url, '?');
	size_t n = strlen(url);

	ohc_buf_adds(&b, url);
	if (!query)
		ohc_buf_addc(&b, '?');
	else if (query[1] && url[n - 1] != '&')
		ohc_buf_addc(&b, '&');
	ohc_buf_adds(&b, key);
	ohc_buf_addc(&b, '=');
	ohc_percent_add(&b, value, "");
	return ohc_buf_detach(&b);
}

char *ohc_url_public(const char *url)
{
	size_t n = strcspn(url, "?#");
	const char *host = strstr(url, "://");
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	const char *at;

	host = host && host < url + n ? host + 3 : url;
	at = memrchr(host, '@', strcspn(host, "/?#"));
	ohc_buf_add(&b, url, (size_t)(host - url));
	for (const char *p = at ? at + 1 : host; p < url + n; p++)
		ohc_buf_addc(&b, (char)(isprint((unsigned char)*p) ? *p : '?'));
	return ohc_buf_detach(&b);
}

static const char *port_of(const char *authority)
{
	const char *colon = strrchr(authority, ':');

	return colon && !strchr(colon, ']') ? colon : NULL;
}

char *ohc_url_host_without_port(const char *authority)
{
	const char *port = port_of(authority);

	return port ? ohc_xstrndup(authority, (size_t)(port - authority)) : ohc_xstrdup(authority);
}

static const char *port_text(const struct ohc_url *u)
{
	const char *port = port_of(u->authority);

	if (port && port[1])
		return port + 1;
	return strcmp(u->scheme, "https") == 0 ? "443" : "80";
}

bool ohc_url_same_origin(const char *a, const char *b)
{
	ohc_cleanup(ohc_url_clear) struct ohc_url x = { 0 }, y = { 0 };
	ohc_cleanup(ohc_freep) char *hx = NULL, *hy = NULL;

	if (strcmp(a, b) == 0)
		return true;
	if (ohc_url_parse(a, &x, NULL) < 0 || ohc_url_parse(b, &y, NULL) < 0)
		return false;
	hx = ohc_url_host_without_port(x.authority);
	hy = ohc_url_host_without_port(y.authority);
	return strcmp(x.scheme, y.scheme) == 0 && strcmp(hx, hy) == 0 &&
	       strcmp(port_text(&x), port_text(&y)) == 0;
}

void ohc_url_upgrade(char **url, const char *own)
{
	ohc_cleanup(ohc_url_clear) struct ohc_url o = { 0 }, u = { 0 };
	ohc_cleanup(ohc_freep) char *host = NULL, *own_host = NULL;

	if (!ohc_url_is_https(own) || ohc_url_is_https(*url) || ohc_url_parse(own, &o, NULL) < 0 ||
	    ohc_url_parse(*url, &u, NULL) < 0)
		return;
	host = ohc_url_host_without_port(u.authority);
	own_host = ohc_url_host_without_port(o.authority);
	if (strcmp(host, own_host) != 0)
		return;
	free(*url);
	*url = ohc_xasprintf("%s://%s%s%s%s", o.scheme, o.authority, u.path, u.query ? "?" : "",
			     u.query ? u.query : "");
}

char *ohc_url_authority(const char *url)
{
	struct ohc_url u = { 0 };
	char *authority;

	if (ohc_url_parse(url, &u, NULL) < 0)
		return ohc_xstrdup("");
	authority = ohc_take(u.authority);
	ohc_url_clear(&u);
	return authority;
}

bool ohc_url_is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

const char *ohc_url_registry_host(const char *name)
{
	return strcmp(name, "docker.io") == 0 ? "registry-1.docker.io" : name;
}

bool ohc_url_host_is_loopback(const char *authority)
{
	ohc_cleanup(ohc_freep) char *host = ohc_url_host_without_port(authority);
	struct in_addr v4;
	struct in6_addr v6;
	size_t n = strlen(host);

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (n < 3 || host[0] != '[')
		return false;
	host[n - 1] = '\0';
	return inet_pton(AF_INET6, host + 1, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
