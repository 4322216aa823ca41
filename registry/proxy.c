// SPDX-License-Identifier: Apache-2.0
#include "registry/proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "registry/url.h"

struct address {
	int family;
	uint8_t bytes[16];
};

/* Parses "192.0.2.1", "2001:db8::1" or the same in brackets. */
static bool parse_address(const char *text, struct address *ret)
{
	size_t n = strlen(text);
	ohc_cleanup(ohc_freep) char *bare = n > 2 && text[0] == '[' && text[n - 1] == ']'
						    ? ohc_xstrndup(text + 1, n - 2)
						    : ohc_xstrdup(text);

	memset(ret, 0, sizeof(*ret));
	ret->family = strchr(bare, ':') ? AF_INET6 : AF_INET;
	return inet_pton(ret->family, bare, ret->bytes) == 1;
}

static bool same_bits(const struct address *a, const struct address *b, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return a->family == b->family && memcmp(a->bytes, b->bytes, whole) == 0 &&
	       (!rest || ((a->bytes[whole] ^ b->bytes[whole]) & mask) == 0);
}

/* "192.0.2.0/24"; *ret says whether the host is in it.  False: the text is no such range. */
static bool is_network(const char *entry, const struct address *host, bool *ret)
{
	const char *slash = strchr(entry, '/');
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct address net;
	unsigned int bits;

	if (!slash || !slash[1] || slash[1 + strspn(slash + 1, "0123456789")] || strlen(slash) > 4)
		return false;
	text = ohc_xstrndup(entry, (size_t)(slash - entry));
	bits = (unsigned int)atoi(slash + 1);
	if (!parse_address(text, &net) || bits > (net.family == AF_INET ? 32 : 128))
		return false;
	*ret = host && same_bits(&net, host, bits);
	return true;
}

/* Cuts ":port" off and returns the port; NULL: there is none. */
static const char *cut_port(char *entry)
{
	char *colon = strrchr(entry, ':');
	bool bare_v6 = colon && *entry != '[' && strchr(entry, ':') != colon;

	if (!colon || bare_v6 || strchr(colon, ']'))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcasecmp(s + n - m, end) == 0;
}

static bool is_domain(const char *entry, const char *host)
{
	if (strncmp(entry, "*.", 2) == 0)
		entry++;
	if (*entry == '.')
		return ends_with(host, entry);
	return strcasecmp(host, entry) == 0 ||
	       (ends_with(host, entry) && host[strlen(host) - strlen(entry) - 1] == '.');
}

static bool matches(char *entry, const char *host, const struct address *address, const char *port)
{
	struct address own;
	const char *own_port;
	bool in = false;

	if (strcmp(entry, "*") == 0)
		return true;
	if (is_network(entry, address, &in))
		return in;
	own_port = cut_port(entry);
	if (!*entry || (own_port && strcmp(own_port, port) != 0))
		return false;
	if (parse_address(entry, &own))
		return address && same_bits(&own, address, own.family == AF_INET ? 32 : 128);
	return is_domain(entry, host);
}

bool ohc_proxy_is_excepted(const char *list, const char *host, const char *port)
{
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(list);
	struct address address;
	bool is_address = parse_address(host, &address);
	char *rest = copy, *entry;

	while ((entry = strsep(&rest, ","))) {
		entry += strspn(entry, " \t");
		for (size_t n = strlen(entry); n && isspace((unsigned char)entry[n - 1]); n--)
			entry[n - 1] = '\0';
		if (matches(entry, host, is_address ? &address : NULL, port))
			return true;
	}
	return false;
}

static const char *variable(const char *upper, const char *lower, const char **ret_value)
{
	const char *value = getenv(upper);

	if (value && *value) {
		*ret_value = value;
		return upper;
	}
	value = getenv(lower);
	*ret_value = value && *value ? value : NULL;
	return lower;
}

static const struct {
	const char *scheme, *curl, *port;
} schemes[] = {
	{ "http", "http", "80" },
	{ "https", "https", "443" },
	{ "socks5", "socks5h", "1080" },
	{ "socks5h", "socks5h", "1080" },
};

static int no_proxy(const char *name, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_USAGE,
			     "%s does not name a proxy: http://HOST:PORT is wanted, or https or "
			     "socks5 for http",
			     name);
}

