// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <string.h>

#include "compose/rebuild/compare.h"
#include "core/alloc.h"
#include "core/buf.h"

/* Of a value that is shown. */
#define SHOWN 200

void ohc_compare_tell(struct ohc_compare *c, const char *where, const char *fmt, ...)
{
	ohc_cleanup(ohc_freep) char *at = ohc_xasprintf("%s%s", c->prefix, where);
	ohc_cleanup(ohc_freep) char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		abort(); /* no memory, as everywhere (core/alloc.h) */
	va_end(ap);
	c->n++;
	c->found(c->ctx, at, message);
}

static char *shown(const json_t *v)
{
	ohc_cleanup(ohc_freep) char *text = v ? ohc_json_text(v) : NULL;

	if (!text)
		return ohc_xstrdup("not there");
	if (strlen(text) <= SHOWN)
		return ohc_take(text);
	return ohc_xasprintf("%.*s…", SHOWN, text);
}

static void tell_values(struct ohc_compare *c, const char *where, const json_t *is,
			const json_t *should)
{
	ohc_cleanup(ohc_freep) char *a = shown(is), *b = shown(should);

	ohc_compare_tell(c, where, "is %s, and should be %s", a, b);
}

static void compare_member(struct ohc_compare *c, const char *where, const char *key,
			   const json_t *is, const json_t *should)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s.%s", where, key);

	ohc_compare_json(c, path, is, should);
}

static void compare_objects(struct ohc_compare *c, const char *where, json_t *is, json_t *should)
{
	const char *key;
	json_t *v;

	json_object_foreach (is, key, v)
		compare_member(c, where, key, v, json_object_get(should, key));
	json_object_foreach (should, key, v)
		if (!json_object_get(is, key))
			compare_member(c, where, key, NULL, v);
}

static void compare_arrays(struct ohc_compare *c, const char *where, const json_t *is,
			   const json_t *should)
{
	size_t a = json_array_size(is), b = json_array_size(should);

	for (size_t i = 0; i < a || i < b; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s[%zu]", where, i);

		ohc_compare_json(c, path, json_array_get(is, i), json_array_get(should, i));
	}
}

void ohc_compare_json(struct ohc_compare *c, const char *where, const json_t *is,
		      const json_t *should)
{
	if (json_equal(is, should) || (!is && !should))
		return;
	if (json_is_object(is) && json_is_object(should))
		compare_objects(c, where, (json_t *)is, (json_t *)should);
	else if (json_is_array(is) && json_is_array(should))
		compare_arrays(c, where, is, should);
	else
		tell_values(c, where, is, should);
}
