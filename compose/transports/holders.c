// SPDX-License-Identifier: Apache-2.0
#include "compose/transports/holders.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

/* Asks one of them; what it found is in ctx. */
typedef int (*try_fn)(void *ctx, struct ohc_store *s, const struct ohc_held_image *image,
		      struct ohc_error *err);

struct seeking {
	struct ohc_transports *transports;
	const struct ohc_held_image *image;
	try_fn fn;
	void *ctx;
	struct ohc_store *store; /* where it was found */
	struct ohc_buf looked;   /* "'A', 'B'" */
	int rc;                  /* the first that is not "not found" */
	struct ohc_error why;
};

static bool is_there(struct seeking *f, const struct ohc_name *name)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc = ohc_transports_open(f->transports, name, OHC_USE_SOURCE, &s, &err);

	ohc_buf_addf(&f->looked, "%s'%s'", f->looked.len ? ", " : "", name->given);
	if (rc == 0)
		rc = f->fn(f->ctx, s, f->image, &err);
	if (rc == 0)
		f->store = ohc_take(s);
	else if (rc != -OHC_E_NOT_FOUND && f->rc == 0)
		f->rc = ohc_error_copy(&f->why, &err, rc);
	return rc == 0 || rc == -OHC_E_INTERRUPTED;
}

static int gone(struct seeking *f, struct ohc_error *err)
{
	const struct ohc_held_image *image = f->image;

	if (f->rc < 0) {
		ohc_error_copy(err, &f->why, f->rc);
		return ohc_error_wrap(err, f->rc, "%s", image->what);
	}
	if (f->looked.len == 0)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "%s lay in a layout or an archive, and the image does not say "
				     "where: name it with --look-in (%s)",
				     image->what, image->digest);
	return ohc_error_set(err, OHC_E_NOT_FOUND,
			     "%s is gone: %s is not in %s; --look-in names others", image->what,
			     image->digest, ohc_buf_str(&f->looked));
}

static int seek(struct seeking *f, const struct ohc_holders *holders, struct ohc_error *err)
{
	const struct ohc_name *name = f->image->name;
	bool done = name && name->transport == OHC_REGISTRY && is_there(f, name);
	int rc;

	for (size_t i = 0; !done && i < holders->n; i++)
		done = is_there(f, &holders->v[i]);
	rc = f->store ? 0 : gone(f, err);
	ohc_buf_clear(&f->looked);
	return rc;
}

struct loading {
	struct ohc_transports *transports;
	const struct ohc_platform *want;
	struct ohc_loaded *image;
};

static int try_image(void *ctx, struct ohc_store *s, const struct ohc_held_image *image,
		     struct ohc_error *err)
{
	const struct loading *l = ctx;
	struct ohc_loaded loaded = { .config = NULL };
	int rc = ohc_transports_load(l->transports, s, image->digest, image->what, l->want, false,
				     &loaded, err);

	if (rc < 0)
		ohc_load_clear(&loaded);
	else
		*l->image = loaded;
	return rc;
}

int ohc_holders_load(struct ohc_transports *transports, const struct ohc_holders *holders,
		     const struct ohc_held_image *image, const struct ohc_platform *want,
		     struct ohc_store **ret_store, struct ohc_loaded *ret, struct ohc_error *err)
{
	struct loading l = { transports, want, ret };
	struct seeking f = { .transports = transports, .image = image, .fn = try_image, .ctx = &l };
	int rc = seek(&f, holders, err);

	if (rc == 0)
		*ret_store = f.store;
	return rc;
}

static int try_manifest(void *ctx, struct ohc_store *s, const struct ohc_held_image *image,
			struct ohc_error *err)
{
	return ohc_store_get_manifest(s, image->digest, ctx, err);
}

int ohc_holders_manifest(struct ohc_transports *transports, const struct ohc_holders *holders,
			 const struct ohc_held_image *image, struct ohc_document *ret,
			 struct ohc_error *err)
{
	struct seeking f = {
		.transports = transports, .image = image, .fn = try_manifest, .ctx = ret
	};
	int rc = seek(&f, holders, err);

	ohc_store_close(f.store);
	return rc;
}
