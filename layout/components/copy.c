// SPDX-License-Identifier: Apache-2.0
/* Copies trees and files into an assembly: excludes files, follows or checks symlinks, patches ELF
 * files. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "core/interrupt.h"
#include "core/path.h"
#include "core/stamp.h"
#include "layout/components/component_internal.h"
#include "core/glob.h"
#include "layout/layer/xattrs.h"

/* The limit on symlinks that lead to a directory with a symlink, and so on. */
#define NESTED_MAX 16

struct copying {
	struct ohc_component *c;
	const struct ohc_component_copy *how;
	const struct ohc_component_input *from;
	const char *to;
	unsigned int nested;
};

static int copy_tree(const struct copying *k, struct ohc_error *err);

int ohc_component_bytes(struct ohc_component *c, const char *to, mode_t mode, int64_t mtime,
			const char *origin, const void *data, size_t n, struct ohc_error *err)
{
	const struct ohc_assembly_item item = {
		.path = to, .mode = mode, .mtime = mtime, .origin = origin
	};
	const struct ohc_content content = { .kind = OHC_CONTENT_BYTES, .bytes = data, .size = n };

	return ohc_assembly_file(c->assembly, &item, &content, NULL, err);
}

char *ohc_component_relative(const struct ohc_component *c, const char *dir, const char *file)
{
	struct ohc_buf b = OHC_BUF_INIT;
	size_t n = strlen(c->prefix);

	for (const char *s = dir + n; *s; s++)
		if (*s == '/')
			ohc_buf_adds(&b, "../");
	ohc_buf_adds(&b, file + n + 1);
	return ohc_buf_detach(&b);
}

int ohc_component_symlink(struct ohc_component *c, const char *to, const char *target,
			  int64_t mtime, const char *origin, struct ohc_error *err)
{
	const struct ohc_assembly_item item = {
		.path = to, .mode = 0777, .mtime = mtime, .origin = origin
	};

	return ohc_assembly_symlink(c->assembly, &item, target, err);
}

static int patch_of(struct ohc_component *c, const struct ohc_component_copy *how,
		    const struct ohc_component_input *from, const char *disk, const char *to,
		    struct ohc_patch *ret, char **ret_to, struct ohc_error *err)
{
	const struct ohc_elf *elf;
	bool program = how->program && strcmp(how->program, to) == 0;
	int rc = ohc_files_elf(from->files, &from->place, &elf, err);

	if (rc == 0 && c->other)
		return c->other(c->ctx, disk, ret, err);
	if (rc != 1 || !c->object)
		return rc < 0 ? rc : 0;
	return c->object(c->ctx,
			 &(struct ohc_component_object){ .item = how->item,
							 .to = to,
							 .files = from->files,
							 .path = from->place.path,
							 .disk = disk,
							 .elf = elf,
							 .program = program,
							 .ret_to = ret_to,
							 .dlopen = program ? how->dlopen : NULL },
			 ret, err);
}

int ohc_component_file(struct ohc_component *c, const struct ohc_component_copy *how,
		       const struct ohc_component_input *from, const char *to,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(from);
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	ohc_cleanup(ohc_freep) char *elsewhere = NULL;
	const struct ohc_files_node *node = &from->place.node;
	struct ohc_assembly_item item = { .path = to,
					  .mode = how->mode ? how->mode : node->mode & 07777,
					  .mtime = node->mtime,
					  .origin = disk };
	const struct ohc_content content = { .kind = OHC_CONTENT_FILE, .path = disk };
	int rc = patch_of(c, how, from, disk, to, &patch, &elsewhere, err);

	if (rc < 0)
		return rc;
	if (elsewhere)
		item.path = elsewhere;
	return ohc_assembly_file(c->assembly, &item, &content, patch.n ? &patch : NULL, err);
}

/* Directories that can be read can be entered, too. */
static mode_t dir_mode(const struct ohc_component_copy *how, mode_t mode)
{
	return how->mode ? how->mode | (how->mode & 0444) >> 2 : mode & 07777;
}

