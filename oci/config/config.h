/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image config (image-spec config.md; Docker's image JSON), edited in place: what no edit
 * touches stays as the base had it, known to us or not.
 *
 *	rc = ohc_config_parse(bytes, n, what, &c, err);
 *	rc = ohc_config_env(c, before, "PATH=/openhands/bin:$PATH", err);	before: the base's
 *	ohc_config_add_layer(c, diff_id, created, "ohcompose push …", NULL);
 *	text = ohc_json_text(c);
 *
 * A config is a json_t object; every function takes it as such.  "The inner config" is its member
 * `config`, which is made when it is absent.
 */
#ifndef OHC_OCI_CONFIG_CONFIG_H
#define OHC_OCI_CONFIG_CONFIG_H

#include "core/strv.h"
#include "oci/documents/json.h"
#include "oci/documents/platform.h"

/* The PATH that Docker and runc use when an image sets none. */
#define OHC_DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Parses and checks what we rely on: types of the members we edit, rootfs.type "layers", valid
 * diff_ids.  Whether the diff_ids are as many as the manifest's layers is for whoever has both.  A
 * history that does not match the diff_ids is accepted: kaniko, bazel and `docker import` write
 * such, and engines run them. */
int ohc_config_parse(const void *bytes, size_t n, const char *what, json_t **ret,
		     struct ohc_error *err);

/* Makes a new config, for `scratch`. */
json_t *ohc_config_new(const struct ohc_platform *platform);

void ohc_config_platform(const json_t *config, struct ohc_platform *ret);
size_t ohc_config_n_layers(const json_t *config);

/*
 * Env as Dockerfile's ENV: KEY=VALUE, where $NAME and ${NAME} in VALUE are the values of `before`
 * (the base's env, so that the order of options does not matter), `\$` is a dollar, an unset name
 * is empty and an unset PATH is OHC_DEFAULT_PATH.  Any other '$' and '\' stand for themselves.
 *
 * The value is taken as a list with ':' between its elements: an element that is nothing but
 * expansions, and they are empty, is dropped with its ':' (an empty element of a path means the
 * current directory).  Elements that were written empty stay.
 *
 * A variable that is there keeps its place in the list; of one that is there twice the last counts,
 * and only the first place stays.
 * OHC_E_USAGE: no '=', an empty or malformed name, an unterminated "${" or one with more than a
 * name in it (the shell's "${A:-b}" is not understood), text that is not UTF-8.
 */
int ohc_config_env(json_t *config, const json_t *before, const char *assignment,
		   struct ohc_error *err);
void ohc_config_unset_env(json_t *config, const char *name);

/* The value of NAME in the config's env, or NULL; borrowed. */
const char *ohc_config_get_env(const json_t *config, const char *name);

/* A deep copy of the env list as it stands, for `before`; the caller decrefs it. */
json_t *ohc_config_env_list(const json_t *config);

/* User, WorkingDir, StopSignal: an empty value removes the member.  WorkingDir must be absolute,
 * StopSignal a signal's name or number: OHC_E_USAGE. */
int ohc_config_user(json_t *config, const char *user, struct ohc_error *err);
int ohc_config_workdir(json_t *config, const char *dir, struct ohc_error *err);
int ohc_config_stop_signal(json_t *config, const char *signal, struct ohc_error *err);

/* "SIGTERM", "term", "RTMIN+3", "15" */
bool ohc_config_signal_known(const char *text);

/* Entrypoint and Cmd: a JSON array of strings stays as it is, any other text is run by the shell
 * (["/bin/sh","-c",text]) as Dockerfile's shell form does; "" or "[]" clears.  Text that starts
 * with [" and is no such array is OHC_E_USAGE: no shell command starts so. */
int ohc_config_entrypoint(json_t *config, const char *value, struct ohc_error *err);
int ohc_config_cmd(json_t *config, const char *value, struct ohc_error *err);

/* KEY=VALUE; "KEY=" sets the empty string, "" clears all labels. */
int ohc_config_label(json_t *config, const char *assignment, struct ohc_error *err);

/* PORT[/PROTO] with PORT 1..65535 or a range A-B (each of it is added), PROTO tcp (default), udp or
 * sctp; "" clears. */
int ohc_config_expose(json_t *config, const char *port, struct ohc_error *err);

/* An absolute path; "" clears. */
int ohc_config_volume(json_t *config, const char *dir, struct ohc_error *err);

/* created is RFC 3339, "1970-01-01T00:00:00Z"; see ohc_config_time_text(). */
void ohc_config_created(json_t *config, const char *created);

/* Adds a diff ID and its history entry.  A history that is there gets the entry whether or not it
 * matched; a config without one (absent or empty) gets one only when it had no layers before (a
 * partial history would be a wrong one). */
void ohc_config_add_layer(json_t *config, const char *diff_id, const char *created,
			  const char *created_by, const char *comment);

/* Adds a history entry with empty_layer true, which tells what was done to the config.  The same
 * rule holds. */
void ohc_config_add_history(json_t *config, const char *created, const char *created_by,
			    const char *comment);

/* Seconds since the epoch as RFC 3339 in UTC, and back (fractions and offsets are understood).
 * "now" is not known here.  Malformed text is OHC_E_USAGE. */
#define OHC_TIME_TEXT 32
/* Parses whole seconds since 1970, written in digits alone, whose year has four digits.  False:
 * text is no such number. */
bool ohc_config_seconds_parse(const char *text, int64_t *ret);

const char *ohc_config_time_text(int64_t seconds, char ret[OHC_TIME_TEXT]);
int ohc_config_time_parse(const char *text, int64_t *ret, struct ohc_error *err);

#endif
