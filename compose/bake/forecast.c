// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/forecast.h"

#include <string.h>

#include "compose/bake/forecast_look.h"
#include "compose/payload/spec.h"
#include "core/alloc.h"
#include "core/set.h"

#define JOBS       8
#define SENT       2 /* requests of a blob that is sent */
#define SENT_FILES 3 /* of one whose size is not known before */

/* Tells what one more costs: the second half of those that were looked at shares what the first
 * half brought, and stands for the others. */
struct marginal {
	size_t of, n; /* so many are looked at; so many were counted */
	uint64_t sum; /* requests of the second half */
};

static void add_cost(struct marginal *m, uint64_t requests)
{
	if (m->n++ >= m->of / 2)
		m->sum += requests;
}

static uint64_t cost_of_more(const struct marginal *m, size_t more)
{
	size_t half = m->of - m->of / 2;

	return half ? (m->sum * more + half - 1) / half : 0;
}

struct forecasting {
	const struct ohc_bake_options *o;
	struct ohc_peek *peek;
	struct ohc_bake_forecast *f;
	struct ohc_forecast_image *bases, *payloads;
	size_t n_bases, n_payloads;
	struct ohc_set *seen; /* what was counted already */
	struct marginal images, reading;
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

	return ohc_set_add(c->seen, key);
}

/* The images of the list by name, each once. */
static void add_image(struct ohc_forecast_image **v, size_t *n, struct ohc_set *seen,
		      const char *name, const struct ohc_platform *want)
{
	if (!ohc_set_add(seen, name))
		return;
	if ((*n & (*n - 1)) == 0)
		*v = ohc_xrealloc(*v, *n ? 2 * *n : 1, sizeof(**v));
	(*v)[(*n)++] = (struct ohc_forecast_image){ .given = name, .want = *want };
}

static const struct ohc_forecast_image *find(const struct ohc_forecast_image *v, size_t n,
					     const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].given, name) == 0)
			return &v[i];
	return NULL;
}

/* --- layers --- */

/* A layer of an image in `from` comes into the repository to. */
static void count_layer(struct forecasting *c, const struct ohc_name *from,
			const struct ohc_name *to, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_xasprintf("%s/%s", to->host, to->repo);
	bool near = from->transport == OHC_REGISTRY && strcmp(from->host, to->host) == 0;
	uint64_t size = d->size > 0 ? (uint64_t)d->size : 0;

	if ((near && strcmp(from->repo, to->repo) == 0) || !is_new(c, "layer", repo, d->digest))
		return;
	if (near || !is_new(c, "copy", to->host, d->digest)) {
		need_of(c, to->host)->requests++;
		return;
	}
	need_of(c, to->host)->requests += SENT;
	need_of(c, to->host)->upload += size;
	if (from->transport != OHC_REGISTRY)
		return;
	need_of(c, from->host)->requests++;
	need_of(c, from->host)->download += size;
}

/* Layers of bases are looked at, where that was not done before. */
static void count_peek(struct forecasting *c, const struct ohc_forecast_image *base)
{
	const struct ohc_manifest *m = &base->loaded.manifest;

	for (size_t i = 0; i < m->n_layers; i++) {
		struct ohc_bake_need *need;

		if (ohc_peek_knows(c->peek, &m->layers[i]) ||
		    !is_new(c, "peek", "", m->layers[i].digest))
			continue;
		need = need_of(c, base->name.host);
		need->requests++;
		need->download += m->layers[i].size > 0 ? (uint64_t)m->layers[i].size : 0;
	}
}

static void count_base(struct forecasting *c, const struct ohc_forecast_image *base)
{
	struct ohc_bake_need *need;

	if (base->name.transport != OHC_REGISTRY)
		return;
	need = need_of(c, base->name.host);
	need->requests += base->looked ? base->requests : cost_of_more(&c->reading, 1);
	need->pulls += base->looked ? base->pulls : 1;
	if (!base->looked)
		return;
	add_cost(&c->reading, base->requests);
	count_peek(c, base);
}

static void count_layers(struct forecasting *c, const struct ohc_forecast_image *from,
			 const struct ohc_name *to)
{
	const struct ohc_manifest *m = &from->loaded.manifest;

	for (size_t i = 0; i < m->n_layers; i++)
		count_layer(c, &from->name, to, &m->layers[i]);
}

/* --- one image --- */

/* A directory or tar is sent once to each registry, and mounted elsewhere. */
static void count_files(struct forecasting *c, const char *payload, const struct ohc_name *to)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_xasprintf("%s/%s", to->host, to->repo);

	if (!is_new(c, "files", repo, payload))
		return;
	c->f->has_files = true;
	if (is_new(c, "files sent", to->host, payload))
		need_of(c, to->host)->requests += SENT_FILES;
	else
		need_of(c, to->host)->requests++;
}

static void count_payloads(struct forecasting *c, const struct ohc_strv *payloads,
			   const struct ohc_name *to)
{
	for (size_t i = 0; i < payloads->n; i++) {
		struct ohc_payload_spec spec = { .source = NULL };
		const struct ohc_forecast_image *image = NULL;

		if (ohc_payload_spec_parse(payloads->v[i], &spec, NULL) == 0 && spec.is_image)
			image = find(c->payloads, c->n_payloads, payloads->v[i]);
		if (image)
			count_layers(c, image, to);
		else
			count_files(c, payloads->v[i], to);
		ohc_payload_spec_clear(&spec);
	}
}

/* The layer that fits the payload to the base is sent once to a registry, and a config for every
 * difference. */
