/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push: base + payload + profile -> image, written to its destination.
 *
 *	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
 *	struct ohc_push_result r = OHC_PUSH_RESULT_INIT;
 *
 *	o.base = "ubuntu:22.04"; o.dest = "localhost:5000/x:1";
 *	ohc_strv_add(&o.payloads, "build/openhands");
 *	rc = ohc_push(places, &o, &r, err);
 *	... r.manifest.digest, r.layers ...
 *	ohc_push_result_clear(&r);
 *
 * The order of things: everything that can be wrong with the options is found before the first
 * request; base manifest and config are read; the image that would be is checked (compose/check.h);
 * base layers are mounted or copied while the payload layers are made and uploaded; then the
 * adapter layer, the config, and last the manifest with its tags.  Until that last step nobody can
 * see that anything happened.
 */
#ifndef OHC_COMPOSE_PUSH_H
#define OHC_COMPOSE_PUSH_H

#include "compose/places.h"
#include "core/report.h"
#include "core/strv.h"
#include "core/cache.h"
#include "oci/documents/json.h"
#include "oci/documents/platform.h"

/* As on the command line (CLI.md, "push"); a string is NULL and a list empty where the option was
 * not given.  The strings are the caller's. */
struct ohc_push_options {
	const char *base, *dest;
	struct ohc_strv payloads; /* [OS/ARCH=]SRC[:/TARGET] */
	const char *profile;      /* NULL: "openhands" */
	struct ohc_strv env, unset_env, labels, annotations, expose, volumes;
	const char *user, *workdir, *entrypoint, *cmd, *stop_signal;
	const char *owner;   /* UID:GID */
	const char *account; /* NAME:UID[:GID[:HOME[:SHELL]]] */
	bool no_account;
	const char *on_uid_clash; /* fail, reuse, rename, next-free */
	const char *platform;     /* OS/ARCH[/VARIANT], or "all" */
	const char *format;       /* auto, oci, docker */
	const char *compression;  /* gzip, zstd, none */
	int level;                /* OHC_LEVEL_DEFAULT */
	const char *mtime;        /* preserve, clamp, epoch */
	const char *created;      /* RFC 3339, seconds, or "now" */
	struct ohc_strv tags;     /* further ones */
	bool no_check;
	const char *check; /* warn, refuse; NULL: refuse what cannot run */
	bool every;        /* check: a finding for each file of the base that is replaced */
	bool dry_run;
	struct ohc_cache *cache; /* NULL: none */
	unsigned int jobs;       /* 0: the default */
	struct ohc_report *report;
};

#define OHC_PUSH_OPTIONS_INIT \
	{                     \
		.level = -1   \
	}

struct ohc_push_layer {
	struct ohc_descriptor d;
	const char *role;   /* "base", "payload", "adapter" */
	const char *action; /* "kept", "mounted", "uploaded", "copied", "written" */
};

struct ohc_push_result {
	char *name; /* DEST, as it was given */
	struct ohc_descriptor manifest;
	bool all_platforms;           /* manifest is an index, layers are those of all images */
	struct ohc_platform platform; /* of the first image */
	struct ohc_push_layer *layers;
	size_t n_layers;
	uint64_t payload_files; /* regular files read from payload directories */
	uint64_t bytes_read, bytes_downloaded, bytes_uploaded, requests;
	double seconds;
};

#define OHC_PUSH_RESULT_INIT \
	{                    \
		.name = NULL \
	}

int ohc_push(struct ohc_places *places, const struct ohc_push_options *o,
	     struct ohc_push_result *ret, struct ohc_error *err);
void ohc_push_result_clear(struct ohc_push_result *r);

/* The object of `push --json` (CLI.md). */
json_t *ohc_push_result_json(const struct ohc_push_result *r);

#endif
