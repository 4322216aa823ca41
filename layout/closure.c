// SPDX-License-Identifier: Apache-2.0
#include "layout/closure.h"

#include <string.h>
#include <sys/stat.h>

#include "layout/closure_impl.h"

struct ohc_own_libs *ohc_own_libs_new(const char *prefix, struct ohc_files *root,
				      const char *root_dir)
{
	struct ohc_own_libs *o = ohc_xcalloc(1, sizeof(*o));

	o->dir = ohc_xasprintf("%s/lib", prefix);
	o->root = root;
	o->root_dir = ohc_xstrdup(root_dir);
	o->libs = ohc_libs_new(root);
	return o;
}

static void clear_object(struct ohc_own_object_kept *k)
{
	free(k->to);
	free(k->path);
	free(k->disk);
	ohc_strv_clear(&k->dlopen);
}

void ohc_own_libs_free(struct ohc_own_libs *o)
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
	ohc_strv_clear(&o->frozen);
	ohc_strv_clear(&o->unfrozen);
	free(o->objects);
	free(o->v);
	ohc_closure_clear(&o->rootless);
	ohc_libs_free(o->libs);
	free(o->dir);
	free(o->root_dir);
	free(o);
}

void ohc_own_libs_freep(struct ohc_own_libs **o)
{
	ohc_own_libs_free(*o);
}

const struct ohc_own_lib *ohc_own_libs_list(const struct ohc_own_libs *o, size_t *ret_n)
{
	*ret_n = o->n;
	return o->v;
}

const char *const *ohc_dlopen_set(const char *name)
{
	static const char *const nss[] = { "libsoftokn3.so", "libfreebl3.so", "libfreeblpriv3.so",
					   "libnssckbi.so", NULL };

	return strcmp(name, "chromium") == 0 ? nss : NULL;
}

static void keep_dlopen(const struct ohc_strv *names, struct ohc_strv *ret)
{
	for (size_t i = 0; names && i < names->n; i++) {
		const char *const *set = ohc_dlopen_set(names->v[i]);

		if (!set)
			ohc_strv_add(ret, names->v[i]);
		for (; set && *set; set++)
			ohc_strv_add(ret, *set);
	}
}

int ohc_own_libs_object(struct ohc_own_libs *o, const struct ohc_own_object *object,
			struct ohc_patch *ret, struct ohc_error *err)
{
	struct ohc_own_object_kept *k;
	int rc = object->elf->pyinstaller ? ohc_own_libs_thaw(o, object->elf, err) : 0;

	if (rc < 0)
		return rc;
	o->objects = ohc_xrealloc(o->objects, o->n_objects + 1, sizeof(*o->objects));
	k = &o->objects[o->n_objects++];
	*k = (struct ohc_own_object_kept){ .to = ohc_xstrdup(object->to),
					   .path = ohc_xstrdup(object->path),
					   .disk = ohc_xstrdup(object->disk),
					   .elf = object->elf };
	keep_dlopen(object->dlopen, &k->dlopen);
	return ohc_own_libs_patch(o, object->elf, object->disk,
				  object->path ? object->path : object->disk, object->to, ret, err);
}
