// SPDX-License-Identifier: Apache-2.0
#include "compose/pack/contents.h"

#include <string.h>
#include <sys/stat.h>

#include "compose/image/owner.h"
#include "core/alloc.h"
#include "core/glob.h"
#include "core/path.h"
#include "layout/files/of_dir.h"
#include "layout/fit/fit.h"
#include "oci/config/config.h"

#define PREFIX_DEFAULT "/openhands"
#define OWNER_DEFAULT  "1000:1000"

/* Turns a fault of the command line into one of the file, with its line. */
static int of_recipe(const struct ohc_contents *p, const char *at, int rc, struct ohc_error *err)
{
	if (rc == -OHC_E_USAGE) {
		rc = -OHC_E_FORMAT;
		if (err)
			err->code = OHC_E_FORMAT;
	}
	return ohc_recipe_wrap(&p->recipe, at, rc, err);
}

static int read_prefix(struct ohc_contents *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *of_profile = NULL;
	const char *prefix;
	int rc = ohc_contents_profile(p, &of_profile, err);

	if (rc < 0)
		return p->o->push.profile ? rc : of_recipe(p, "profile", rc, err);
	prefix = p->o->prefix ? p->o->prefix : p->recipe.prefix ? p->recipe.prefix : of_profile;
	return ohc_payload_spec_target(prefix ? prefix : PREFIX_DEFAULT, &p->prefix, err);
}

/* --root is relative to the current directory, the recipe's "root" to the recipe. */
static int read_root(struct ohc_contents *p, struct ohc_error *err)
{
	const char *given = p->o->root ? p->o->root : p->recipe.root;
	ohc_cleanup(ohc_freep) char *dir = NULL;
	struct stat st;
	int rc;

	if (p->o->root || !given || *given == '/')
		dir = ohc_xstrdup(given ? given : "/");
	else
		dir = ohc_xasprintf("%s/%s", p->recipe.dir, given);
	rc = stat(dir, &st) < 0 ? ohc_error_sys(err, "cannot open the root '%s'", dir)
				: ohc_files_dir(dir, &p->root, err);
	if (rc < 0)
		return p->o->root ? rc : of_recipe(p, "root", rc, err);
	if (rc == 0)
		rc = ohc_files_dir("/", &p->host, err);
	p->root_dir = ohc_xstrdup(strcmp(dir, "/") == 0 ? "" : dir);
	return rc;
}

/* Turns a fault of a recipe's file into one of the command line. */
static int wrong_launcher(struct ohc_error *err)
{
	if (err)
		err->code = OHC_E_USAGE;
	return ohc_error_wrap(err, -OHC_E_USAGE, "--launcher");
}

static bool has_input(void *ctx, const char *name, const char *when)
{
	const struct ohc_contents *p = ctx;
	struct ohc_component c = {
		.recipe = &p->recipe, .root = p->root, .root_dir = p->root_dir, .host = p->host
	};

	if (ohc_component_has(&c, when))
		return true;
	ohc_report_say(p->o->push.report, OHC_VERBOSE, "'%s' is left out: there is no '%s'", name,
		       when);
	return false;
}

static int read_launchers(struct ohc_contents *p, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->recipe.n_launchers; i++) {
		const struct ohc_recipe_launcher *l = &p->recipe.launchers[i];

		rc = ohc_launchers_put(&p->launchers, l->name, &l->env, l->program, &l->args, err);
		if (rc < 0)
			return ohc_recipe_wrap(&p->recipe, l->at, rc, err);
	}
	for (size_t i = 0; rc == 0 && i < p->o->launchers.n; i++) {
		rc = ohc_launchers_parse(&p->launchers, p->o->launchers.v[i], err);
		if (rc < 0)
			return wrong_launcher(err);
	}
	return rc;
}

