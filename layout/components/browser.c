// SPDX-License-Identifier: Apache-2.0
/* Copies a Chromium, which is a whole directory; and a program of PyInstaller's. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/components/component_internal.h"

/* Higher than any revision. */
#define LESSER (1L << 30)

struct browser_names {
	struct ohc_strv list;
};

static int add_name(void *ctx, const char *path, const struct ohc_files_node *node,
		    struct ohc_error *err)
{
	struct browser_names *n = ctx;

	(void)err;
	if (S_ISDIR(node->mode))
		ohc_strv_add(&n->list, ohc_path_name(path));
	return 0;
}

/* Looks for a program in the directory `dir` of the tree: *ret is its path in the tree, or stays
 * NULL. */
static int find_in(const struct ohc_component_input *in, const char *dir, char **ret,
		   struct ohc_error *err)
{
	static const char *const programs[] = { "chrome", "chromium", "headless_shell",
						"chrome-headless-shell" };

	for (size_t i = 0; !*ret && i < OHC_ARRAY_SIZE(programs); i++) {
		ohc_cleanup(ohc_component_input_clear) struct ohc_component_input program = {
			.files = NULL
		};
		ohc_cleanup(ohc_freep) char *path =
			ohc_xasprintf("%s%s/%s", in->place.path, dir, programs[i]);
		int rc = ohc_component_input_at(in, path, OHC_FILES_FOLLOW, &program, err);

		if (rc < 0)
			return rc;
		if (program.place.found == OHC_FILES_THERE && S_ISREG(program.place.node.mode) &&
		    (program.place.node.mode & 0111))
			*ret = ohc_xasprintf("%s/%s", dir, programs[i]);
	}
	return 0;
}

/* The number behind the last '-': of "chromium-1148", and of "chromium_headless_shell-1148" less
 * than of any other, since a whole Chromium can do the same and more. */
static long revision(const char *name)
{
	static const char *const kinds[] = { "chromium-", "chromium_headless_shell-" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(kinds); i++)
		if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
			return atol(name + strlen(kinds[i])) - (i ? LESSER : 0);
	return LONG_MIN;
}

/* Finds Playwright's: chromium-REVISION/chrome-linux/chrome. */
static int find_in_cache(const struct ohc_component_input *in, char **ret, struct ohc_error *err)
{
	static const char *const dirs[] = { "chrome-linux", "chrome-linux64", "chrome-linux-arm64",
					    "chrome-headless-shell-linux64" };
	struct browser_names names = { OHC_STRV_INIT };
	long best = LONG_MIN;
	int rc = ohc_files_list(in->files, in->place.path, add_name, &names, err);

	for (size_t i = 0; rc == 0 && i < names.list.n; i++) {
		char *found = NULL;

		if (revision(names.list.v[i]) <= best)
			continue;
		for (size_t k = 0; rc == 0 && !found && k < OHC_ARRAY_SIZE(dirs); k++) {
			ohc_cleanup(ohc_freep) char *dir =
				ohc_xasprintf("/%s/%s", names.list.v[i], dirs[k]);

			rc = find_in(in, dir, &found, err);
		}
		if (!found)
			continue;
		best = revision(names.list.v[i]);
		free(*ret);
		*ret = found;
	}
	ohc_strv_clear(&names.list);
	return rc;
}

/* Playwright looks for the name that its own Chromium has. */
static int add_name_of(struct ohc_component *c, const struct ohc_component_input *in,
		       const char *program, const char *name, struct ohc_error *err)
{
	const char *base = strrchr(program, '/') + 1;
	ohc_cleanup(ohc_freep) char *to =
		ohc_xasprintf("%.*s%s", (int)(base - program), program, name);

	return ohc_component_symlink(c, to, base, in->place.node.mtime, in->given, err);
}

int ohc_component_browser(struct ohc_component *c, const struct ohc_recipe_item *item,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *program = NULL, *to = NULL, *at = NULL;
	static char *usual[] = { "chromium", NULL }; /* a set: layout/closure/closure.h */
	const struct ohc_strv sets = { usual, 1 };
	struct ohc_component_copy how = { .item = item,
					  .dereference = true,
					  .dlopen = item->dlopen.n ? &item->dlopen : &sets };
	const char *below = "browser/chromium";
	int rc = ohc_component_input_find(c, item->from, &in, err);

	if (rc == 0)
		rc = find_in(&in, "", &program, err);
	if (rc == 0 && !program) {
		rc = find_in_cache(&in, &program, err);
		below = "browser/ms-playwright";
	}
	if (rc < 0)
		return rc;
	if (!program)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "there is no Chromium in '%s': it is neither a directory with "
				     "'chrome' or 'chromium' in it nor a cache of Playwright's",
				     in.given);
	to = ohc_component_to(c, item->to ? item->to : below);
	at = ohc_xasprintf("%s%s", to, program);
	how.program = at;
	free(c->browser);
	c->browser = ohc_xstrdup(at);
	rc = ohc_component_copy(c, &how, &in, to, err);
	if (rc < 0 || !item->as || strcmp(strrchr(at, '/') + 1, item->as) == 0)
		return rc;
	return add_name_of(c, &in, at, item->as, err);
}

struct browser_search {
	const struct ohc_component_input *in;
	char *found;
};

static int is_pyinstaller(const struct ohc_component_input *in, const char *path,
			  const struct ohc_files_node *node, struct ohc_error *err)
{
	const struct ohc_files_place place = { .path = (char *)path, .node = *node };
	const struct ohc_elf *elf;
	int rc = S_ISREG(node->mode) ? ohc_files_elf(in->files, &place, &elf, err) : 0;

	return rc == 1 ? elf->pyinstaller : rc < 0 ? rc : 0;
}

/* Looks in the first level of a directory. */
static int look(void *ctx, const char *path, const struct ohc_files_node *node,
		struct ohc_error *err)
{
	struct browser_search *s = ctx;
	const char *name = strrchr(path, '/');
	ohc_cleanup(ohc_freep) char *full =
		ohc_xasprintf("%s/%s", s->in->place.path, name ? name + 1 : path);
	int rc = s->found ? 0 : is_pyinstaller(s->in, full, node, err);

	if (rc > 0)
		s->found = ohc_take(full);
	return rc < 0 ? rc : 0;
}

int ohc_component_pyinstaller(struct ohc_component *c, const struct ohc_recipe_item *item,
			      struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *to = NULL, *below = NULL, *at = NULL;
	struct browser_search s = { .in = &in };
	struct ohc_component_copy how = { .item = item };
	int rc = ohc_component_input_find(c, item->from, &in, err);
	bool dir;

	if (rc < 0)
		return rc;
	dir = S_ISDIR(in.place.node.mode);
	rc = dir ? ohc_files_list(in.files, in.place.path, look, &s, err)
		 : is_pyinstaller(&in, in.place.path, &in.place.node, err);
	if (rc < 0)
		return rc;
	if (dir ? !s.found : rc == 0)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' is not what PyInstaller makes: a program with an archive "
			"at its end, or a directory with one",
			in.given);
	below = item->to && *item->to
			? ohc_xstrdup(item->to)
			: ohc_xasprintf("%s%s", dir ? "" : "bin/", strrchr(in.place.path, '/') + 1);
	to = ohc_component_to(c, below);
	at = s.found ? ohc_xasprintf("%s%s", to, s.found + strlen(in.place.path)) : ohc_xstrdup(to);
	how.program = at;
	free(s.found);
	return ohc_component_copy(c, &how, &in, to, err);
}
