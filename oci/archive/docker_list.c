// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/docker_list.h"

#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/map.h"
#include "core/set.h"
#include "oci/archive/files.h"
#include "oci/documents/name.h"

static int check_strings(const json_t *item, const char *key, const char *what,
			 struct ohc_error *err)
{
	json_t *list = NULL, *s;
	size_t i;
	int rc = ohc_json_array(item, key, what, &list, err);

	json_array_foreach (list, i, s)
		if (rc == 0 && !json_is_string(s))
			rc = ohc_error_set(err, OHC_E_FORMAT, "%s: '%s' is not a list of strings",
					   what, key);
	return rc;
}

/* A key in the right case wins over others, as in Go. */
static void set_key(json_t *item, const char *key)
{
	json_t *v, *found = NULL;
	const char *k;

	if (json_object_get(item, key))
		return;
	json_object_foreach (item, k, v)
		if (strcasecmp(k, key) == 0)
			found = v;
	if (found)
		json_object_set(item, key, found);
}

/* Writes the path as the archive's entries have it. */
static int set_path(json_t *path, const char *where, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *plain = ohc_archive_clean(json_string_value(path));

	if (!plain)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has a path that leads out of it: '%.200s'", where,
				     json_string_value(path));
	json_string_set(path, plain);
	return 0;
}

static int read_item(json_t *item, const char *where, struct ohc_error *err)
{
	static const char *const keys[] = { "Config", "RepoTags", "Layers" };
	const char *config = NULL;
	json_t *layer;
	size_t i;
	int rc;

	for (i = 0; i < OHC_ARRAY_SIZE(keys); i++)
		set_key(item, keys[i]);
	rc = ohc_json_string(item, "Config", where, &config, err);
	if (rc == 0 && !config)
		rc = ohc_error_set(err, OHC_E_FORMAT, "%s has no 'Config'", where);
	if (rc == 0)
		rc = check_strings(item, "RepoTags", where, err);
	if (rc == 0)
		rc = check_strings(item, "Layers", where, err);
	if (rc == 0)
		rc = set_path(json_object_get(item, "Config"), where, err);
	json_array_foreach (json_object_get(item, "Layers"), i, layer)
		if (rc == 0)
			rc = set_path(layer, where, err);
	return rc;
}

int ohc_docker_list_parse(const void *bytes, size_t n, const char *what, json_t **ret,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *list = NULL;
	json_t *item;
	size_t i;
	int rc = ohc_json_parse_list(bytes, n, what, &list, err);

	json_array_foreach (list, i, item) {
		ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("[%zu] of %s", i, what);

		rc = read_item(item, where, err);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		*ret = ohc_take(list);
	return rc;
}

/* Does the RepoTag name repo:tag?  A RepoTag that is no image name names nothing. */
static bool names(const json_t *repo_tag, const char *repo, const char *tag)
{
	struct ohc_name name;
	bool yes;

	if (!repo && !tag)
		return true;
	if (ohc_name_parse(json_string_value(repo_tag), &name, NULL) < 0)
		return false;
	yes = name.transport == OHC_REGISTRY && (!tag || (name.tag && !strcmp(name.tag, tag)));
	if (yes && repo) {
		ohc_cleanup(ohc_freep) char *full = ohc_xasprintf("%s/%s", name.host, name.repo);

		yes = strcmp(full, repo) == 0;
	}
	ohc_name_clear(&name);
	return yes;
}

static bool answers(const json_t *item, const char *repo, const char *tag)
{
	json_t *s;
	size_t i;

	if (!repo && !tag)
		return true;
	json_array_foreach (json_object_get(item, "RepoTags"), i, s)
		if (names(s, repo, tag))
			return true;
	return false;
}

static bool same_image(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "Config"), json_object_get(b, "Config")) &&
	       json_equal(json_object_get(a, "Layers"), json_object_get(b, "Layers"));
}

static void list_names(const json_t *list, struct ohc_buf *out)
{
	size_t i, k, n = 0;
	json_t *item, *s;

	json_array_foreach (list, i, item)
		json_array_foreach (json_object_get(item, "RepoTags"), k, s)
			if (n++ < 10)
				ohc_buf_addf(out, "%s'%.200s'", n > 1 ? ", " : "",
					     json_string_value(s));
	if (n > 10)
		ohc_buf_addf(out, " and %zu more", n - 10);
	if (n == 0)
		ohc_buf_adds(out, "no names");
}

