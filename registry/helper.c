// SPDX-License-Identifier: Apache-2.0
#include "registry/helper.h"

#include <string.h>

#include "oci/documents/json.h"
#include "core/ascii.h"
#include "core/process.h"
#include "registry/helper_words.h"

#define NOT_FOUND "credentials not found"

static void wipe(struct ohc_buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->cap);
	ohc_buf_clear(b);
}

/* config.json must name a helper, not a path to one. */
static int check_name(const struct ohc_helper *h, struct ohc_error *err)
{
	static const char allowed[] = OHC_ASCII_ALNUM "._-+";

	if (*h->name && strspn(h->name, allowed) == strlen(h->name))
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s: the name of a credential helper holds only letters, digits and "
			     "'._-+'",
			     h->wanted);
}

/* Runs the helper.  *ret_status is its exit status; its output may be a secret. */
static int run(const struct ohc_helper *h, const char *verb, const char *input,
	       struct ohc_buf *output, struct ohc_buf *said, int *ret_status, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *program = ohc_xasprintf("docker-credential-%s", h->name);
	const char *argv[] = { program, verb, NULL };
	struct ohc_process p = {
		.argv = argv,
		.input = input,
		.seconds = h->seconds ? h->seconds : OHC_HELPER_SECONDS,
		.max = OHC_HELPER_MAX,
		.said = said,
	};
	int rc = check_name(h, err);

	if (rc == 0)
		rc = ohc_process_run(&p, output, ret_status, err);
	if (rc == -OHC_E_NOT_FOUND)
		return ohc_error_set(err, OHC_E_DENIED,
				     "the credential helper '%s' is not installed (%s)", program,
				     h->wanted);
	return rc < 0 ? ohc_error_wrap(err, rc, "credential helper (%s)", h->wanted) : 0;
}

/* Leaves out the helper's output: it may have printed a secret before it failed. */
static int failed(const struct ohc_helper *h, const char *verb, int status, const char *words,
		  struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_DENIED,
			     "the credential helper 'docker-credential-%s' failed at '%s' with "
			     "status %d (%s): %s",
			     h->name, verb, status, h->wanted,
			     *words ? words : "run it by hand to see why");
}

static int parse(const struct ohc_helper *h, const struct ohc_buf *output,
		 struct ohc_credentials *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const char *user = NULL, *secret = NULL;

	if (ohc_json_parse_secret(ohc_buf_str(output), output->len, "", &doc, NULL) < 0 ||
	    ohc_json_string(doc, "Username", "", &user, NULL) < 0 ||
	    ohc_json_string(doc, "Secret", "", &secret, NULL) < 0 || !user || !secret)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "the credential helper 'docker-credential-%s' prints "
				     "something else than credentials (%s)",
				     h->name, h->wanted);
	if (!*user || !*secret) /* no credentials, as in docker and podman */
		return 0;
	if (strcmp(user, "<token>") == 0) {
		ret->identity_token = ohc_xstrdup(secret);
	} else {
		ret->user = ohc_xstrdup(user);
		ret->password = ohc_xstrdup(secret);
	}
	ret->from = ohc_xasprintf("'docker-credential-%s' (%s)", h->name, h->wanted);
	return 0;
}

int ohc_helper_get(const struct ohc_helper *h, const char *server, struct ohc_credentials *ret,
		   struct ohc_error *err)
{
	ohc_cleanup(wipe) struct ohc_buf output = OHC_BUF_INIT, said = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *words = NULL;
	int status = 0, rc = run(h, "get", server, &output, &said, &status, err);

	if (rc < 0)
		return rc;
	if (status != 0 && strstr(ohc_buf_str(&output), NOT_FOUND))
		return 0;
	words = ohc_helper_words(ohc_buf_str(&said), NULL, ohc_buf_str(&output));
	if (status != 0)
		return failed(h, "get", status, words, err);
	return parse(h, &output, ret, err);
}

int ohc_helper_store(const struct ohc_helper *h, const char *server, const char *user,
		     const char *secret, struct ohc_error *err)
{
	ohc_cleanup(wipe) struct ohc_buf output = OHC_BUF_INIT, said = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *words = NULL;
	ohc_cleanup(ohc_json_decref) json_t *doc = json_pack("{s:s, s:s, s:s}", "ServerURL", server,
							     "Username", user, "Secret", secret);
	char *text;
	int status = 0, rc;

	if (!doc)
		return ohc_error_set(err, OHC_E_USAGE, "user and password must be UTF-8");
	text = ohc_json_text(doc);
	rc = run(h, "store", text, &output, &said, &status, err);
	words = ohc_helper_words(ohc_buf_str(&said), text, ohc_buf_str(&output));
	explicit_bzero(text, strlen(text));
	free(text);
	if (rc == 0 && status != 0)
		return failed(h, "store", status, words, err);
	return rc;
}

int ohc_helper_erase(const struct ohc_helper *h, const char *server, struct ohc_error *err)
{
	ohc_cleanup(wipe) struct ohc_buf output = OHC_BUF_INIT, said = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *words = NULL;
	int status = 0, rc = run(h, "erase", server, &output, &said, &status, err);

	words = ohc_helper_words(ohc_buf_str(&said), NULL, ohc_buf_str(&output));
	if (rc == 0 && status != 0 && !strstr(ohc_buf_str(&output), NOT_FOUND))
		return failed(h, "erase", status, words, err);
	return rc;
}
