// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/forecast.h"

#include <string.h>

#include "core/alloc.h"
#include "core/set.h"
#include "oci/documents/digest.h"

#define SENT       2 /* requests of a blob that is sent */
#define SENT_FILES 3 /* of one whose size is not known before */

struct forecasting {
	const struct ohc_bake_options *o;
	struct ohc_transports *transports;
	struct ohc_peek *peek;
	struct ohc_bake_forecast *f;
	struct ohc_set *seen; /* what was counted already */
};

static struct ohc_bake_need *need_of(struct forecasting *c, const char *host)
{
	struct ohc_bake_forecast *f = c->f;

	for (size_t i = 0; i < f->n_hosts; i++)
		if (strcmp(f->hosts[i].host, host) == 0)
			return &f->hosts[i];
	f->hosts = ohc_xrealloc(f->hosts, f->n_hosts + 1, sizeof(*f->hosts));
	f->hosts[f->n_hosts] = (struct ohc_bake_need){ .host = ohc_xstrdup(host) };
	return &f->hosts[f->n_hosts++];
}

/* Once each: "what" at a place. */
static bool is_new(struct forecasting *c, const char *what, const char *where, const char *which)
{
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("%s %s %s", what, where, which);
	char digest[OHC_DIGEST_MAX];

	ohc_digest_of(key, strlen(key), digest); /* all options of an image are a long key */
	return ohc_set_add(c->seen, ohc_digest_hex(digest));
}

/* --- layers --- */

static void count_read(struct forecasting *c, const struct ohc_name *from,
		       const struct ohc_descriptor *d)
{
	struct ohc_bake_need *need;

	if (from->transport != OHC_REGISTRY)
		return;
	need = need_of(c, from->host);
	need->requests++;
	need->download += d->size > 0 ? (uint64_t)d->size : 0;
}

/* A layer of an image in `from` comes to the place of another one. */
static void count_layer(struct forecasting *c, const struct ohc_name *from,
			const struct ohc_name *to, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_freep) char *there = ohc_name_place(from), *place = ohc_name_place(to);
	const bool sent = to->transport == OHC_REGISTRY;
	const bool near =
		sent && from->transport == OHC_REGISTRY && strcmp(from->host, to->host) == 0;

	if (strcmp(there, place) == 0 || !is_new(c, "layer", place, d->digest))
		return;
	if (near || (sent && !is_new(c, "copy", to->host, d->digest))) {
		need_of(c, to->host)->requests++;
		return;
	}
	if (sent) {
		need_of(c, to->host)->requests += SENT;
		need_of(c, to->host)->upload += d->size > 0 ? (uint64_t)d->size : 0;
	}
	count_read(c, from, d);
}

/* Layers of bases are looked at, where that was not done before. */
static void count_peek(struct forecasting *c, const struct ohc_forecast_source *base)
{
	const struct ohc_manifest *m = &base->loaded.manifest;

	for (size_t i = 0; i < m->n_layers; i++)
		if (!ohc_peek_knows(c->peek, &m->layers[i]) &&
		    is_new(c, "peek", "", m->layers[i].digest))
			count_read(c, &base->spec.image, &m->layers[i]);
}

/* Counts what it took to look at the source. */
static void count_look(struct forecasting *c, const struct ohc_forecast_source *s)
{
	struct ohc_bake_need *need;

	if (!s->spec.is_image || s->spec.image.transport != OHC_REGISTRY)
		return;
	need = need_of(c, s->spec.image.host);
	need->requests += s->requests;
	need->pulls += s->pulls;
}

static void count_layers(struct forecasting *c, const struct ohc_forecast_source *from,
			 const struct ohc_name *to)
{
	const struct ohc_manifest *m = &from->loaded.manifest;

	for (size_t i = 0; i < m->n_layers; i++)
		count_layer(c, &from->spec.image, to, &m->layers[i]);
}

/* --- one image --- */

