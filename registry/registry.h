/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registries as stores: the client side of the distribution-spec 1.1.
 *
 *	client = ohc_registry_new(&options);
 *	rc = ohc_registry_open(client, &name, &store, err);	any number of repositories
 *	...
 *	ohc_store_close(store);
 *	ohc_registry_free(client);				after its stores
 *
 * The client holds what repositories share: credentials, tokens by registry and scope, open
 * connections, and which blobs were mounted where.  All of it may be used from several threads.
 *
 * User, password, client certificate and `insecure` are for the registries of the names that are
 * opened, and for the token servers that these name (an insecure one on the same host only).
 * Mirrors get none of them, nor does another host that registries.conf names for a repository.  To
 * read with other credentials than to write, make two clients: blobs are mounted between them all
 * the same.
 */
#ifndef OHC_REGISTRY_REGISTRY_H
#define OHC_REGISTRY_REGISTRY_H

#include <stdbool.h>

#include "core/report.h"
#include "core/strv.h"
#include "oci/documents/name.h"
#include "oci/store/store.h"

struct ohc_held_tags;
struct ohc_limits;
struct ohc_registry;

/* Strings are the caller's and must stay as long as the client.  Zero means the default. */
struct ohc_registry_options {
	const char *user;      /* --creds; NULL: look them up (registry/credentials.h) */
	const char *password;  /* with user */
	const char *authfile;  /* --authfile */
	const char *ca_file;   /* trusted in addition to the system's, for every host */
	const char *cert_file; /* shown to the registries that are opened */
	const char *key_file;
	bool insecure; /* no certificate checks, and plain http where https fails */
	bool source;   /* for messages: these come from --src-creds, --src-insecure */
	const struct ohc_strv *mirrors; /* "HOST=URL" each */
	unsigned int retries;           /* further tries of a request; default 5; or: */
#define OHC_RETRIES_NONE (~0u)
	unsigned int timeout;    /* seconds to connect, and without progress; default 60 */
	const char *user_agent;  /* "ohcompose/1.0" */
	struct ohc_cache *hosts; /* where what is found out about hosts is kept; NULL: nowhere */
	struct ohc_report *report;
	struct ohc_limits *limits;   /* of hosts, shared with other clients; NULL: its own */
	struct ohc_held_tags *held;  /* of what is not written to, for this run; NULL: not held */
	struct ohc_cache *documents; /* where manifests and configs are kept; NULL: nowhere */
};

struct ohc_registry *ohc_registry_new(const struct ohc_registry_options *options);
void ohc_registry_free(struct ohc_registry *r);

/* The repository that name (transport OHC_REGISTRY) lies in.  No request is made. */
int ohc_registry_open(struct ohc_registry *r, const struct ohc_name *name, struct ohc_store **ret,
		      struct ohc_error *err);

/* Finds what is wrong with the files that credentials for the repository are looked up in.  No
 * request is made, and no helper is run. */
int ohc_registry_check_login(struct ohc_registry *r, const struct ohc_name *name,
			     struct ohc_error *err);

/* Tells that something will be put into the repository, so that tokens are for that, too, from the
 * start. */
void ohc_registry_expect_write(struct ohc_store *s);

#endif
