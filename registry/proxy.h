/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxy that a request goes through, as docker, skopeo and crane find it in the environment:
 * Go's golang.org/x/net/http/httpproxy.
 *
 *	HTTPS_PROXY, https_proxy	for https; the first that is not empty
 *	HTTP_PROXY, http_proxy		for http; there is no ALL_PROXY
 *	NO_PROXY, no_proxy		a list, commas between:
 *		*			everything
 *		example.com		this host and those below it
 *		.example.com, *.example.com	those below it
 *		192.0.2.1, [2001:db8::1], 192.0.2.0/24
 *		any but the last with a port: example.com:5000
 *
 * A proxy is [SCHEME://][USER[:PASSWORD]@]HOST[:PORT] with http (the default; port 80), https (443)
 * or socks5 (1080), which looks names up itself.  localhost and loopback addresses need none.
 */
#ifndef OHC_REGISTRY_PROXY_H
#define OHC_REGISTRY_PROXY_H

#include <stdbool.h>

#include "core/error.h"

struct ohc_proxy {
	char *url;            /* complete, with user and password; NULL: none */
	char *address;        /* the same without them */
	char *user;           /* without percent-encoding, as curl takes them apart from a URL; */
	char *password;       /* NULL: none */
	char *shown;          /* "host:port", for messages */
	const char *variable; /* the variable that holds it, for messages */
};

/* Finds the proxy for a valid URL.  OHC_E_USAGE: the variable holds no proxy; its value, which may
 * have a password, is not in the message. */
int ohc_proxy_find(const char *url, struct ohc_proxy *ret, struct ohc_error *err);
void ohc_proxy_clear(struct ohc_proxy *p);

/* Does the list (the value of NO_PROXY) have this host and port? */
bool ohc_proxy_is_excepted(const char *list, const char *host, const char *port);

#endif