/* Takes percent-encoding away; what is none stays. */
static char *decode(const char *text, size_t n)
{
	char *s = ohc_xstrndup(text, n), *to = s;
	char hex[3] = "";

	for (const char *from = s; *from; from++) {
		if (*from == '%' && isxdigit((unsigned char)from[1]) &&
		    isxdigit((unsigned char)from[2])) {
			memcpy(hex, from + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return s;
}

/* "user:password", of which a password may hold anything, '@' and ':' too, as Go reads it. */
static void set_user(struct ohc_proxy *p, const char *text, size_t n)
{
	const char *colon = memchr(text, ':', n);
	size_t n_user = colon ? (size_t)(colon - text) : n;

	p->user = decode(text, n_user);
	p->password = colon ? decode(colon + 1, n - n_user - 1) : ohc_xstrdup("");
}

static bool is_port(const char *port)
{
	long n = strtol(port, NULL, 10);

	return strlen(port) <= 5 && n >= 1 && n <= 65535;
}

static int parse(const char *name, const char *value, struct ohc_proxy *ret, struct ohc_error *err)
{
	const char *rest = strstr(value, "://"), *host, *at;
	ohc_cleanup(ohc_url_clear) struct ohc_url url = { 0 };
	ohc_cleanup(ohc_freep) char *as_http = NULL, *bare = NULL;
	size_t n = rest ? (size_t)(rest - value) : 0, i = 0;

	while (n && i < OHC_ARRAY_SIZE(schemes) &&
	       (strlen(schemes[i].scheme) != n || strncasecmp(schemes[i].scheme, value, n) != 0))
		i++;
	if (i == OHC_ARRAY_SIZE(schemes) || rest == value)
		return no_proxy(name, err);
	rest = rest ? rest + 3 : value;
	at = memrchr(rest, '@', strcspn(rest, "/?#"));
	host = at ? at + 1 : rest;
	as_http = ohc_xasprintf("http://%.*s", (int)strcspn(host, "/?#"), host);
	if (ohc_url_parse(as_http, &url, NULL) < 0)
		return no_proxy(name, err);
	bare = ohc_url_host_without_port(url.authority);
	if (strlen(url.authority) > strlen(bare) + 1 && !is_port(url.authority + strlen(bare) + 1))
		return no_proxy(name, err);
	ret->shown = strlen(url.authority) > strlen(bare) + 1
			     ? ohc_xstrdup(url.authority)
			     : ohc_xasprintf("%s:%s", bare, schemes[i].port);
	ret->url =
		ohc_xasprintf("%s://%.*s%s", schemes[i].curl, (int)(host - rest), rest, ret->shown);
	ret->address = ohc_xasprintf("%s://%s", schemes[i].curl, ret->shown);
	if (at)
		set_user(ret, rest, (size_t)(at - rest));
	ret->variable = name;
	return 0;
}

int ohc_proxy_find(const char *url, struct ohc_proxy *ret, struct ohc_error *err)
{
	bool https = ohc_url_is_https(url);
	ohc_cleanup(ohc_freep) char *authority = ohc_url_authority(url);
	ohc_cleanup(ohc_freep) char *host = ohc_url_host_without_port(authority);
	const char *port = authority + strlen(host), *value, *except, *name;

	memset(ret, 0, sizeof(*ret));
	name = https ? variable("HTTPS_PROXY", "https_proxy", &value)
		     : variable("HTTP_PROXY", "http_proxy", &value);
	variable("NO_PROXY", "no_proxy", &except);
	port = port[0] && port[1] ? port + 1 : https ? "443" : "80";
	if (!value || ohc_url_host_is_loopback(authority) ||
	    (except && ohc_proxy_is_excepted(except, host, port)))
		return 0;
	return parse(name, value, ret, err);
}

void ohc_proxy_clear(struct ohc_proxy *p)
{
	if (p->url)
		explicit_bzero(p->url, strlen(p->url));
	if (p->password)
		explicit_bzero(p->password, strlen(p->password));
	free(p->url);
	free(p->address);
	free(p->user);
	free(p->password);
	free(p->shown);
	memset(p, 0, sizeof(*p));
}
