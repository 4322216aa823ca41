/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as registries hand them out (RFC 3986, http and https only).  What comes from a registry (a
 * Location, a Link, a token realm) passes through here before a request is made of it: no other
 * scheme, no user information, no control characters, and never a relative part left.
 *
 *	rc = ohc_url_resolve(request_url, location, &next, err);	Location may be relative
 *	next = ohc_url_add_query(next, "digest", digest);		and its query stays
 *
 * Only ohc_url_public() may stand in a message or a log: queries carry signatures and states.
 */
#ifndef OHC_REGISTRY_URL_H
#define OHC_REGISTRY_URL_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/error.h"

#define OHC_URL_MAX 16384

struct ohc_url {
	char *scheme;    /* "http" or "https" */
	char *authority; /* "host", "host:port" or "[::1]:port", lower case */
	char *path;      /* starts with '/' */
	char *query;     /* what follows '?', or NULL */
};

int ohc_url_parse(const char *text, struct ohc_url *ret, struct ohc_error *err);
void ohc_url_clear(struct ohc_url *u);

/* The absolute URL that ref means in a document at base (RFC 3986, 5.2); the caller frees it. */
int ohc_url_resolve(const char *base, const char *ref, char **ret, struct ohc_error *err);

/* A new URL with key=value (percent-encoded) at the end of url's query; the caller frees it. */
char *ohc_url_add_query(const char *url, const char *key, const char *value);

/* The URL without query and user information, for messages; the caller frees it. */
char *ohc_url_public(const char *url);

/* Scheme, host and port are the same, a default port being written or not. */
bool ohc_url_same_origin(const char *a, const char *b);

/* A registry that does not know of a TLS proxy before it gives http URLs of itself: when *url is on
 * the host of `own`, which is https, it is changed to https at own's origin. */
void ohc_url_upgrade(char **url, const char *own);

/* "host:port" of a valid URL; the caller frees it. */
char *ohc_url_authority(const char *url);

bool ohc_url_is_https(const char *url);

/* The host that a registry's requests go to, by its name in image names: Docker Hub's is
 * another. */
const char *ohc_url_registry_host(const char *name);

/* localhost, 127.0.0.0/8 and [::1], with or without a port. */
bool ohc_url_host_is_loopback(const char *authority);

/* The host alone: "[::1]:5000" gives "[::1]"; the caller frees it. */
char *ohc_url_host_without_port(const char *authority);

#endif
