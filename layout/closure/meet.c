// SPDX-License-Identifier: Apache-2.0
/* Takes what a set says (sets.h) of a file on its way into the payload. */
#include <elf.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"
#include "layout/closure/sets.h"
#include "layout/loader/machine.h"

const struct ohc_own_set *ohc_closure_set(const char *name)
{
	for (size_t i = 0; i < ohc_own_sets_n; i++)
		if (strcmp(ohc_own_sets[i].name, name) == 0)
			return &ohc_own_sets[i];
	return NULL;
}

/* A set that a file belongs to, and what is done to that. */
struct set_use {
	struct ohc_closure *o;
	const struct ohc_own_set *set;
	const char *machine, *disk;
	struct ohc_patch *patch;     /* NULL: nothing is, yet */
	struct ohc_written *written; /* it is text, and what it names goes here; or NULL */
};

/* "%p/a%mb*c" with the prefix, the machine, and the name, in their places; the caller frees it. */
static char *fill_in(const struct set_use *m, const char *text, const char *name)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	for (; *text; text++) {
		if (text[0] == '%' && text[1] == 'm') {
			ohc_buf_adds(&b, m->machine);
			text++;
		} else if (text[0] == '%' && text[1] == 'p') {
			ohc_buf_adds(&b, m->o->prefix + 1);
			text++;
		} else if (*text == '*' && name) {
			ohc_buf_adds(&b, name);
		} else {
			ohc_buf_addc(&b, *text);
		}
	}
	return ohc_buf_detach(&b);
}

/* The names in a directory that fit one component of a pattern, as what '*' stands for. */
struct fitting_names {
	const char *pattern;
	struct ohc_strv stars;
};

static int note_name(void *ctx, const char *path, const struct ohc_files_node *node,
		     struct ohc_error *err)
{
	struct fitting_names *f = ctx;
	const char *name = ohc_path_name(path);
	size_t before = strcspn(f->pattern, "*"), n = strlen(name);
	size_t after = strlen(f->pattern) - before - 1;

	(void)node;
	(void)err;
	if (fnmatch(f->pattern, name, 0) == 0)
		ohc_strv_take(&f->stars, ohc_xstrndup(name + before, n - before - after));
	return 0;
}

/* Lists what '*' stands for in the root: a name for each path that is there, or one that is empty
 * where there is no '*'. */
static int find_stars(struct ohc_closure *o, const char *from, struct ohc_strv *ret,
		      struct ohc_error *err)
{
	const char *star = strchr(from, '*'), *start = star, *end = star;
	ohc_cleanup(ohc_freep) char *dir = NULL, *component = NULL;
	struct fitting_names f = { .stars = OHC_STRV_INIT };
	int rc;

	if (!star) {
		ohc_strv_add(ret, "");
		return 0;
	}
	while (start[-1] != '/')
		start--;
	while (*end && *end != '/')
		end++;
	dir = ohc_xstrndup(from, (size_t)(start - from) - 1);
	f.pattern = component = ohc_xstrndup(start, (size_t)(end - start));
	rc = ohc_files_list(o->root, dir, note_name, &f, err);
	*ret = f.stars;
	return rc;
}

/* The same where it stands for names that a file has compiled in. */
static int find_named(const char *disk, const char *from, struct ohc_strv *ret,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	size_t before = strcspn(from, "*");
	int rc = ohc_closure_map(disk, &f, err);

	for (size_t at = 0; rc == 0 && at < f.n;) {
		const unsigned char *p = memmem(f.data + at, f.n - at, from, before);
		ohc_cleanup(ohc_freep) char *name = NULL;
		size_t n = 0;

		if (!p)
			break;
		p += before;
		at = (size_t)(p - f.data);
		while (at + n < f.n && p[n] > ' ' && p[n] < 0x7f && p[n] != '/')
			n++;
		name = ohc_xstrndup((const char *)p, n);
		if (n && !ohc_strv_has(ret, name))
			ohc_strv_take(ret, ohc_take(name));
	}
	return rc;
}

/* Is a directory of which '*' stands for a part one that the file's own name tells of:
 * "/usr/lib/python3.13" for libpython3.13.so.1.0? */
static bool is_in_name(const char *disk, const char *from)
{
	const char *name = ohc_path_name(from), *at = strstr(ohc_path_name(disk), name);

	return at && !(at[strlen(name)] >= '0' && at[strlen(name)] <= '9');
}

static bool has_tree(const struct ohc_closure *o, const char *pattern)
{
	for (size_t i = 0; i < o->n_trees; i++)
		if (fnmatch(pattern, o->trees[i].from, FNM_PATHNAME) == 0)
			return true;
	return false;
}

