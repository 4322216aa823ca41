// SPDX-License-Identifier: Apache-2.0
#include "compose/image/sign.h"

#include <string.h>

#include "core/alloc.h"
#include "core/process.h"
#include "oci/image/attach.h"
#include "oci/store/referrers.h"

#define OUTPUT_MAX (1u << 20)
#define PLACE      "{}"

int ohc_sign_check(const struct ohc_sign *sign, const struct ohc_name *dest, struct ohc_error *err)
{
	if (!sign->command)
		return 0;
	if (!strstr(sign->command, PLACE))
		return ohc_error_set(
			err, OHC_E_USAGE,
			"--sign '%.200s': '{}' stands for what is to be signed, and is "
			"missing: 'cosign sign --key K {}'",
			sign->command);
	if (dest->transport == OHC_REGISTRY || dest->transport == OHC_LAYOUT)
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "--sign: what is in '%s' can be signed only when the archive is "
			     "whole: sign it where it is copied to",
			     dest->given);
}

/* As one word of a shell, whatever is in it. */
static void add_quoted(struct ohc_buf *line, const char *word)
{
	ohc_buf_adds(line, "'");
	for (; *word; word++)
		if (*word == '\'')
			ohc_buf_adds(line, "'\\''");
		else
			ohc_buf_add(line, word, 1);
	ohc_buf_adds(line, "'");
}

static void fill_in(struct ohc_buf *line, const char *command, const char *what)
{
	const char *place;

	while ((place = strstr(command, PLACE))) {
		ohc_buf_add(line, command, (size_t)(place - command));
		add_quoted(line, what);
		command = place + strlen(PLACE);
	}
	ohc_buf_adds(line, command);
}

/* NAME@DIGEST, where NAME has no tag: that may be another image's still. */
static char *name_of(const struct ohc_name *dest, const char *digest)
{
	struct ohc_name name = *dest; /* nothing is owned by the copy */

	name.tag = NULL;
	name.digest = (char *)digest;
	return ohc_name_text(&name);
}

static void say_output(const struct ohc_buf *output, struct ohc_report *report)
{
	if (output->len > 0)
		ohc_report_say(report, OHC_VERBOSE, "--sign: %.2000s", ohc_buf_str(output));
}

/* How a signer fails says nothing of the registry or the image: it is a failure like its status. */
static int failed(int rc, struct ohc_error *err)
{
	if (rc == -OHC_E_INTERRUPTED)
		return rc;
	if (err)
		err->code = OHC_E_FAILED;
	return -OHC_E_FAILED;
}

int ohc_sign_run(const struct ohc_sign *sign, const struct ohc_name *dest, const char *digest,
		 struct ohc_report *report, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = name_of(dest, digest), *authfile = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT, output = OHC_BUF_INIT;
	const char *env[2] = { NULL, NULL }, *argv[] = { "sh", "-c", NULL, NULL };
	struct ohc_process p = { .argv = argv,
				 .input = "",
				 .env = env,
				 .seconds = sign->seconds ? sign->seconds : OHC_SIGN_SECONDS,
				 .max = OUTPUT_MAX };
	int status = 0, rc;

	fill_in(&line, sign->command, what);
	argv[2] = ohc_buf_str(&line);
	if (sign->authfile)
		env[0] = authfile = ohc_xasprintf("REGISTRY_AUTH_FILE=%s", sign->authfile);
	rc = ohc_process_run(&p, &output, &status, err);
	say_output(&output, report);
	if (rc < 0)
		return ohc_error_wrap(err, failed(rc, err), "cannot sign '%s'", what);
	if (status != 0)
		return ohc_error_set(err, OHC_E_FAILED,
				     "cannot sign '%s': the signer ended with status %d%s", what,
				     status, status == 127 ? ", as there is no such program" : "");
	return 0;
}

#define BUNDLE         "application/vnd.dev.sigstore.bundle"
#define PREDICATE      "dev.sigstore.bundle.predicateType"
#define SIGN_PREDICATE "https://sigstore.dev/cosign/sign/"

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

static const char *predicate_of(const json_t *described)
{
	return json_string_value(
		json_object_get(json_object_get(described, "annotations"), PREDICATE));
}

/* Of a manifest that is listed and is gone there is none. */
static int read_predicate(struct ohc_store *s, const char *digest, json_t **ret_manifest,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error mine = OHC_ERROR_INIT;
	int rc = ohc_store_get_manifest(s, digest, &doc, &mine);

	if (rc == -OHC_E_NOT_FOUND)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &mine, rc);
	return ohc_json_parse(ohc_buf_str(&doc.bytes), doc.bytes.len, digest, ret_manifest, err);
}

/* A bundle is a signature or an attestation, whose predicate is something else.  Lists that others
 * wrote need not have a manifest's annotations. */
static int is_signing_bundle(struct ohc_store *s, const json_t *entry, bool *ret,
			     struct ohc_error *err)
{
	const char *digest = json_string_value(json_object_get(entry, "digest"));
	ohc_cleanup(ohc_json_decref) json_t *manifest = NULL;
	const char *predicate = predicate_of(entry);
	int rc = predicate ? 0 : read_predicate(s, digest, &manifest, err);

	if (rc == 0 && !predicate) {
		predicate = predicate_of(manifest);
		*ret = manifest && !predicate;
	}
	*ret |= begins(predicate, SIGN_PREDICATE);
	return rc;
}

static int is_signature(struct ohc_store *s, const json_t *entry, bool *ret, struct ohc_error *err)
{
	static const char *const types[] = {
		"application/vnd.dev.cosign.artifact.sig.",
		"application/vnd.dev.cosign.simplesigning.",
		"application/vnd.cncf.notary.signature",
	};
	const char *type = json_string_value(json_object_get(entry, "artifactType"));

	*ret = false;
	if (begins(type, BUNDLE))
		return is_signing_bundle(s, entry, ret, err);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(types); i++)
		*ret |= begins(type, types[i]);
	return 0;
}

/* cosign up to version 2 puts signatures under the tag sha256-HEX.sig. */
static int has_tag(struct ohc_store *s, const char *digest, bool *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(digest), *sig = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error mine = OHC_ERROR_INIT;
	int rc;

	sig = ohc_xasprintf("%s.sig", tag);
	rc = ohc_store_get_manifest(s, sig, &doc, &mine);
	*ret = rc == 0;
	return rc == 0 || rc == -OHC_E_NOT_FOUND ? 0 : ohc_error_copy(err, &mine, rc);
}

int ohc_sign_is_there(struct ohc_store *s, const char *digest, bool *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *list = NULL;
	size_t i = 0;
	int rc = ohc_attach_list(s, digest, &list, err);

	*ret = false;
	for (; rc == 0 && !*ret && i < json_array_size(list); i++)
		rc = is_signature(s, json_array_get(list, i), ret, err);
	return rc < 0 || *ret ? rc : has_tag(s, digest, ret, err);
}
