// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/outcome.h"

#include <ctype.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/map.h"
#include "core/set.h"

#define EXAMPLES 3

static const char *const states[] = {
	[OHC_BAKE_WAITING] = "waiting", [OHC_BAKE_DONE] = "done", [OHC_BAKE_THERE] = "there",
	[OHC_BAKE_FAILED] = "failed",   [OHC_BAKE_LEFT] = "left",
};

void ohc_bake_outcome_done(struct ohc_bake_outcome *o, struct ohc_image_result *r)
{
	o->state = r->there ? OHC_BAKE_THERE : OHC_BAKE_DONE;
	o->push = *r;
	*r = (struct ohc_image_result)OHC_IMAGE_RESULT_INIT;
}

void ohc_bake_outcome_failed(struct ohc_bake_outcome *o, int rc, const struct ohc_error *err)
{
	o->state = OHC_BAKE_FAILED;
	o->rc = rc;
	o->error = ohc_xstrdup(err->msg);
}

void ohc_bake_outcome_left(struct ohc_bake_outcome *o, const char *why, bool foreign)
{
	o->state = OHC_BAKE_LEFT;
	o->error = ohc_xstrdup(why);
	o->foreign = foreign;
}

void ohc_bake_outcome_clear(struct ohc_bake_outcome *o)
{
	ohc_image_result_clear(&o->push);
	free(o->error);
	o->error = NULL;
}

json_t *ohc_bake_outcome_json(const struct ohc_bake_outcome *o)
{
	bool made = o->state == OHC_BAKE_DONE || o->state == OHC_BAKE_THERE;
	json_t *j = made ? ohc_image_result_json(&o->push) : json_object();

	json_object_set_new(j, "name", ohc_json_text_value(o->name));
	json_object_set_new(j, "base", ohc_json_text_value(o->base));
	json_object_set_new(j, "tags", ohc_json_texts(o->tags));
	json_object_set_new(j, "state", json_string(states[o->state]));
	json_object_set_new(j, "seconds", json_real(o->seconds));
	if (o->state == OHC_BAKE_LEFT)
		json_object_set_new(j, "why", ohc_json_text_value(o->error));
	if (o->state == OHC_BAKE_FAILED) {
		json_object_set_new(j, "error", ohc_json_text_value(o->error));
		json_object_set_new(j, "exit", json_integer(ohc_error_exit_status(o->rc)));
	}
	return j;
}

static void sum_layers(const struct ohc_image_result *r, struct ohc_set *seen,
		       struct ohc_bake_totals *t)
{
	for (size_t i = 0; i < r->n_layers; i++) {
		const struct ohc_moved_layer *l = &r->layers[i];
		uint64_t size = (uint64_t)l->d.size;

		if (strcmp(l->role, "base") == 0)
			t->base += size;
		else if (strcmp(l->role, "payload") == 0)
			t->payload += size;
		else
			t->adapter += size;
		if (strcmp(l->action, "mounted") == 0)
			t->mounted += size;
		if (ohc_set_add(seen, l->d.digest))
			t->stored += size;
	}
}

void ohc_bake_sum(const struct ohc_bake_outcome *v, size_t n, struct ohc_bake_totals *ret)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	struct ohc_bake_totals t = { .images = n };

	for (size_t i = 0; i < n; i++) {
		const struct ohc_bake_outcome *o = &v[i];
		double end = o->start + o->seconds;

		t.done += o->state == OHC_BAKE_DONE;
		t.there += o->state == OHC_BAKE_THERE;
		t.failed += o->state == OHC_BAKE_FAILED;
		t.waiting += o->state == OHC_BAKE_WAITING;
		t.left += o->state == OHC_BAKE_LEFT;
		t.foreign += o->state == OHC_BAKE_LEFT && o->foreign;
		t.uploaded += o->push.bytes_uploaded;
		t.downloaded += o->push.bytes_downloaded;
		t.requests += o->push.requests;
		t.seconds = end > t.seconds ? end : t.seconds;
		sum_layers(&o->push, seen, &t);
	}
	*ret = t;
}