static void add_tree(struct ohc_closure *o, const char *set, const char *from, const char *to,
		     const char *after)
{
	for (size_t i = 0; i < o->n_trees; i++)
		if (strcmp(o->trees[i].from, from) == 0 && strcmp(o->trees[i].to, to) == 0)
			return;
	o->trees = ohc_xrealloc(o->trees, o->n_trees + 1, sizeof(*o->trees));
	o->trees[o->n_trees++] =
		(struct ohc_own_tree){ set, after, ohc_xstrdup(from), ohc_xstrdup(to) };
}

/* The length of the shortest path of the root that a set leads away from. */
static int find_shortest(const struct set_use *m, size_t *ret, struct ohc_error *err)
{
	int rc = 0;

	*ret = SIZE_MAX;
	for (size_t i = 0; rc >= 0 && i < OHC_SET_PATHS && m->set->paths[i].from; i++) {
		const struct ohc_own_set_path *p = &m->set->paths[i];
		ohc_cleanup(ohc_freep) char *from = fill_in(m, p->from, NULL);

		if (p->text || p->led_to || p->setting || strlen(from) >= *ret)
			continue;
		rc = ohc_files_is(m->o->root, from, 0, err);
		if (rc > 0)
			*ret = strlen(from);
	}
	return rc < 0 ? rc : 0;
}

/* Tells once of a set whose programs nothing leads to what came along. */
static int say_unfit(struct set_use *m, const char *from, const char *to, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *once = ohc_xasprintf("unfit %s", m->set->name);
	size_t shortest;
	int rc;

	if (ohc_strv_has(&m->o->met, once))
		return 0;
	ohc_strv_take(&m->o->met, ohc_take(once));
	rc = find_shortest(m, &shortest, err);
	if (rc == 0)
		ohc_report_say(m->o->report, OHC_WARNING,
			       "'%s' looks at '%s' on every base, not at what came along: that "
			       "takes a prefix of at most %zu bytes, and '%s' has %zu; or a "
			       "profile with \"links\": { \"%s\": \"%s/%s\" }, where no base "
			       "has that",
			       m->disk, from, shortest - 2, m->o->prefix, strlen(m->o->prefix),
			       from, m->o->prefix, to);
	return rc;
}

static void say_met(struct ohc_closure *o, const struct ohc_own_set *set, const char *by)
{
	if (ohc_strv_has(&o->met, set->name))
		return;
	ohc_strv_add(&o->met, set->name);
	ohc_report_say(o->report, OHC_VERBOSE, "'%s' opens files by name: the set '%s' comes along",
		       by, set->name);
}

/* Remembers a launcher's setting, which has own in it, where a recipe copies that there. */
static void add_setting(struct set_use *m, const struct ohc_own_set_path *p, const char *star,
			const char *own)
{
	ohc_cleanup(ohc_freep) char *setting = fill_in(m, p->setting, star);
	ohc_cleanup(ohc_freep) char *place = fill_in(m, p->to, star);
	char *at = own ? strstr(setting, place) : NULL;

	if (at) {
		char *moved = ohc_xasprintf("%.*s%s%s", (int)(at - setting), setting, own,
					    at + strlen(place));

		free(setting);
		setting = moved;
	}
	if (!ohc_strv_has(&m->o->settings, setting))
		ohc_strv_take(&m->o->settings, ohc_take(setting));
}

static int take_path(struct set_use *m, const struct ohc_own_set_path *p, const char *star,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *from = fill_in(m, p->from, star);
	ohc_cleanup(ohc_freep) char *own = p->text ? NULL : ohc_closure_copy_of(m->o, from);
	ohc_cleanup(ohc_freep) char *to = own ? ohc_xstrdup(own) : fill_in(m, p->to, star);
	ohc_cleanup(ohc_freep) char *text = p->text ? fill_in(m, p->text, NULL) : NULL;
	const struct ohc_own_path path = { .old = text ? text : from,
					   .to = to,
					   .whole = p->text && !p->begins,
					   .listed = p->listed,
					   .padded = p->padded };
	int rc = ohc_files_is(m->o->root, from, 0, err);

	if ((p->of_name && !is_in_name(m->disk, from)) || (p->after && !has_tree(m->o, p->after)))
		return 0;
	/* Of many texts of that name few name the directory. */
	if (rc > 0 && m->written)
		rc = p->led_to ? 0 : ohc_closure_has_text(m->disk, &path.old, 1, err);
	if (rc <= 0)
		return rc;
	if (m->written) {
		say_met(m->o, m->set, m->disk);
		ohc_closure_written_add(m->written, path.old, to);
	}
	if (!p->text)
		add_tree(m->o, m->set->name, from, to, p->after);
	rc = m->patch && !p->led_to ? ohc_closure_repoint(m->o, m->disk, &path, 1, m->patch, err)
				    : 0;
	if (rc >= 0 && !p->setting && !p->text && ohc_strv_has(&m->o->unfit, to))
		rc = say_unfit(m, from, to, err);
	if (rc >= 0 && p->setting && (p->led_to || ohc_strv_has(&m->o->unfit, to)))
		add_setting(m, p, star, own);
	return rc < 0 ? rc : 0;
}

