// SPDX-License-Identifier: Apache-2.0
#include "layout/closure/closure.h"

#include <string.h>
#include <sys/stat.h>

#include "layout/closure/closure_internal.h"
#include "layout/closure/sets.h"

struct ohc_closure *ohc_closure_new(const char *prefix, struct ohc_files *root,
				    const char *root_dir)
{
	struct ohc_closure *o = ohc_xcalloc(1, sizeof(*o));

	o->prefix = ohc_xstrdup(prefix);
	o->dir = ohc_xasprintf("%s/lib", prefix);
	o->root = root;
	o->root_dir = ohc_xstrdup(root_dir);
	o->libs = ohc_loader_new(root);
	o->told = ohc_set_new();
	return o;
}

static void clear_object(struct ohc_own_object_kept *k)
{
	free(k->to);
	free(k->path);
	free(k->disk);
	ohc_strv_clear(&k->dlopen);
	ohc_strv_clear(&k->maybe);
}

void ohc_closure_tell(struct ohc_closure *o, struct ohc_report *report)
{
	o->report = report;
}

void ohc_closure_optional(struct ohc_closure *o, const struct ohc_strv *patterns)
{
	o->optional = patterns;
}

void ohc_closure_encodings(struct ohc_closure *o, const struct ohc_strv *words)
{
	o->encodings = words;
}

bool ohc_closure_leads_to(const struct ohc_closure *o, const char *to)
{
	return ohc_strv_has(&o->repointed, to);
}

void ohc_closure_free(struct ohc_closure *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->n_objects; i++)
		clear_object(&o->objects[i]);
	for (size_t i = 0; i < o->n; i++) {
		free(o->v[i].name);
		free(o->v[i].path);
		free(o->v[i].needed_by);
		free(o->v[i].link);
		ohc_strv_clear(&o->v[i].other_names);
	}
	for (size_t i = 0; i < o->n_shorts; i++) {
		free(o->shorts[i].name);
		free(o->shorts[i].to);
	}
	free(o->shorts);
	for (size_t i = 0; i < o->n_trees; i++) {
		free(o->trees[i].from);
		free(o->trees[i].to);
	}
	free(o->trees);
	for (size_t i = 0; i < o->n_copies; i++) {
		free(o->copies[i].from);
		free(o->copies[i].to);
	}
	free(o->copies);
	for (size_t i = 0; i < o->n_compiled; i++) {
		free(o->compiled[i].path);
		free(o->compiled[i].by);
	}
	free(o->compiled);
	free(o->unpacks);
	ohc_strv_clear(&o->repointed);
	ohc_strv_clear(&o->unfit);
	ohc_strv_clear(&o->met);
	ohc_strv_clear(&o->settings);
	ohc_set_free(o->told);
	ohc_strv_clear(&o->opened);
	ohc_strv_clear(&o->may_open);
	ohc_strv_clear(&o->frozen);
	ohc_strv_clear(&o->frozen_needs);
	ohc_strv_clear(&o->unfrozen);
	free(o->objects);
	free(o->v);
	ohc_loader_set_clear(&o->rootless);
	ohc_loader_free(o->libs);
	free(o->prefix);
	free(o->dir);
	free(o->root_dir);
	free(o);
}

void ohc_closure_freep(struct ohc_closure **o)
{
	ohc_closure_free(*o);
}

const struct ohc_own_lib *ohc_closure_list(const struct ohc_closure *o, size_t *ret_n)
{
	*ret_n = o->n;
	return o->v;
}

static void keep_dlopen(const struct ohc_strv *names, struct ohc_strv *must, struct ohc_strv *maybe)
{
	for (size_t i = 0; names && i < names->n; i++) {
		const struct ohc_own_set *set = ohc_closure_set(names->v[i]);

		if (!set)
			ohc_strv_add(must, names->v[i]);
		for (size_t n = 0; set && n < OHC_SET_LIBS && set->libs[n]; n++)
			ohc_strv_add(set->maybe ? maybe : must, set->libs[n]);
	}
}

void ohc_closure_open(struct ohc_closure *o, const struct ohc_strv *names)
{
	keep_dlopen(names, &o->opened, &o->may_open);
}

int ohc_closure_object(struct ohc_closure *o, const struct ohc_own_object *object,
		       struct ohc_patch *ret, struct ohc_error *err)
{
	struct ohc_own_object_kept *k;
	int rc = object->elf->pyinstaller ? ohc_closure_thaw(o, object->elf, err) : 0;

	if (rc < 0)
		return rc;
	o->objects = ohc_xrealloc(o->objects, o->n_objects + 1, sizeof(*o->objects));
	k = &o->objects[o->n_objects++];
	*k = (struct ohc_own_object_kept){ .to = ohc_xstrdup(object->to),
					   .path = ohc_xstrdup(object->path),
					   .disk = ohc_xstrdup(object->disk),
					   .elf = object->elf };
	keep_dlopen(object->dlopen, &k->dlopen, &k->maybe);
	rc = ohc_closure_patch(o, object->elf, object->disk,
			       object->path ? object->path : object->disk, object->to, ret, err);
	if (rc >= 0)
		rc = ohc_closure_meet(o, object->path, object->elf, object->disk, ret, err);
	if (rc >= 0 && object->path)
		rc = ohc_closure_look_for_paths(o, object->disk, ret, err);
	return rc < 0 ? rc : ret->n > 0;
}
