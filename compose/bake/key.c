// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/key.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "compose/bake/template.h"
#include "compose/payload/source.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/interrupt.h"
#include "core/stamp.h"
#include "oci/documents/digest.h"

#define SETTLE_SECONDS 4

struct known {
	struct known *next;
	char *payload; /* as it is written in the list */
	char *stands;  /* its digest; "": it has none */
};

struct ohc_bake_keys {
	struct ohc_transports *transports;
	struct ohc_making_rules rules;
	pthread_mutex_t lock;
	struct known *payloads;
};

struct ohc_bake_keys *ohc_bake_keys_new(struct ohc_transports *transports,
					const struct ohc_making_rules *rules)
{
	struct ohc_bake_keys *k = ohc_xcalloc(1, sizeof(*k));

	k->transports = transports;
	k->rules = *rules;
	pthread_mutex_init(&k->lock, NULL);
	return k;
}

void ohc_bake_keys_free(struct ohc_bake_keys *k)
{
	if (!k)
		return;
	while (k->payloads) {
		struct known *p = k->payloads;

		k->payloads = p->next;
		free(p->payload);
		free(p->stands);
		free(p);
	}
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* Finds the digest that a name names now; false: that is not known, or there is none. */
static bool resolve(struct ohc_bake_keys *k, const char *text, char ret[OHC_DIGEST_MAX],
		    uint64_t *requests)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };

	return ohc_name_parse(text, &name, NULL) == 0 &&
	       ohc_transports_digest(k->transports, &name, OHC_USE_SOURCE, ret, requests, NULL) ==
		       0;
}

/* A payload that cannot be opened is reported when the image is made. */
static char *identity_of(struct ohc_bake_keys *k, struct ohc_payload_source *s)
{
	const char *identity = NULL;
	char *ret;

	if (ohc_payload_source_look(s, &k->rules, NULL) == 0 &&
	    ohc_payload_ready(s->local, NULL) == 0)
		identity = ohc_payload_identity(s->local);
	ret = ohc_xstrdup(identity ? identity : "");
	ohc_payload_free(ohc_take(s->local));
	return ret;
}