/* A directory or tar is sent once to each registry, and mounted elsewhere. */
static void count_files(struct forecasting *c, const char *payload, const struct ohc_name *to)
{
	ohc_cleanup(ohc_freep) char *place = ohc_name_place(to);

	if (to->transport != OHC_REGISTRY || !is_new(c, "files", place, payload))
		return;
	c->f->has_files = true;
	if (is_new(c, "files sent", to->host, payload))
		need_of(c, to->host)->requests += SENT_FILES;
	else
		need_of(c, to->host)->requests++;
}

static void count_payload(struct forecasting *c, const struct ohc_forecast_source *payload,
			  const struct ohc_name *to)
{
	if (payload->spec.is_image)
		count_layers(c, payload, to);
	else
		count_files(c, payload->spec.source, to);
}

/* Puts a manifest, and asks for the destination before where it may be there.  The layer that fits
 * the payload to the base is sent once to a registry, and a config for every difference. */
static void count_small(struct forecasting *c, const struct ohc_bake_settings *s,
			const struct ohc_forecast_source *base, const struct ohc_name *to)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_name_place(to);
	struct ohc_bake_settings rest = *s; /* nothing is owned by it */
	ohc_cleanup(ohc_freep) char *config = NULL;
	const char *digest = base->loaded.manifest.self.digest, *what = *digest ? digest : s->base;

	need_of(c, to->host)->requests += 1 + s->push.skip_existing + s->push.tags.n;
	if (s->push.payloads.n && is_new(c, "adapter", repo, what))
		need_of(c, to->host)->requests +=
			is_new(c, "adapter sent", to->host, what) ? SENT : 1;
	rest.base = rest.dest = NULL;
	rest.push.tags = (struct ohc_strv)OHC_STRV_INIT;
	config = ohc_bake_settings_text(&rest);
	if (is_new(c, what, repo, config))
		need_of(c, to->host)->requests += is_new(c, what, to->host, config) ? SENT : 1;
}

/* A name that is only known when its base was read ends where the template begins. */
static bool parse_dest(const char *dest, struct ohc_name *ret)
{
	ohc_cleanup(ohc_freep) char *known = ohc_xstrndup(dest, strcspn(dest, "{"));
	size_t n = strlen(known);

	while (n && strchr(":@/-._", known[n - 1]))
		known[--n] = '\0';
	return ohc_name_parse(known, ret, NULL) == 0;
}

/* The platform that the image is for; of all, this machine's stands for the others. */
static void find_platform(const struct ohc_push_options *o, struct ohc_platform *ret)
{
	ohc_platform_host(ret);
	if (o->platform)
		ohc_platform_parse(o->platform, ret, NULL);
}

static void count_repo(struct forecasting *c, const struct ohc_name *to)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_name_place(to);

	if (to->transport == OHC_REGISTRY)
		c->f->repos += is_new(c, "repo", repo, "");
}

static bool is_readable_source(const struct ohc_forecast_source *s)
{
	return s->known && !s->fault;
}

/* One whose base or payload cannot be read is not made. */
static bool is_readable(const struct forecasting *c, const struct ohc_bake_settings *s,
			const struct ohc_platform *want)
{
	const struct ohc_strv *payloads = &s->push.payloads;
	const struct ohc_forecast_sources *sources = c->f->sources;
	bool readable = is_readable_source(ohc_forecast_find_base(sources, s->base, want));

	for (size_t i = 0; readable && i < payloads->n; i++)
		readable = is_readable_source(
			ohc_forecast_find_payload(sources, payloads->v[i], want));
	return readable;
}

/* Whoever cannot be asked fails when the images are made. */
static bool lists_referrers(struct forecasting *c, const struct ohc_name *to)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *dest = NULL;
	bool lists = true;

	if (ohc_transports_open(c->transports, to, OHC_USE_WRITE, &dest, NULL) == 0)
		ohc_store_lists_referrers(dest, &lists, NULL);
	return lists;
}

