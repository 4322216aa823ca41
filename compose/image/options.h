/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of push, as they stand on the command line; pack and check share some of them.
 *
 *	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
 *
 *	o.base = "ubuntu:22.04"; o.dest = "localhost:5000/x:1";
 *	ohc_strv_add(&o.payloads, "build/openhands");
 *
 * compose/image/inputs.h reads them and finds their faults.
 */
#ifndef OHC_COMPOSE_IMAGE_OPTIONS_H
#define OHC_COMPOSE_IMAGE_OPTIONS_H

#include "compose/image/sign.h"
#include "core/cache.h"
#include "core/report.h"
#include "core/strv.h"

struct ohc_origin;

/* As on the command line (docs/cli.md, "push"); a string is NULL and a list empty where the option
 * was not given.  The strings are the caller's. */
struct ohc_push_options {
	const char *base, *dest;
	struct ohc_strv payloads; /* [OS/ARCH=]SRC[:/TARGET] */
	const char *profile;      /* NULL: "openhands" */

	/* Of an image that is composed again, instead of what of the above is not given. */
	const struct ohc_origin *origin;

	struct ohc_strv remove; /* paths of the base */
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
	const char *check;               /* warn, refuse; NULL: refuse images that cannot run */
	const struct ohc_policy *policy; /* check: layout/check/policy.h; NULL: none */
	bool every; /* check: a finding for each file of the base that is replaced */
	bool skip_existing;
	const char *mount; /* prefer, require */
	bool sbom;         /* hang the payloads' lists on the image */
	bool dry_run;
	struct ohc_sign sign;
	const struct ohc_scan_limits *limits; /* of layers that are read; NULL: the default */
	struct ohc_cache *cache;              /* NULL: none */
	const struct ohc_making_notes *notes; /* of layers that are made; NULL: none are kept */
	unsigned int jobs;                    /* 0: the default */
	struct ohc_report *report;
};

#define OHC_PUSH_OPTIONS_INIT \
	{                     \
		.level = -1   \
	}

#endif