/* Looks at all of them. */
static int find(const json_t *list, const char *repo, const char *tag, const char *what,
		const json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf all = OHC_BUF_INIT;
	const json_t *found = NULL;
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!answers(item, repo, tag))
			continue;
		if (found && !same_image(found, item)) {
			list_names(list, &all);
			return ohc_error_set(err, OHC_E_NOT_FOUND,
					     "%s has several images: say which by repository and "
					     "tag; it has %s",
					     what, all.data);
		}
		found = item;
	}
	if (found) {
		*ret = found;
		return 0;
	}
	if (!repo && !tag)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "%s holds no image", what);
	list_names(list, &all);
	return ohc_error_set(err, OHC_E_NOT_FOUND, "%s has no image '%s%s%s': it has %s", what,
			     repo ? repo : "", repo && tag ? ":" : "", tag ? tag : "", all.data);
}

struct ohc_docker_names {
	const json_t *list;
	struct ohc_map *items;   /* of "host/repo:tag", and of ":tag" in any repository */
	struct ohc_set *several; /* names of different images */
};

static void add_name(struct ohc_docker_names *names, const char *key, size_t item)
{
	size_t other;

	if (!ohc_map_add(names->items, key, item, &other) &&
	    !same_image(json_array_get(names->list, other), json_array_get(names->list, item)))
		ohc_set_add(names->several, key);
}

static void add_repo_tag(struct ohc_docker_names *names, const json_t *repo_tag, size_t item)
{
	ohc_cleanup(ohc_freep) char *full = NULL;
	struct ohc_name name;

	if (ohc_name_parse(json_string_value(repo_tag), &name, NULL) < 0)
		return;
	if (name.transport == OHC_REGISTRY && name.tag) {
		full = ohc_xasprintf("%s/%s:%s", name.host, name.repo, name.tag);
		add_name(names, full, item);
		add_name(names, strrchr(full, ':'), item);
	}
	ohc_name_clear(&name);
}

struct ohc_docker_names *ohc_docker_names_new(const json_t *list)
{
	struct ohc_docker_names *names = ohc_xcalloc(1, sizeof(*names));
	json_t *item, *s;
	size_t i, k;

	names->list = list;
	names->items = ohc_map_new();
	names->several = ohc_set_new();
	json_array_foreach (list, i, item)
		json_array_foreach (json_object_get(item, "RepoTags"), k, s)
			add_repo_tag(names, s, i);
	return names;
}

void ohc_docker_names_free(struct ohc_docker_names *names)
{
	if (!names)
		return;
	ohc_map_free(names->items);
	ohc_set_free(names->several);
	free(names);
}

int ohc_docker_names_find(const struct ohc_docker_names *names, const char *repo, const char *tag,
			  const char *what, const json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("%s:%s", repo ? repo : "", tag ? tag : "");
	size_t i;

	if (!tag || ohc_set_has(names->several, key) || !ohc_map_get(names->items, key, &i))
		return find(names->list, repo, tag, what, ret, err);
	*ret = json_array_get(names->list, i);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_once(struct ohc_set *seen, const char *name, struct ohc_strv *ret)
{
	if (ohc_set_add(seen, name))
		ohc_strv_add(ret, name);
}

void ohc_docker_list_tags(const json_t *list, const char *repo, struct ohc_strv *ret)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	size_t i, k, first = ret->n;
	json_t *item, *s;

	json_array_foreach (list, i, item)
		json_array_foreach (json_object_get(item, "RepoTags"), k, s) {
			struct ohc_name name;

			if (!names(s, repo, NULL))
				continue;
			if (ohc_name_parse(json_string_value(s), &name, NULL) < 0) {
				add_once(seen, json_string_value(s), ret);
				continue;
			}
			if (name.tag)
				add_once(seen, name.tag, ret);
			ohc_name_clear(&name);
		}
	if (ret->n > first)
		qsort(ret->v + first, ret->n - first, sizeof(*ret->v), compare);
}

char *ohc_archive_docker_familiar(const char *repo, const char *tag)
{
	static const char *const prefixes[] = { "docker.io/library/", "docker.io/" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(prefixes); i++)
		if (strncmp(repo, prefixes[i], strlen(prefixes[i])) == 0)
			return ohc_xasprintf("%s:%s", repo + strlen(prefixes[i]), tag);
	return ohc_xasprintf("%s:%s", repo, tag);
}