static void count_small(struct forecasting *c, const struct ohc_bake_settings *s,
			const struct ohc_forecast_image *base, const struct ohc_name *to)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_xasprintf("%s/%s", to->host, to->repo);
	struct ohc_bake_settings rest = *s; /* nothing is owned by it */
	ohc_cleanup(ohc_freep) char *config = NULL;
	const char *what = base ? base->loaded.manifest.self.digest : s->base;

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
	return ohc_name_parse(known, ret, NULL) == 0 && ret->transport == OHC_REGISTRY;
}

static uint64_t requests_of(const struct ohc_bake_forecast *f)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < f->n_hosts; i++)
		sum += f->hosts[i].requests;
	return sum;
}

/* Each asks for its destination and puts a manifest. */
static void count_image(struct forecasting *c, const struct ohc_bake_image *image)
{
	const struct ohc_bake_settings *s = &image->settings;
	const struct ohc_forecast_image *base = find(c->bases, c->n_bases, s->base);
	ohc_cleanup(ohc_name_clear) struct ohc_name to = { .given = NULL };
	ohc_cleanup(ohc_freep) char *repo = NULL;
	uint64_t before = requests_of(c->f);

	if (!parse_dest(s->dest, &to))
		return;
	repo = ohc_xasprintf("%s/%s", to.host, to.repo);
	c->f->repos += is_new(c, "repo", repo, "");
	if (base && !base->looked) {
		need_of(c, to.host)->requests += cost_of_more(&c->images, 1);
		return;
	}
	need_of(c, to.host)->requests += 2 + s->push.tags.n;
	if (base)
		count_layers(c, base, &to);
	count_payloads(c, &s->push.payloads, &to);
	count_small(c, s, base, &to);
	add_cost(&c->images, requests_of(c->f) - before);
}

static bool is_noted(const struct forecasting *c, const struct ohc_bake_image *image)
{
	return ohc_journal_has(c->o->journal, image->settings.dest);
}

static void add_images(struct forecasting *c, struct ohc_bake_image *const *images, size_t n)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *bases = ohc_set_new();
	ohc_cleanup(ohc_set_freep) struct ohc_set *payloads = ohc_set_new();

	for (size_t i = 0; i < n; i++) {
		const struct ohc_push_options *o = &images[i]->settings.push;
		struct ohc_platform want;

		ohc_platform_host(&want);
		if (o->platform)
			ohc_platform_parse(o->platform, &want, NULL);
		if (images[i]->settings.base)
			add_image(&c->bases, &c->n_bases, bases, images[i]->settings.base, &want);
		for (size_t k = 0; k < o->payloads.n; k++)
			if (ohc_payload_spec_is_image(o->payloads.v[k]))
				add_image(&c->payloads, &c->n_payloads, payloads, o->payloads.v[k],
					  &want);
	}
}

static void count_bases(struct forecasting *c)
{
	for (size_t i = 0; i < c->n_bases; i++) {
		c->f->looked += c->bases[i].looked;
		if (c->bases[i].fault)
			ohc_strv_add(&c->f->faults, c->bases[i].fault);
	}
	c->reading.of = c->f->looked;
	for (size_t i = 0; i < c->n_bases; i++)
		count_base(c, &c->bases[i]);
	for (size_t i = 0; i < c->n_payloads; i++)
		if (c->payloads[i].name.transport == OHC_REGISTRY) {
			struct ohc_bake_need *need = need_of(c, c->payloads[i].name.host);

			need->requests += c->payloads[i].requests;
			need->pulls += c->payloads[i].pulls;
		}
	c->f->bases = c->n_bases;
}

static size_t count_known(const struct forecasting *c, struct ohc_bake_image *const *images,
			  size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		const char *base = images[i]->settings.base;
		const struct ohc_forecast_image *b = find(c->bases, c->n_bases, base);

		known += (!b || b->looked) && !is_noted(c, images[i]);
	}
	return known;
}

/* First those whose bases are known, since they stand for the others. */
static void count_images(struct forecasting *c, struct ohc_bake_image *const *images, size_t n)
{
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < n; i++) {
			const char *base = images[i]->settings.base;
			const struct ohc_forecast_image *b = find(c->bases, c->n_bases, base);

			if ((!b || b->looked) != known)
				continue;
			if (is_noted(c, images[i])) {
				c->f->noted++;
				continue;
			}
			c->f->images++;
			count_image(c, images[i]);
		}
}

int ohc_bake_forecast(struct ohc_push_session *session, const struct ohc_bake_options *o,
		      struct ohc_bake_image *const *images, size_t n, size_t sample,
		      struct ohc_bake_forecast *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	struct ohc_transports *transports = ohc_push_session_transports(session);
	struct forecasting c = {
		.o = o, .peek = ohc_push_session_peek(session), .f = ret, .seen = seen
	};
	int rc;

	add_images(&c, images, n);
	rc = ohc_forecast_look(transports, o->cache, c.bases, c.n_bases, sample, JOBS, err);
	if (rc == 0)
		rc = ohc_forecast_look(transports, o->cache, c.payloads, c.n_payloads, sample, JOBS,
				       err);
	if (rc == 0) {
		count_bases(&c);
		c.images.of = count_known(&c, images, n);
		count_images(&c, images, n);
	}
	ohc_forecast_look_clear(c.bases, c.n_bases);
	ohc_forecast_look_clear(c.payloads, c.n_payloads);
	return rc;
}

void ohc_bake_forecast_clear(struct ohc_bake_forecast *f)
{
	for (size_t i = 0; i < f->n_hosts; i++)
		free(f->hosts[i].host);
	free(f->hosts);
	ohc_strv_clear(&f->faults);
	*f = (struct ohc_bake_forecast){ .images = 0 };
}