static int read_xattrs(const char *disk, struct ohc_xattrs *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(disk, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", disk);
	return ohc_xattrs_read(fd, disk, ret, err);
}

static int add_dir(const struct copying *k, const struct ohc_component_input *in, const char *to,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(in);
	ohc_cleanup(ohc_xattrs_clear) struct ohc_xattrs xattrs = OHC_XATTRS_INIT;
	struct ohc_assembly_item item = { .path = to,
					  .mode = dir_mode(k->how, in->place.node.mode),
					  .mtime = in->place.node.mtime,
					  .origin = disk };
	int rc = read_xattrs(disk, &xattrs, err);

	item.xattrs = xattrs.v;
	item.n_xattrs = xattrs.n;
	return rc < 0 ? rc : ohc_assembly_dir(k->c->assembly, &item, err);
}

bool ohc_component_leads_out(const char *prefix, const char *below, const char *target)
{
	struct ohc_path_part part;
	int depth = -1;

	if (*target == '/')
		return !ohc_path_is_in(target, prefix) || ohc_path_has_up(target);
	for (; *below; below++)
		depth += *below == '/';
	while (ohc_path_next(&target, &part)) {
		depth += part.kind == OHC_PATH_NAME ? 1 : part.kind == OHC_PATH_UP ? -1 : 0;
		if (depth < 0)
			return true;
	}
	return false;
}

static int add_led_out(const struct copying *k, const struct ohc_component_input *link,
		       const char *to, struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(link);
	struct copying inner = { k->c, k->how, &in, to, k->nested + 1 };
	int rc;

	if (!k->how->dereference)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"the symlink '%s' leads out of what is copied, to '%s': leave "
			"it out (%s), or copy what it leads to (%s)",
			disk, link->place.link, k->c->recipe->file ? "\"exclude\"" : "--exclude",
			k->c->recipe->file ? "\"dereference\": true" : "--dereference");
	rc = ohc_component_input_at(k->from, link->place.path, OHC_FILES_FOLLOW, &in, err);
	if (rc < 0)
		return rc;
	if (in.place.found != OHC_FILES_THERE && k->how->skip_dangling)
		return 0;
	if (in.place.found != OHC_FILES_THERE)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "the symlink '%s' leads to '%s', which is not there", disk,
				     link->place.link);
	if (k->nested == NESTED_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "the symlink '%s' leads round in a circle",
				     disk);
	return S_ISDIR(in.place.node.mode) ? copy_tree(&inner, err)
					   : ohc_component_file(k->c, k->how, &in, to, err);
}

static int add_symlink(const struct copying *k, const char *path, const char *to,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input link = { .files = NULL };
	ohc_cleanup(ohc_freep) char *disk = NULL;
	int rc = ohc_component_input_at(k->from, path, OHC_FILES_NOFOLLOW, &link, err);

	if (rc < 0)
		return rc;
	if (!link.place.link)
		return ohc_stamp_changed(err, "'%s'", path);
	if (ohc_component_leads_out(k->c->prefix, path + strlen(k->from->place.path),
				    link.place.link))
		return add_led_out(k, &link, to, err);
	disk = ohc_component_input_disk(&link);
	return ohc_component_symlink(k->c, to, link.place.link, link.place.node.mtime, disk, err);
}

static bool is_bytecode(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".pyc") == 0;
}

static int add_regular(const struct copying *k, const struct ohc_component_input *in,
		       const char *to, struct ohc_error *err)
{
	int rc = 0;

	if (k->how->bytecode_tag && is_bytecode(in->place.path))
		rc = ohc_component_bytecode(k->how, in, err);
	return rc ? (rc < 0 ? rc : 0) : ohc_component_file(k->c, k->how, in, to, err);
}

static int add_entry(const struct copying *k, const char *path, const struct ohc_files_node *node,
		     struct ohc_error *err)
{
	const char *below = path + strlen(k->from->place.path);
	const struct ohc_component_input in = { .files = k->from->files,
						.place = { .path = (char *)path, .node = *node },
						.dir = k->from->dir };
	ohc_cleanup(ohc_freep) char *to = NULL;
	int rc = ohc_interrupt_check(err);

	below += *below == '/';
	if (rc < 0)
		return rc;
	if ((k->how->exclude && ohc_glob_any(k->how->exclude, below)) ||
	    (k->how->more_exclude && ohc_glob_any(k->how->more_exclude, below)))
		return OHC_FILES_SKIP;
	to = ohc_xasprintf("%s/%s", k->to, below);
	if (k->how->skip_there && !S_ISDIR(node->mode) &&
	    ohc_assembly_find(k->c->assembly, to).mode != 0)
		return 0;
	if (S_ISDIR(node->mode))
		return add_dir(k, &in, to, err);
	if (S_ISLNK(node->mode))
		return add_symlink(k, path, to, err);
	if (S_ISREG(node->mode))
		return add_regular(k, &in, to, err);
	ohc_report_say(k->c->report, OHC_WARNING,
		       "'%s%s' is left out: it is no file that a layer holds", in.dir, path);
	return 0;
}

/* The content of a directory that is faulty is skipped. */
static int add_one(void *ctx, const char *path, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	const struct copying *k = ctx;
	const struct ohc_component *c = k->c;
	int rc = add_entry(k, path, node, err);

	if (rc >= 0 || !c->faults)
		return rc;
	rc = ohc_recipe_wrap(c->recipe, k->how->item->at, rc, err);
	rc = ohc_faults_keep(c->faults, rc, err);
	return rc == 0 && S_ISDIR(node->mode) ? OHC_FILES_SKIP : rc;
}

static int copy_tree(const struct copying *k, struct ohc_error *err)
{
	int rc = add_dir(k, k->from, k->to, err);

	if (rc < 0)
		return rc;
	return ohc_files_walk(k->from->files, k->from->place.path, add_one, (void *)k, err);
}

int ohc_component_copy(struct ohc_component *c, const struct ohc_component_copy *how,
		       const struct ohc_component_input *from, const char *to,
		       struct ohc_error *err)
{
	const struct copying k = { c, how, from, to, 0 };

	if (S_ISDIR(from->place.node.mode))
		return copy_tree(&k, err);
	if (S_ISREG(from->place.node.mode))
		return ohc_component_file(c, how, from, to, err);
	return ohc_error_set(err, OHC_E_FORMAT, "'%s' is neither a file nor a directory",
			     from->given);
}