/* Something hangs on the image: a list of what is in it, a signature.  A registry is asked once. */
static void count_hanging(struct forecasting *c, const struct ohc_bake_settings *s,
			  const struct ohc_name *to)
{
	struct ohc_bake_need *need;

	if (!c->o->dry_run || to->transport != OHC_REGISTRY ||
	    !(s->push.sbom || c->o->sign.command))
		return;
	need = need_of(c, to->host);
	if (!need->asked)
		need->unlisted = !lists_referrers(c, to);
	need->asked = true;
	need->tags += need->unlisted;
}

static void count_image(struct forecasting *c, const struct ohc_bake_settings *s)
{
	const struct ohc_strv *payloads = &s->push.payloads;
	ohc_cleanup(ohc_name_clear) struct ohc_name to = { .given = NULL };
	const struct ohc_forecast_source *base;
	struct ohc_platform want;

	c->f->images++;
	find_platform(&s->push, &want);
	if (!parse_dest(s->dest, &to))
		return;
	count_repo(c, &to);
	if (!is_readable(c, s, &want))
		return;
	base = ohc_forecast_find_base(c->f->sources, s->base, &want);
	count_peek(c, base);
	count_layers(c, base, &to);
	for (size_t i = 0; i < payloads->n; i++)
		count_payload(c, ohc_forecast_find_payload(c->f->sources, payloads->v[i], &want),
			      &to);
	if (to.transport == OHC_REGISTRY)
		count_small(c, s, base, &to);
	count_hanging(c, s, &to);
}

static void add_sources(struct forecasting *c, struct ohc_bake_image *const *images, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct ohc_bake_settings *s = &images[i]->settings;
		struct ohc_platform want;

		find_platform(&s->push, &want);
		ohc_forecast_add_base(c->f->sources, s->base, &want);
		for (size_t k = 0; k < s->push.payloads.n; k++)
			ohc_forecast_add_payload(c->f->sources, s->push.payloads.v[k], &want);
	}
}

static void count_source(struct forecasting *c, const struct ohc_forecast_source *s)
{
	struct ohc_bake_forecast *f = c->f;

	f->bases += s->is_base;
	f->payloads += !s->is_base;
	f->unknown += !s->known;
	if (!s->known)
		return;
	count_look(c, s);
	if (!s->fault)
		return;
	f->faulty_bases += s->is_base;
	f->faulty_payloads += !s->is_base;
	ohc_strv_add(&f->faults, s->fault);
}

static void count_images(struct forecasting *c, struct ohc_bake_image *const *images, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ohc_journal_has(c->o->journal, images[i]->settings.dest)) {
			c->f->noted++;
			continue;
		}
		count_image(c, &images[i]->settings);
	}
}

int ohc_bake_forecast(struct ohc_push_session *session, const struct ohc_bake_options *o,
		      struct ohc_bake_image *const *images, size_t n, unsigned int seconds,
		      struct ohc_bake_forecast *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	struct forecasting c = {
		.o = o,
		.transports = ohc_push_session_transports(session),
		.peek = ohc_push_session_peek(session),
		.f = ret,
		.seen = seen,
	};
	int rc;

	ret->sources = ohc_forecast_sources_new();
	add_sources(&c, images, n);
	rc = ohc_forecast_look(ret->sources, c.transports, o->cache, seconds, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ret->sources->n; i++)
		count_source(&c, &ret->sources->v[i]);
	count_images(&c, images, n);
	return 0;
}

void ohc_bake_forecast_clear(struct ohc_bake_forecast *f)
{
	for (size_t i = 0; i < f->n_hosts; i++)
		free(f->hosts[i].host);
	free(f->hosts);
	ohc_strv_clear(&f->faults);
	ohc_forecast_sources_free(f->sources);
	*f = (struct ohc_bake_forecast){ .images = 0 };
}
