// SPDX-License-Identifier: Apache-2.0
/* The options that several commands share. */
#include <string.h>

#include "cmd/command.h"
#include "core/units.h"
#include "core/alloc.h"
#include "registry/url.h"

#define EVERYWHERE "Everywhere"

static int check_mirror(const char *value, struct ohc_error *err)
{
	const char *eq = strchr(value, '=');
	ohc_cleanup(ohc_freep) char *shown = NULL;

	if (eq && eq != value && eq[1])
		return 0;
	shown = ohc_url_public(value); /* without the password that may stand there */
	return ohc_error_set(err, OHC_E_USAGE, "takes HOST=URL, not '%s'", shown);
}

static int check_creds(const char *value, struct ohc_error *err)
{
	if (!*value || *value == ':')
		return ohc_error_set(err, OHC_E_USAGE, "takes USER or USER:PASSWORD");
	return 0;
}

/* As Go's clients take it: --tls-verify, --tls-verify=false. */
static int set_tls_verify(void *member, const char *value, struct ohc_error *err)
{
	bool *insecure = member;

	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return ohc_error_set(err, OHC_E_USAGE, "takes true or false, not '%s'", value);
	*insecure = strcmp(value, "false") == 0;
	return 0;
}

static const struct ohc_word bools[] = { { "true", 1 }, { "false", 0 }, { 0 } };

#define TLS_VERIFY(access) \
	OHC_SET(struct ohc_cli, access.insecure, set_tls_verify), .words = bools, .implied = "true"

