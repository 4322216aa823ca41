// SPDX-License-Identifier: Apache-2.0
/* Checks what nearly every payload expects of a base: Linux, a shell, and certificates to trust. */
#include <strings.h>
#include <sys/stat.h>

#include "core/ca_files.h"
#include "layout/check/check_internal.h"

static const char *const ca_files[] = { OHC_CA_FILES(OHC_LIST_AS_IS, OHC_LIST_COMMA) };

/* Returns 1 where one of the files is there, at its path or below a payload's target. */
static int any(const struct ohc_check *c, const char *const *paths, size_t n, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = ohc_files_is(c->files, paths[i], S_IFREG, err);
		for (size_t k = 0; rc == 0 && k < c->targets->n; k++) {
			ohc_cleanup(ohc_freep) char *path =
				ohc_xasprintf("%s%s", c->targets->v[k], paths[i]);

			rc = ohc_files_is(c->files, path, S_IFREG, err);
		}
	}
	return rc;
}

static int has_certificates(const struct ohc_check *c, struct ohc_error *err)
{
	const char *named = ohc_check_env_value(c, "SSL_CERT_FILE");
	int rc = *named ? ohc_files_is(c->files, named, S_IFREG, err) : 0;

	return rc ? rc : any(c, ca_files, OHC_ARRAY_SIZE(ca_files), err);
}

/* A payload for Linux cannot run on a base for another system. */
static void check_system(const struct ohc_check *c)
{
	if (c->targets->n && *c->platform.os && strcasecmp(c->platform.os, "linux") != 0)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "architecture", c->targets->v[0],
				 "is for linux, and the image is for %s: take a base for linux",
				 c->platform.os);
}

int ohc_check_needs(const struct ohc_check *c, struct ohc_error *err)
{
	int rc = ohc_files_is(c->files, "/bin/sh", S_IFREG, err);

	check_system(c);

	if (rc == 0)
		ohc_findings_add(
			c->findings, OHC_FINDING_WARNING, "shell", "/bin/sh",
			"is not there: what runs commands through a shell (system(), tmux, "
			"Dockerfile's shell form) will fail; a payload may bring one");
	if (rc >= 0)
		rc = has_certificates(c, err);
	if (rc == 0)
		ohc_findings_add(
			c->findings, OHC_FINDING_WARNING, "certificates", OHC_CA_FILE_DEBIAN,
			"is not there, nor is any other bundle of CA certificates: https will "
			"fail but where a program brings its own");
	return rc < 0 ? rc : 0;
}