static int take_paths(struct set_use *m, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_SET_PATHS && m->set->paths[i].from; i++) {
		const struct ohc_own_set_path *p = &m->set->paths[i];
		ohc_cleanup(ohc_freep) char *from = fill_in(m, p->from, NULL);
		ohc_cleanup(ohc_strv_clear) struct ohc_strv stars = OHC_STRV_INIT;

		rc = p->named ? find_named(m->disk, from, &stars, err)
			      : find_stars(m->o, from, &stars, err);
		for (size_t k = 0; rc == 0 && k < stars.n; k++)
			rc = take_path(m, p, stars.v[k], err);
	}
	return rc;
}

static void take_libs(struct ohc_closure *o, const struct ohc_own_set *set)
{
	for (size_t i = 0; i < OHC_SET_LIBS && set->libs[i]; i++)
		if (!ohc_strv_has(&o->may_open, set->libs[i]))
			ohc_strv_add(&o->may_open, set->libs[i]);
}

static bool is_one_of(const char *const patterns[OHC_SET_FILES], const char *name)
{
	for (size_t i = 0; i < OHC_SET_FILES && patterns[i]; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

/* Is it for a file of that name?  One that is not from the root has none of the root's directories
 * compiled in, but opens libraries like any other. */
static bool is_called(const struct ohc_own_set *set, const char *path, const char *disk)
{
	return (path || !set->paths[0].from) && is_one_of(set->files, ohc_path_name(disk));
}

/* In the last bytes of e_ident, which ELF has no use for. */
static int has_magic(const struct ohc_own_set *set, const char *disk, struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	size_t n = strlen(set->magic);
	int rc = ohc_closure_map(disk, &f, err);

	return rc < 0 ? rc
		      : f.n >= EI_ABIVERSION + n &&
				memcmp(f.data + EI_ABIVERSION, set->magic, n) == 0;
}

/* Has a program the set's text in it, or its magic bytes? */
static int has_sign(const struct ohc_own_set *set, const struct ohc_elf *elf, const char *disk,
		    struct ohc_error *err)
{
	if (!ohc_elf_is_program(elf))
		return 0;
	if (set->magic)
		return has_magic(set, disk, err);
	if (!set->text || !elf->interp)
		return 0;
	return ohc_closure_has_text(disk, &set->text, 1, err);
}

/* Remembers that the base's loader starts what it unpacks, or the payload's where there is none. */
static void note_unpacks(struct ohc_closure *o, const struct ohc_elf *elf, const char *disk)
{
	const struct ohc_machine *m = ohc_machine_of_elf(elf);
	const char *loader = elf->interp ? elf->interp
			     : m         ? ohc_machine_loader(m, OHC_LIBC_GLIBC)
					 : NULL;

	if (o->unpacks || !loader)
		return;
	o->unpacks = ohc_xstrdup(ohc_path_name(loader));
	ohc_report_say(o->report, OHC_NOTICE,
		       "'%s' unpacks a program that names '%s': an image on a base without that "
		       "gets a link there, and where the payload is mounted the base must have it",
		       disk, loader);
}

int ohc_closure_meet(struct ohc_closure *o, const char *path, const struct ohc_elf *elf,
		     const char *disk, struct ohc_patch *patch, struct ohc_error *err)
{
	const struct ohc_machine *machine = ohc_machine_of_elf(elf);
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < ohc_own_sets_n; i++) {
		struct set_use m = { .o = o,
				     .set = &ohc_own_sets[i],
				     .machine = machine ? machine->multiarch : "none",
				     .disk = disk,
				     .patch = patch };

		rc = is_called(m.set, path, disk) ? 1 : has_sign(m.set, elf, disk, err);
		if (rc <= 0)
			continue;
		say_met(o, m.set, disk);
		take_libs(o, m.set);
		if (m.set->unpacks)
			note_unpacks(o, elf, disk);
		rc = take_paths(&m, err);
	}
	return rc < 0 || !path || !patch ? rc : ohc_closure_lead_to_copies(o, disk, patch, err);
}

/* Puts what the set has for such a file behind its end. */
static int add_ending(const struct set_use *m, struct ohc_patch *ret, struct ohc_error *err)
{
	size_t n = strlen(m->disk), k = m->set->ending.of ? strlen(m->set->ending.of) : 0;
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct stat st;

	if (k == 0 || n < k || strcmp(m->disk + n - k, m->set->ending.of) != 0)
		return 0;
	if (ret->n == 0 && stat(m->disk, &st) < 0)
		return ohc_error_sys(err, "cannot read '%s'", m->disk);
	if (ret->n == 0)
		ret->size = (uint64_t)st.st_size;
	text = fill_in(m, m->set->ending.text, NULL);
	ret->size += strlen(text);
	ohc_patch_set(ret, ret->size - strlen(text), text, strlen(text));
	return 1;
}

/* The payload's, in the names of directories; "none" before its first object. */
static const char *machine_of(const struct ohc_closure *o)
{
	const struct ohc_machine *machine = NULL;

	for (size_t i = 0; !machine && i < o->n_objects; i++)
		machine = ohc_machine_of_elf(o->objects[i].elf);
	return machine ? machine->multiarch : "none";
}

int ohc_closure_text(struct ohc_closure *o, const char *disk, struct ohc_patch *ret,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_written_clear) struct ohc_written written = { NULL, 0 };
	const char *machine = machine_of(o);
	int rc = 0, changed;

	if (*o->root_dir && !ohc_path_is_in(disk, o->root_dir))
		return 0;
	for (size_t i = 0; rc >= 0 && i < ohc_own_sets_n; i++) {
		struct set_use m = { .o = o,
				     .set = &ohc_own_sets[i],
				     .machine = machine,
				     .disk = disk,
				     .written = &written };

		if (is_one_of(m.set->texts, ohc_path_name(disk)))
			rc = take_paths(&m, err);
	}
	changed = rc < 0 || written.n == 0 ? rc : ohc_closure_write(o, disk, &written, ret, err);
	for (size_t i = 0; changed >= 0 && i < ohc_own_sets_n; i++) {
		const struct set_use m = { .o = o, .set = &ohc_own_sets[i], .disk = disk };

		rc = add_ending(&m, ret, err);
		changed = rc < 0 ? rc : changed | rc;
	}
	return changed;
}