/* Tries the variables on an empty config; in the end the base's values are filled in. */
static int check_env(const struct ohc_contents *p, struct ohc_error *err)
{
	static const struct ohc_platform platform = { .os = "linux", .arch = "amd64" };
	ohc_cleanup(ohc_json_decref) json_t *config = ohc_config_new(&platform);
	const struct ohc_strv *ours = &p->recipe.env, *given = &p->o->env;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ours->n; i++) {
		ohc_cleanup(ohc_freep) char *at =
			ohc_xasprintf("env.%.*s", (int)strcspn(ours->v[i], "="), ours->v[i]);

		rc = ohc_config_env(config, NULL, ours->v[i], err);
		if (rc < 0)
			return of_recipe(p, at, ohc_error_wrap(err, rc, "env"), err);
	}
	for (size_t i = 0; rc == 0 && i < given->n; i++)
		rc = ohc_config_env(config, NULL, given->v[i], err);
	return rc < 0 ? ohc_error_wrap(err, rc, "env") : 0;
}

static int check_owner(const struct ohc_contents *p, struct ohc_error *err)
{
	uint32_t uid, gid;
	int rc = p->recipe.owner ? ohc_owner_read(p->recipe.owner, &uid, &gid, err) : 0;

	return rc < 0 ? of_recipe(p, "owner", rc, err) : 0;
}

static void add_texts(struct ohc_strv *to, const struct ohc_strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		ohc_strv_add(to, from->v[i]);
}

/* The files of a tar or an image were chosen by whoever made it. */
static int refuse_options(const struct ohc_contents *p, struct ohc_error *err)
{
	const struct ohc_pack_options *o = p->o;
	const char *option = o->exclude.n        ? "--exclude"
			     : o->dereference    ? "--dereference"
			     : o->dlopen.n       ? "--dlopen"
			     : o->optional.n     ? "--optional"
			     : p->recipe.closure ? "--closure"
						 : NULL;

	return option ? ohc_error_set(err, OHC_E_USAGE, "%s is for a directory or a recipe", option)
		      : 0;
}

static int add_options(struct ohc_contents *p, struct ohc_error *err)
{
	const struct ohc_pack_options *o = p->o;

	if (p->kind != OHC_CONTENTS_RECIPE)
		return refuse_options(p, err);
	if ((o->dlopen.n || o->optional.n) && !p->recipe.closure)
		return ohc_error_set(err, OHC_E_USAGE,
				     o->dlopen.n ? "--dlopen adds libraries to those of --closure"
						 : "--optional is for the libraries of --closure");
	add_texts(&p->recipe.optional, &o->optional);
	for (size_t i = 0; i < o->exclude.n; i++)
		if (!ohc_glob_is_pattern(o->exclude.v[i]))
			return ohc_error_set(err, OHC_E_USAGE,
					     "--exclude: '%s' is no pattern for paths below SOURCE",
					     o->exclude.v[i]);
	for (size_t i = 0; i < p->recipe.n_layers; i++)
		for (size_t k = 0; k < p->recipe.layers[i].n_items; k++) {
			struct ohc_recipe_item *item = &p->recipe.layers[i].items[k];

			add_texts(&item->exclude, &o->exclude);
			item->dereference |= o->dereference;
		}
	return 0;
}

int ohc_contents_read(struct ohc_contents *p, const struct ohc_pack_options *o,
		      struct ohc_error *err)
{
	int rc;

	p->o = o;
	rc = ohc_contents_source(p, err);
	if (rc == 0)
		rc = read_prefix(p, err);
	if (rc == 0)
		rc = read_root(p, err);
	if (rc == 0)
		ohc_recipe_narrow(&p->recipe, has_input, p);
	if (rc == 0)
		rc = read_launchers(p, err);
	if (rc == 0)
		rc = check_env(p, err);
	if (rc == 0)
		rc = check_owner(p, err);
	p->owner = o->push.owner      ? o->push.owner
		   : p->recipe.owner  ? p->recipe.owner
		   : p->profile_owner ? p->profile_owner
				      : OWNER_DEFAULT;
	p->faults.report = o->push.report;
	if (o->closure)
		p->recipe.closure = true;
	if (rc == 0)
		rc = add_options(p, err);
	return rc;
}