/* Is it a tar of which a change could not be seen yet? */
static bool is_new_file(const char *source)
{
	struct ohc_stamp stamp;
	struct stat st;

	if (stat(source, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	stamp = ohc_stamp_of(&st);
	return !ohc_stamp_is_settled(&stamp, time(NULL));
}

static bool is_dir(const char *source)
{
	struct stat st;

	return stat(source, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Its identity stays while the payload does.  One that was written to moments ago has none
 * (core/stamp.h), and a bake that is killed could not go on: it is worth a few seconds. */
static char *look_at_files(struct ohc_bake_keys *k, struct ohc_payload_source *s)
{
	char *identity = NULL;

	if (!s->spec.target)
		s->spec.target = ohc_xstrdup("/"); /* its target does not matter here */
	for (int i = 0; i <= SETTLE_SECONDS; i++) {
		if (i > 0 && ohc_interrupt_wait(1000, NULL) < 0)
			break;
		if (i < SETTLE_SECONDS && is_new_file(s->spec.source))
			continue;
		free(identity);
		identity = identity_of(k, s);
		if (*identity || !is_dir(s->spec.source))
			break;
	}
	return identity ? identity : ohc_xstrdup("");
}

static char *look_at(struct ohc_bake_keys *k, const char *payload, uint64_t *requests)
{
	struct ohc_payload_source s = { .local = NULL };
	char digest[OHC_DIGEST_MAX] = "";
	char *stands;

	if (strcmp(payload, "-") == 0 || ohc_payload_spec_parse(payload, &s.spec, NULL) < 0)
		return ohc_xstrdup("");
	if (s.spec.is_image)
		stands = ohc_xstrdup(resolve(k, s.spec.source, digest, requests) ? digest : "");
	else
		stands = look_at_files(k, &s);
	ohc_payload_source_clear(&s);
	return stands;
}

/* Looks at a payload once a run; other threads wait meanwhile. */
static const char *payload(struct ohc_bake_keys *k, const char *text, uint64_t *requests)
{
	struct known *p;

	pthread_mutex_lock(&k->lock);
	for (p = k->payloads; p; p = p->next)
		if (strcmp(p->payload, text) == 0)
			break;
	if (!p) {
		p = ohc_xcalloc(1, sizeof(*p));
		p->payload = ohc_xstrdup(text);
		p->stands = look_at(k, text, requests);
		p->next = k->payloads;
		k->payloads = p;
	}
	pthread_mutex_unlock(&k->lock);
	return p->stands;
}

char *ohc_bake_key(struct ohc_bake_keys *k, const struct ohc_bake_image *image, uint64_t *requests)
{
	const struct ohc_bake_settings *s = &image->settings;
	const struct ohc_bake_again *again = image->again;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *settings = ohc_bake_settings_text(s);
	char digest[OHC_DIGEST_MAX] = "kept";

	if (!(again && again->keep_base) && !resolve(k, s->base, digest, requests))
		return NULL;
	ohc_buf_addf(&b, "1 %s %s", OHC_VERSION, digest);
	for (size_t i = 0; i < s->push.payloads.n; i++) {
		const char *stands = payload(k, s->push.payloads.v[i], requests);

		if (!*stands)
			return NULL;
		ohc_buf_addf(&b, " %s", stands);
	}
	ohc_buf_addf(&b, "\n%s%s", again ? again->key : "", settings);
	ohc_digest_of(b.data, b.len, digest);
	return ohc_xstrdup(digest);
}

/* "arm64": what was asked for, or what the payload says it is for. */
static int find_arch(const struct ohc_bake_settings *s, struct ohc_platform *ret,
		     struct ohc_error *err)
{
	struct ohc_payload_spec spec = { .source = NULL };
	bool named = false;

	if (s->push.platform && strcmp(s->push.platform, "all") != 0)
		return ohc_platform_parse(s->push.platform, ret, err);
	if (s->push.payloads.n && ohc_payload_spec_parse(s->push.payloads.v[0], &spec, NULL) == 0) {
		named = spec.has_platform;
		*ret = spec.platform;
	}
	ohc_payload_spec_clear(&spec);
	return named ? 0
		     : ohc_error_set(err, OHC_E_USAGE,
				     "'%s' asks for {arch}: say which with --platform", s->dest);
}

static int find_payload(struct ohc_bake_keys *k, const struct ohc_bake_settings *s,
			const char **ret, struct ohc_error *err)
{
	const char *text = s->push.payloads.n ? s->push.payloads.v[0] : "";
	ohc_cleanup(ohc_payload_spec_clear) struct ohc_payload_spec spec = { .source = NULL };
	const char *digest = "";
	uint64_t requests = 0;

	if (ohc_payload_spec_parse(text, &spec, NULL) == 0 && spec.is_image)
		digest = payload(k, text, &requests);
	if (ohc_digest_valid(digest)) {
		*ret = digest;
		return 0;
	}
	return ohc_error_set(
		err, OHC_E_USAGE,
		"'%s' asks for {payload.digest}: only a payload that is an image has one "
		"before it is made; pack it first",
		s->dest);
}

int ohc_bake_late_name(struct ohc_bake_keys *k, struct ohc_bake_settings *s, struct ohc_error *err)
{
	struct ohc_template_values values = { .v = { NULL } };
	struct ohc_platform platform = { .arch = "" };
	char digest[OHC_DIGEST_MAX];
	uint64_t requests = 0;
	char *dest;
	int rc = 0;

	if (strstr(s->dest, "{base.digest}")) {
		if (!resolve(k, s->base, digest, &requests))
			return ohc_error_set(err, OHC_E_NOT_FOUND, "there is no base '%s'",
					     s->base);
		values.v[OHC_TEMPLATE_BASE_DIGEST] = digest;
	}
	if (strstr(s->dest, "{payload.digest}"))
		rc = find_payload(k, s, &values.v[OHC_TEMPLATE_PAYLOAD_DIGEST], err);
	if (rc == 0 && strstr(s->dest, "{arch}"))
		rc = find_arch(s, &platform, err);
	if (rc < 0)
		return rc;
	values.v[OHC_TEMPLATE_ARCH] = platform.arch;
	dest = ohc_template_expand(s->dest, &values);
	free(s->dest);
	s->dest = dest;
	return 0;
}