/* Is what leads to a path the path itself, of one directory? */
static bool is_plain(const struct ohc_own_set_path *p)
{
	return !p->text && !p->led_to && !p->named && !strchr(p->from, '*');
}

int ohc_closure_place(struct ohc_closure *o, const char *disk, char **ret, struct ohc_error *err)
{
	const char *path = disk + strlen(o->root_dir), *machine = machine_of(o);
	int rc = 0;

	if (*o->root_dir && !ohc_path_is_in(disk, o->root_dir))
		return 0;
	for (size_t i = 0; rc == 0 && i < ohc_own_sets_n; i++) {
		struct set_use m = {
			.o = o, .set = &ohc_own_sets[i], .machine = machine, .disk = disk
		};

		/* Such a text is made to lead there. */
		if (is_one_of(m.set->texts, ohc_path_name(disk)))
			continue;
		for (size_t k = 0; rc == 0 && k < OHC_SET_PATHS && m.set->paths[k].from; k++) {
			const struct ohc_own_set_path *p = &m.set->paths[k];
			ohc_cleanup(ohc_freep) char *from = fill_in(&m, p->from, NULL);
			const char *below = is_plain(p) ? ohc_path_below(path, from) : NULL;

			if (!below || !*below)
				continue;
			say_met(o, m.set, disk);
			take_libs(o, m.set);
			*ret = ohc_closure_copy_of(o, path);
			if (!*ret)
				*ret = ohc_xasprintf("%s/%s", p->to, below);
			rc = take_paths(&m, err);
			rc = rc < 0 ? rc : 1;
		}
	}
	return rc;
}

void ohc_closure_see(struct ohc_closure *o, const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < ohc_own_sets_n; i++) {
		const struct ohc_own_set *set = &ohc_own_sets[i];
		size_t k = set->path ? strlen(set->path) : 0;

		if (k == 0 || n < k || strcmp(path + n - k, set->path) != 0)
			continue;
		say_met(o, set, path);
		take_libs(o, set);
	}
}

const struct ohc_own_tree *ohc_closure_trees(const struct ohc_closure *o, size_t *ret_n)
{
	*ret_n = o->n_trees;
	return o->trees;
}

const struct ohc_strv *ohc_closure_settings(const struct ohc_closure *o)
{
	return &o->settings;
}