static const struct ohc_option authfile_options[] = {
	{ "authfile", 0, "FILE", "read credentials from FILE, in the form of docker's config.json",
	  OHC_STRING(struct ohc_cli, authfile), .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option access_options[] = {
	{ "creds", 0, "USER[:PASSWORD]",
	  "log in so to the registry of the destination, or of the only name; without PASSWORD it "
	  "is asked for on the terminal",
	  OHC_STRING(struct ohc_cli, access.creds), .check = check_creds, .group = EVERYWHERE },
	{ "creds-stdin", 0, NULL, "read one line USER:PASSWORD from standard input",
	  OHC_FLAG(struct ohc_cli, access.creds_stdin), .group = EVERYWHERE },
	{ "insecure", 0, NULL,
	  "accept any certificate of that registry, and plain http where https fails",
	  OHC_FLAG(struct ohc_cli, access.insecure), .group = EVERYWHERE },
	{ "tls-verify", 0, "BOOL", "the opposite of --insecure, as podman and skopeo have it",
	  TLS_VERIFY(access), .group = EVERYWHERE },
	{ "ca-file", 0, "FILE", "trust the certificate authorities in FILE",
	  OHC_STRING(struct ohc_cli, ca_file), .group = EVERYWHERE },
	{ "cert", 0, "FILE", "show this client certificate to registries",
	  OHC_STRING(struct ohc_cli, cert_file), .group = EVERYWHERE },
	{ "key", 0, "FILE", "the private key of --cert", OHC_STRING(struct ohc_cli, key_file),
	  .group = EVERYWHERE },
	{ "retry", 0, "N", "tries after a request's first one failed (default 5)",
	  OHC_UNSIGNED(struct ohc_cli, retries, 0, 100), .group = EVERYWHERE },
	{ "timeout", 0, "SECONDS",
	  "give up where nothing moves for so long (default 60); there is no limit on the whole",
	  OHC_UNSIGNED(struct ohc_cli, timeout, 1, 86400), .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option source_options[] = {
	{ "src-creds", 0, "USER[:PASSWORD]",
	  "as --creds, for the registries of what is read: a source, a base, payloads",
	  OHC_STRING(struct ohc_cli, src.creds), .check = check_creds, .group = EVERYWHERE },
	{ "src-creds-stdin", 0, NULL,
	  "the same from standard input; its line comes before that of --creds-stdin",
	  OHC_FLAG(struct ohc_cli, src.creds_stdin), .group = EVERYWHERE },
	{ "src-authfile", 0, "FILE", "as --authfile, for these alone",
	  OHC_STRING(struct ohc_cli, src.authfile), .group = EVERYWHERE },
	{ "src-insecure", 0, NULL, "as --insecure, for these",
	  OHC_FLAG(struct ohc_cli, src.insecure), .group = EVERYWHERE },
	{ "src-tls-verify", 0, "BOOL", "the opposite of --src-insecure", TLS_VERIFY(src),
	  .group = EVERYWHERE },
	{ "dest-creds", 0, "USER[:PASSWORD]", "another name of --creds",
	  OHC_STRING(struct ohc_cli, access.creds), .check = check_creds, .group = EVERYWHERE },
	{ "dest-authfile", 0, "FILE", "as --authfile, for the destination alone",
	  OHC_STRING(struct ohc_cli, access.authfile), .group = EVERYWHERE },
	{ "dest-tls-verify", 0, "BOOL", "another name of --tls-verify", TLS_VERIFY(access),
	  .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option mirror_options[] = {
	{ "mirror", 0, "HOST=URL", "pull what is at HOST from URL first; may be repeated",
	  OHC_STRINGS(struct ohc_cli, mirrors), .check = check_mirror, .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option jobs_options[] = {
	{ "jobs", 0, "N", "do so many things at a time", OHC_UNSIGNED(struct ohc_cli, jobs, 1, 256),
	  .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option cache_options[] = {
	{ "cache", 0, "DIR", "keep what is known of layers in DIR (default: in the user's cache)",
	  OHC_STRING(struct ohc_cli, cache), .group = EVERYWHERE },
	{ "no-cache", 0, NULL, "neither read nor write a cache", OHC_FLAG(struct ohc_cli, no_cache),
	  .group = EVERYWHERE },
	{ 0 },
};

static int set_size(void *member, const char *value, struct ohc_error *err)
{
	uint64_t *size = member;
	int rc = ohc_units_parse(value, size, err);

	if (rc == 0 && *size == 0)
		rc = ohc_error_set(err, OHC_E_USAGE, "takes a size above 0");
	return rc;
}

static int set_entries(void *member, const char *value, struct ohc_error *err)
{
	uint64_t *entries = member;
	int rc = set_size(member, value, err);

	if (rc == 0 && *entries > ohc_scan_limits_default.entries)
		rc = ohc_error_set(err, OHC_E_USAGE, "takes at most %llu",
				   (unsigned long long)ohc_scan_limits_default.entries);
	return rc;
}

static const struct ohc_option limit_options[] = {
	{ "max-layer-size", 0, "SIZE",
	  "refuse a layer that is larger when it is unpacked (default 256G)",
	  OHC_SET(struct ohc_cli, limits.plain_size, set_size), .group = EVERYWHERE },
	{ "max-layer-entries", 0, "N", "refuse a layer of more entries (default 2000000, the most)",
	  OHC_SET(struct ohc_cli, limits.entries, set_entries), .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_word progress_words[] = {
	{ "auto", OHC_PROGRESS_AUTO },   { "tty", OHC_PROGRESS_TTY },
	{ "plain", OHC_PROGRESS_PLAIN }, { "json", OHC_PROGRESS_JSON },
	{ "none", OHC_PROGRESS_NONE },   { 0 },
};

static const struct ohc_option report_options[] = {
	{ "progress", 0, "auto|tty|plain|json|none", "how to show what is done, on standard error",
	  OHC_WORD(struct ohc_cli, progress, progress_words), .group = EVERYWHERE },
	{ "quiet", 'q', NULL, "warnings and errors only; twice: errors only",
	  OHC_COUNT(struct ohc_cli, quiet), .group = EVERYWHERE },
	{ "verbose", 'v', NULL, "say what is decided and waited for; twice: each request",
	  OHC_COUNT(struct ohc_cli, verbose), .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option json_options[] = {
	{ "json", 0, NULL, "write the result as JSON", OHC_FLAG(struct ohc_cli, json),
	  .group = EVERYWHERE },
	{ 0 },
};

static const struct ohc_option help_options[] = {
	{ "help", 'h', NULL, "show this help", OHC_FLAG(struct ohc_cli, help), .ends = true,
	  .group = EVERYWHERE },
	{ 0 },
};

static const struct {
	unsigned int takes;
	const struct ohc_option *table;
} shared[] = {
	{ OHC_TAKES_AUTHFILE, authfile_options }, { OHC_TAKES_ACCESS, access_options },
	{ OHC_TAKES_SOURCE, source_options },     { OHC_TAKES_MIRROR, mirror_options },
	{ OHC_TAKES_JOBS, jobs_options },         { OHC_TAKES_CACHE, cache_options },
	{ OHC_TAKES_LIMITS, limit_options },      { OHC_TAKES_REPORT, report_options },
	{ OHC_TAKES_JSON, json_options },         { 0, help_options },
};

/* Four more: three of the command's own, and NULL at the end. */
_Static_assert(OHC_ARRAY_SIZE(shared) + 4 <= OHC_TABLES_MAX, "more tables than there is room for");

void ohc_command_tables(const struct ohc_command *c, const struct ohc_option *ret[OHC_TABLES_MAX])
{
	size_t n = 0;

	if (c->options)
		ret[n++] = c->options;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(c->more_options) && c->more_options[i]; i++)
		ret[n++] = c->more_options[i];
	for (size_t i = 0; i < OHC_ARRAY_SIZE(shared); i++)
		if ((c->takes & shared[i].takes) == shared[i].takes)
			ret[n++] = shared[i].table;
	ret[n] = NULL;
}

const struct ohc_option *ohc_command_shared_option(const char *name)
{
	const struct ohc_option *o = NULL;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(shared) && !o; i++)
		o = ohc_option_find(shared[i].table, name);
	return o;
}