/* The length of the digest, whole or cut short, that a text begins with. */
static size_t digest_at(const char *text)
{
	size_t n;

	if (strncmp(text, "sha256:", 7) != 0 && strncmp(text, "sha512:", 7) != 0)
		return 0;
	n = strspn(text + 7, "0123456789abcdef");
	return n >= 8 ? 7 + n : 0;
}

char *ohc_bake_reason(const char *message)
{
	struct ohc_buf b = OHC_BUF_INIT;

	for (const char *p = message; *p;) {
		const char *close = *p == '\'' ? strchr(p + 1, '\'') : NULL;
		const size_t digest = digest_at(p);

		if (close) {
			ohc_buf_adds(&b, "'…'");
			p = close + 1;
		} else if (digest) {
			ohc_buf_adds(&b, "sha:0");
			p += digest;
		} else if (isdigit((unsigned char)*p)) {
			ohc_buf_addc(&b, '0');
			p += strspn(p, "0123456789.");
		} else {
			ohc_buf_addc(&b, *p++);
		}
	}
	ohc_buf_adds(&b, "");
	return ohc_buf_detach(&b);
}

struct reason {
	char *text;
	const struct ohc_bake_outcome *examples[EXAMPLES];
	size_t n;
};

/* places: of reasons in the list, by their text. */
static void count_reason(struct reason *list, size_t *n, struct ohc_map *places,
			 const struct ohc_bake_outcome *o)
{
	char *text = ohc_bake_reason(o->error);
	size_t i = *n;

	if (ohc_map_add(places, text, *n, &i))
		list[(*n)++].text = text;
	else
		free(text);
	if (list[i].n < EXAMPLES)
		list[i].examples[list[i].n] = o;
	list[i].n++;
}

static int more_first(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return x->n == y->n ? strcmp(x->text, y->text) : x->n < y->n ? 1 : -1;
}

/* Names an image by its base where the reason does so, else by where it goes: as well where it has
 * the first one's base, or none that is known. */
static const char *subject_of(const struct ohc_bake_outcome *o,
			      const struct ohc_bake_outcome *first)
{
	const bool by_base =
		*o->base && strcmp(o->base, first->base) != 0 && strstr(first->error, first->base);

	return by_base || !o->name ? o->base : o->name;
}

/* Tells a single failure as it was; of several the first, and the other images. */
static void tell_reason(const struct reason *r, struct ohc_strv *ret)
{
	struct ohc_buf b = OHC_BUF_INIT;
	size_t shown = r->n < EXAMPLES ? r->n : EXAMPLES;

	ohc_buf_addf(&b, "%zu × %s", r->n, r->examples[0]->error);
	for (size_t i = 1; i < shown; i++)
		ohc_buf_addf(&b, "%s '%s'", i == 1 ? " (also" : ",",
			     subject_of(r->examples[i], r->examples[0]));
	if (r->n > shown)
		ohc_buf_addf(&b, " and %zu more", r->n - shown);
	ohc_buf_adds(&b, r->n > 1 ? ")" : "");
	ohc_strv_take(ret, ohc_buf_detach(&b));
}

void ohc_bake_reasons(const struct ohc_bake_outcome *v, size_t n, struct ohc_strv *ret)
{
	struct reason *list = ohc_xcalloc(n + 1, sizeof(*list));
	struct ohc_map *places = ohc_map_new();
	size_t n_list = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].state == OHC_BAKE_FAILED)
			count_reason(list, &n_list, places, &v[i]);
	ohc_map_free(places);
	qsort(list, n_list, sizeof(*list), more_first);
	for (size_t i = 0; i < n_list; i++) {
		tell_reason(&list[i], ret);
		free(list[i].text);
	}
	free(list);
}