struct ohc_assembly *ohc_contents_add_layer(struct ohc_contents *p, const char *name)
{
	p->assemblies = ohc_xrealloc(p->assemblies, p->n + 1, sizeof(struct ohc_assembly *));
	p->layers = ohc_xrealloc(p->layers, p->n + 1, sizeof(*p->layers));
	p->assemblies[p->n] = ohc_assembly_new(p->prefix, p->n ? p->assemblies[p->n - 1] : NULL);
	p->layers[p->n] = (struct ohc_pack_layer){ .name = ohc_xstrdup(name) };
	return p->assemblies[p->n++];
}

static int gather_layer(struct ohc_contents *p, const struct ohc_recipe_layer *layer,
			struct ohc_error *err)
{
	int rc = 0;

	p->component.assembly = ohc_contents_add_layer(p, layer->name);
	for (size_t i = 0; rc == 0 && i < layer->n_items; i++) {
		/* No file tells which program of a tree opens them. */
		if (p->own_libs && layer->items[i].kind == OHC_RECIPE_COPY)
			ohc_closure_open(p->own_libs, &layer->items[i].dlopen);
		rc = ohc_component_add(&p->component, &layer->items[i], err);
		rc = ohc_faults_keep(&p->faults, rc, err);
	}
	return rc;
}

/* A launcher's program may be missing because it was faulty. */
static int gather_launchers(struct ohc_contents *p, struct ohc_error *err)
{
	struct ohc_assembly *b;
	int rc = 0;

	if (p->profile || p->launchers.n)
		ohc_launchers_of_profile(&p->launchers, p->profile, p->prefix, p->assemblies, p->n);
	if (p->own_libs)
		ohc_contents_tell_unled(p);
	if (p->launchers.n == 0)
		return 0;
	b = ohc_contents_add_layer(p, "launchers");
	for (size_t i = 0; rc == 0 && p->faults.n == 0 && i < p->recipe.n_launchers; i++) {
		const struct ohc_recipe_launcher *l = &p->recipe.launchers[i];

		rc = ohc_launchers_check(&p->launchers, l->name, p->prefix, b, err);
		if (rc < 0)
			rc = ohc_recipe_wrap(&p->recipe, l->at, rc, err);
		rc = ohc_faults_keep(&p->faults, rc, err);
	}
	if (rc < 0 || p->faults.n)
		return rc;
	return ohc_launchers_add(&p->launchers, p->platform.arch, p->prefix, b, err);
}

/* Lists the files that built-in profiles ask for before they place their own. */
static void find_asked_for(struct ohc_contents *p)
{
	for (const char *const *name = ohc_profile_names(); *name; name++) {
		ohc_cleanup(ohc_profile_clear) struct ohc_profile profile = { .name = NULL };

		if (ohc_profile_load(*name, &profile, NULL) < 0)
			continue;
		for (size_t i = 0; i < profile.n_files; i++) {
			const char *path = profile.files[i].when;

			if (path && ohc_path_below(path, p->prefix) && ohc_contents_has(p, path) &&
			    !ohc_strv_has(&p->label.provides, path))
				ohc_strv_add(&p->label.provides, path);
		}
	}
}

/* Lists the files that the adapter layer may link to where a base has none. */
static void find_provided(struct ohc_contents *p)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv files = OHC_STRV_INIT;

	ohc_fit_link_sources(&files);
	for (size_t i = 0; i < files.n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s%s", p->prefix, files.v[i]);

		if (ohc_contents_has(p, path))
			ohc_strv_add(&p->label.provides, path);
	}
}

/* Tells the closure where files of the root will be found. */
static int tell_copies(struct ohc_contents *p, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < p->recipe.n_layers; i++)
		for (size_t k = 0; rc >= 0 && k < p->recipe.layers[i].n_items; k++) {
			const struct ohc_recipe_item *item = &p->recipe.layers[i].items[k];
			ohc_cleanup(ohc_freep) char *from = NULL, *to = NULL;
			bool rooted;

			if (item->kind != OHC_RECIPE_COPY)
				continue;
			from = ohc_recipe_path(&p->recipe, item->from, &rooted);
			rc = rooted ? ohc_files_is(p->root, from, S_IFDIR, err) : 0;
			if (rc < 0 || !rooted)
				continue;
			to = ohc_component_copied_to(item, rc > 0);
			ohc_closure_copied(p->own_libs, from, to);
		}
	return rc < 0 ? rc : 0;
}

