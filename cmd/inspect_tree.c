// SPDX-License-Identifier: Apache-2.0
#include "cmd/inspect_tree.h"

#include <string.h>
#include <sys/stat.h>

#include "cmd/printable.h"
#include "core/base64.h"
#include "oci/documents/json.h"

struct tree {
	FILE *out;
	const struct ohc_descriptor *layers;
	const char *before; /* the next object: what stands between it and the last */
};

static const struct type {
	mode_t mode;
	char letter;
	const char *name;
} types[] = {
	{ S_IFREG, '-', "file" },      { S_IFDIR, 'd', "directory" }, { S_IFLNK, 'l', "symlink" },
	{ S_IFCHR, 'c', "character" }, { S_IFBLK, 'b', "block" },     { S_IFIFO, 'p', "fifo" },
	{ S_IFSOCK, 's', "socket" },
};

static const struct type *type_of(mode_t mode)
{
	size_t i = 0;

	while (i + 1 < OHC_ARRAY_SIZE(types) && types[i].mode != (mode & S_IFMT))
		i++;
	return &types[i];
}

/* As ls -l has it: an 's' or 't' stands in the place of the 'x', large where there is none. */
static void mode_text(mode_t mode, char text[11])
{
	static const struct {
		mode_t bit;
		size_t at;
		char with_x, without;
	} special[] = { { S_ISUID, 3, 's', 'S' },
			{ S_ISGID, 6, 's', 'S' },
			{ S_ISVTX, 9, 't', 'T' } };

	text[0] = type_of(mode)->letter;
	for (size_t i = 0; i < 9; i++)
		text[i + 1] = mode & (0400u >> i) ? "rwx"[i % 3] : '-';
	for (size_t i = 0; i < OHC_ARRAY_SIZE(special); i++)
		if (mode & special[i].bit)
			text[special[i].at] =
				text[special[i].at] == 'x' ? special[i].with_x : special[i].without;
	text[10] = '\0';
}

/* When no layer has an entry for the root, it comes from no layer. */
static bool is_nobodys(const char *path, const struct ohc_file *f)
{
	return f->implied && path[1] == '\0';
}

static int line(void *ctx, const char *path, const struct ohc_file *f)
{
	const struct tree *t = ctx;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char mode[11], owner[32], size[24] = "-", layer[12] = "-";

	mode_text(f->mode, mode);
	snprintf(owner, sizeof(owner), "%u:%u", f->uid, f->gid);
	if (S_ISREG(f->mode))
		snprintf(size, sizeof(size), "%llu", (unsigned long long)f->size);
	if (!is_nobodys(path, f))
		snprintf(layer, sizeof(layer), "%u", f->layer);
	ohc_printable(&text, path);
	if (f->link) {
		ohc_buf_adds(&text, " -> ");
		ohc_printable(&text, f->link);
	}
	fprintf(t->out, "%s %9s %10s %3s %s\n", mode, owner, size, layer, ohc_buf_str(&text));
	return ferror(t->out);
}

/* Names are bytes, JSON's strings are not: a name that is not UTF-8 is given in base64 as well. */
static void set_bytes(json_t *o, const char *key, const char *key_base64, const char *bytes)
{
	json_t *text = json_string(bytes);

	json_object_set_new(o, key, text ? text : ohc_json_text_value(bytes));
	if (!text) {
		ohc_cleanup(ohc_freep) char *base64 = ohc_base64_encode(bytes, strlen(bytes));

		json_object_set_new(o, key_base64, json_string(base64));
	}
}

static int object(void *ctx, const char *path, const struct ohc_file *f)
{
	struct tree *t = ctx;
	ohc_cleanup(ohc_json_decref) json_t *o = json_object();
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *text = NULL;
	char mode[8];

	snprintf(mode, sizeof(mode), "%04o", f->mode & 07777);
	set_bytes(o, "path", "pathBase64", path);
	json_object_set_new(o, "type", json_string(type_of(f->mode)->name));
	json_object_set_new(o, "mode", json_string(mode));
	json_object_set_new(o, "uid", json_integer(f->uid));
	json_object_set_new(o, "gid", json_integer(f->gid));
	if (S_ISREG(f->mode))
		json_object_set_new(o, "size", json_integer((json_int_t)f->size));
	json_object_set_new(o, "mtime", json_integer(f->mtime));
	if (f->link)
		set_bytes(o, "target", "targetBase64", f->link);
	if (!S_ISDIR(f->mode))
		json_object_set_new(o, "inode", json_integer(f->id));
	if (!is_nobodys(path, f)) {
		json_object_set_new(o, "layer", json_integer(f->layer));
		json_object_set_new(o, "digest", json_string(t->layers[f->layer].digest));
	}
	text = ohc_json_text(o);
	ohc_printable_json(&line, text);
	fprintf(t->out, "%s%s", t->before, ohc_buf_str(&line));
	t->before = ",\n";
	return ferror(t->out);
}

static void walk(struct tree *t, const struct ohc_rootfs *fs, ohc_rootfs_fn fn)
{
	struct ohc_rootfs_place root;

	ohc_rootfs_find(fs, "/", OHC_NOFOLLOW, &root);
	if (fn(t, "/", &root.file) == 0)
		ohc_rootfs_walk(fs, "/", fn, t);
	ohc_rootfs_place_clear(&root);
}

void ohc_inspect_tree(FILE *out, const struct ohc_rootfs *fs)
{
	struct tree t = { .out = out };

	walk(&t, fs, line);
}

void ohc_inspect_tree_json(FILE *out, const struct ohc_rootfs *fs,
			   const struct ohc_descriptor *layers)
{
	struct tree t = { .out = out, .layers = layers, .before = "[" };

	walk(&t, fs, object);
	fprintf(out, "]\n");
}
