/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: env, user, workdir, entrypoint, cmd, labels and the runtime contract, as data.  The
 * known ones are the JSON files of layout/profiles/, which the program carries; `--profile FILE`
 * reads one of the same form:
 *
 *	{
 *	  "name": "openhands",
 *	  "prefix": "/openhands",			where a payload directory goes
 *	  "account": { "name": "openhands", "uid": 1000, "gid": 1000,
 *		       "home": "/home/openhands", "shell": "/bin/bash" },
 *	  "workspace": [ "/workspace" ],		made in the adapter layer, the account's
 *	  "links": { "/usr/local/bin/x": "/openhands/bin/x" },	made there too
 *	  "files": { "/etc/x.json": { "content": "{}", "mode": "0644", "replace": false,
 *				      "if": "/acp/bin/x" } },	and these, root's: where the
 *					base has none (or "replace"), and base or payload has "if";
 *					"link": "/p/bin/x" in the place of a content
 *	  "shell": true, "certificates": true,		link the payload's where the base has none
 *	  "config": { "env": { "PATH": "/openhands/bin:$PATH" }, "unset_env": [],
 *		      "user": "1000:1000", "workdir": "/workspace", "entrypoint": [], "cmd": [ … ],
 *		      "expose": [ "8000/tcp" ], "volumes": [], "labels": {}, "stop_signal": "…" }
 *	}
 *
 * Every member but name may be absent.  entrypoint or cmd absent: the base's stays; []: cleared.
 * An unknown member is an error (a misspelt one would be silently without effect).
 */
#ifndef OHC_LAYOUT_PROFILES_PROFILE_H
#define OHC_LAYOUT_PROFILES_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/strv.h"
#include "layout/account/account.h"
#include "oci/documents/json.h"

struct ohc_profile_link {
	char *path;   /* absolute, in the image */
	char *target; /* absolute */
};

struct ohc_profile_file {
	char *path;    /* absolute, in the image */
	char *content; /* or NULL: a link */
	char *link;    /* absolute, or NULL */
	unsigned int mode;
	bool replace; /* also what the base has there */
	char *when;   /* only where there is such a file in the base or a payload; NULL: always */
};

struct ohc_profile {
	char *name;
	char *prefix; /* absolute, normalized, never "/"; NULL: none */
	struct ohc_account account;
	struct ohc_strv workspace;
	struct ohc_profile_link *links;
	size_t n_links;
	struct ohc_profile_file *files;
	size_t n_files;
	bool shell, certificates;

	struct ohc_strv env; /* KEY=VALUE */
	struct ohc_strv unset_env;
	char *user, *workdir, *stop_signal; /* NULL: as the base has it */
	char *entrypoint, *cmd;             /* JSON arrays as text, or NULL */
	struct ohc_strv expose, volumes, labels;

	char *content; /* the file: its JSON without blanks, in its own order */
	bool built_in; /* the program carries it: it is parsed once, and nobody frees or edits it */
};

/* spec: a built-in name, or a file (it has a '/' or ends in .json, or "-").  Errors name file, line
 * or member, and list the known names. */
bool ohc_profile_is_file(const char *spec);
int ohc_profile_load(const char *spec, struct ohc_profile *ret, struct ohc_error *err);

/* From its content, which messages call `what`. */
int ohc_profile_parse(const char *content, const char *what, struct ohc_profile *ret,
		      struct ohc_error *err);
void ohc_profile_clear(struct ohc_profile *p);

/* The names that are built in, NULL-terminated. */
const char *const *ohc_profile_names(void);
bool ohc_profile_is_built_in(const char *name);

/* Applies env, user, … to an image config; `before` is the base's env (oci/config/config.h). */
int ohc_profile_apply(const struct ohc_profile *p, json_t *config, const json_t *before,
		      struct ohc_error *err);

#endif