static int start_closure(struct ohc_contents *p, struct ohc_error *err)
{
	int rc;

	p->own_libs = ohc_closure_new(p->prefix, p->root, p->root_dir);
	ohc_closure_tell(p->own_libs, p->o->push.report);
	ohc_closure_optional(p->own_libs, &p->recipe.optional);
	ohc_closure_encodings(p->own_libs, &p->recipe.encodings);
	ohc_closure_open(p->own_libs, &p->o->dlopen);
	rc = tell_copies(p, err);
	return rc < 0 ? rc : ohc_contents_root_libc(p, err);
}

int ohc_contents_gather(struct ohc_contents *p, struct ohc_error *err)
{
	int rc = p->recipe.closure ? start_closure(p, err) : 0;

	p->component = (struct ohc_component){ .recipe = &p->recipe,
					       .prefix = p->prefix,
					       .root = p->root,
					       .root_dir = p->root_dir,
					       .host = p->host,
					       .object = ohc_contents_object,
					       .other = p->own_libs ? ohc_contents_other : NULL,
					       .place = p->own_libs ? ohc_contents_place : NULL,
					       .ctx = p,
					       .report = p->o->push.report,
					       .faults = &p->faults };
	for (size_t i = 0; rc == 0 && i < p->recipe.n_layers; i++)
		rc = gather_layer(p, &p->recipe.layers[i], err);
	if (rc == 0 && p->own_libs) {
		ohc_contents_add_layer(p, "libraries");
		p->first = p->n - 1;
		rc = ohc_contents_libraries(p, err);
	}
	if (rc == 0)
		rc = gather_launchers(p, err);
	if (rc == 0)
		rc = ohc_faults_end(&p->faults, err);
	if (rc < 0)
		return rc;
	ohc_assembly_settle(p->assemblies, p->n);
	find_provided(p);
	find_asked_for(p);
	ohc_contents_command(p);
	ohc_contents_label(p);
	p->label.prefix = ohc_xstrdup(p->prefix);
	if (p->profile && ohc_profile_is_file(p->profile))
		ohc_report_say(
			p->o->push.report, OHC_NOTICE,
			"the image does not tell of the profile: it is a file, which push must be "
			"given, too (--profile '%s')",
			p->profile);
	else
		p->label.profile = ohc_xstrdup(p->profile);
	return 0;
}

void ohc_pack_layer_clear(struct ohc_pack_layer *layer)
{
	free(layer->name);
	ohc_strv_clear(&layer->programs);
	ohc_strv_clear(&layer->libraries);
	ohc_strv_clear(&layer->needed_by);
	memset(layer, 0, sizeof(*layer));
}

void ohc_contents_clear(struct ohc_contents *p)
{
	ohc_contents_list_free(p->list);
	if (p->sbom)
		fclose(p->sbom);
	while (p->n) {
		ohc_assembly_free(p->assemblies[--p->n]);
		ohc_pack_layer_clear(&p->layers[p->n]);
	}
	free(p->assemblies);
	free(p->layers);
	ohc_payload_free(p->payload);
	ohc_payload_source_clear(&p->source);
	ohc_launchers_clear(&p->launchers);
	ohc_component_clear(&p->component);
	ohc_strv_clear(&p->copied);
	ohc_closure_free(p->own_libs);
	ohc_payload_label_clear(&p->label);
	ohc_files_free(p->root);
	ohc_files_free(p->host);
	ohc_recipe_clear(&p->recipe);
	free(p->prefix);
	free(p->root_dir);
	free(p->command);
	free(p->profile_owner);
	memset(p, 0, sizeof(*p));
}
