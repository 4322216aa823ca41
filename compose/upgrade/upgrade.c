// SPDX-License-Identifier: Apache-2.0
#include "compose/upgrade/upgrade.h"

#include <string.h>

#include "compose/bake/bake.h"
#include "compose/bake/names.h"
#include "compose/bake/template.h"
#include "compose/image/inputs.h"
#include "compose/image/origin.h"
#include "compose/upgrade/one.h"
#include "core/alloc.h"
#include "core/parallel.h"
#include "core/set.h"
#include "oci/store/referrers.h"

struct upgrade_reading {
	struct ohc_upgrade_reading one;
	struct ohc_bake_list *list;
	size_t n_named; /* the first, which somebody named */
};

/* --- the names --- */

static void add_name(struct ohc_bake_list *list, struct ohc_set *seen, const char *name)
{
	struct ohc_bake_image *image;

	if (!ohc_set_add(seen, name)) {
		list->repeated++;
		return;
	}
	if ((list->n & (list->n - 1)) == 0)
		list->v = ohc_xrealloc(list->v, list->n ? 2 * list->n : 1, sizeof(*list->v));
	image = &list->v[list->n++];
	*image = (struct ohc_bake_image){ .settings = OHC_BAKE_SETTINGS_INIT };
	image->settings.dest = ohc_xstrdup(name);
	image->where = ohc_xasprintf("image '%s'", name);
}

int ohc_upgrade_check_name(const char *text, const char *dest, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	int rc = ohc_name_parse(text, &name, err);

	if (rc < 0)
		return rc;
	if (name.transport == OHC_SCRATCH || name.transport == OHC_OCI_ARCHIVE ||
	    name.transport == OHC_DOCKER_ARCHIVE)
		return ohc_error_set(
			err, OHC_E_USAGE,
			"'%s' cannot be upgraded: images of registries and layouts can", text);
	if (name.digest && !dest)
		return ohc_error_set(
			err, OHC_E_USAGE,
			"'%s' has a digest, which cannot stay: --dest says where the new "
			"image goes",
			text);
	return 0;
}

/* A registry's name that says no tag has "latest". */
static bool is_repo(const struct ohc_name *name)
{
	const char *slash = strrchr(name->given, '/');

	if (name->transport == OHC_LAYOUT)
		return !name->tag;
	return name->transport == OHC_REGISTRY && !strchr(slash ? slash : name->given, ':');
}

static int check_repo(const char *repo, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	int rc = ohc_name_parse(repo, &name, err);

	if (rc == 0 && (!is_repo(&name) || name.digest))
		return ohc_error_set(err, OHC_E_USAGE,
				     "--repo '%s': a repository or a layout is wanted, without a "
				     "tag",
				     repo);
	return rc < 0 ? ohc_error_wrap(err, rc, "--repo") : 0;
}

static int add_repo(struct ohc_transports *transports, const struct ohc_upgrade_options *o,
		    struct ohc_bake_list *list, struct ohc_set *seen, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv tags = OHC_STRV_INIT;
	int rc = ohc_name_parse(o->repo, &name, err);

	if (rc == 0)
		rc = ohc_transports_open(transports, &name, ohc_upgrade_use(o, &name), &store, err);
	if (rc == 0)
		rc = ohc_store_list_tags(store, &tags, err);
	for (size_t i = 0; rc == 0 && i < tags.n; i++) {
		ohc_cleanup(ohc_freep) char *image = ohc_xasprintf("%s:%s", o->repo, tags.v[i]);

		if (!ohc_referrers_is_tag(tags.v[i]))
			add_name(list, seen, image);
	}
	return rc;
}

/* --- faults --- */

/* Whatever its values will be, the name that they give has the same faults. */
static int check_dest(const struct ohc_upgrade_options *o, struct ohc_push_options *try,
		      char **dest, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	int rc = ohc_template_check(o->dest, NULL, err);

	if (rc == 0) {
		*dest = ohc_upgrade_any_dest(o->dest);
		rc = ohc_name_parse(*dest, &name, err);
		try->dest = *dest;
	}
	return rc < 0 ? ohc_error_wrap(err, rc, "--dest '%s'", o->dest) : 0;
}

static int check_base(const char *base, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	int rc = ohc_name_parse(base, &name, err);

	return rc < 0 ? ohc_error_wrap(err, rc, "--base") : 0;
}

int ohc_upgrade_faults(const struct ohc_upgrade_options *o, struct ohc_error *err)
{
	static const struct ohc_origin unread = OHC_ORIGIN_INIT;
	ohc_cleanup(ohc_freep) char *dest = NULL;
	struct ohc_push_options try = *o->push;
	int rc = o->repo ? check_repo(o->repo, err) : 0;

	try.base = o->base ? o->base : "scratch";
	try.dest = NULL;
	try.origin = &unread;
	if (rc == 0 && o->base)
		rc = check_base(o->base, err);
	if (rc == 0 && o->dest)
		rc = check_dest(o, &try, &dest, err);
	return rc < 0 ? rc : ohc_inputs_faults(&try, err);
}

/* --- the images --- */

/* One that goes to its own name is another shard's without being read. */
static bool is_elsewhere(const struct ohc_upgrade_options *o, const struct ohc_bake_image *image)
{
	return !o->dest && !ohc_bake_is_mine(image->settings.dest, o->shard, o->shards);
}

static int read_one(void *ctx, size_t i, struct ohc_error *err)
{
	struct upgrade_reading *r = ctx;
	struct ohc_bake_image *image = &r->list->v[i];

	if (is_elsewhere(r->one.o, image)) {
		image->settings.base = ohc_xstrdup("scratch");
		return 0;
	}
	return ohc_upgrade_one(&r->one, image, i >= r->n_named, err);
}

static int read_all(struct ohc_transports *transports, const struct ohc_upgrade_options *o,
		    size_t n_named, struct ohc_bake_list *list, struct ohc_error *err)
{
	struct upgrade_reading r = { .one = { .o = o, .transports = transports },
				     .list = list,
				     .n_named = n_named };

	return ohc_parallel(list->n, o->jobs ? o->jobs : OHC_BAKE_JOBS_DEFAULT, read_one, &r, err);
}

int ohc_upgrade_list(struct ohc_transports *transports, const struct ohc_upgrade_options *o,
		     struct ohc_bake_list *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	size_t n_named;
	int rc = 0;

	ret->again = true;
	ohc_transports_hold(transports);
	for (size_t i = 0; i < o->images->n; i++)
		add_name(ret, seen, o->images->v[i]);
	n_named = ret->n;
	if (o->repo)
		rc = add_repo(transports, o, ret, seen, err);
	if (rc < 0)
		return rc;
	if (ret->n == 0)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' has no images", o->repo);
	ohc_report_say(o->report, OHC_VERBOSE, "reading what %zu images were composed of", ret->n);
	return read_all(transports, o, n_named, ret, err);
}
