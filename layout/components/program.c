// SPDX-License-Identifier: Apache-2.0
/*
 * Copies programs.  A script is of no use without its interpreter: that goes in, too, as
 * PREFIX/bin/NAME, and the script's first line is made to name it there:
 *
 *	#!/bin/bash -e			#!/openhands/bin/bash -e
 *	#!/usr/bin/env perl		#!/openhands/bin/perl
 *	#!/usr/bin/env -S A=b perl -w	#!/openhands/bin/env -S A=b /openhands/bin/perl -w
 *
 * A Python script runs under the interpreter of the `python` component, when one came before.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/path.h"
#include "layout/components/component_internal.h"

#define SCRIPT_MAX (1u << 20)
/* An interpreter can be a script; Linux follows four of them. */
#define NESTED_MAX 4
/* Linux looks at no more. */
#define LINE_MAX_OF_KERNEL 256

static int add_one(struct ohc_component *c, const struct ohc_component_copy *how,
		   const struct ohc_component_input *in, const char *to, unsigned int nested,
		   struct ohc_error *err);

/* The first line, as the kernel splits it: an interpreter, and the rest as one argument. */
struct shebang {
	const char *name; /* in the line */
	size_t n;
	const char *rest; /* up to the end of the file, with the blank before it */

	/* An env(1) that must stay, or NULL; and the text between it and the name. */
	const char *env, *split;
	size_t n_env, n_split;
};

/* "-S A=b perl": the interpreter is the first word that is no assignment.  False where env(1) would
 * do more than split words. */
static bool find_split(const char *s, struct shebang *ret)
{
	const char *end = s + strcspn(s, "\r\n"), *word = s + 2;
	size_t n;

	for (;; word += n) {
		word += strspn(word, " \t");
		n = strcspn(word, " \t\r\n");
		if (n == 0 || word >= end || *word == '-' || strcspn(word, "'\"\\$#") < n)
			return false;
		if (!memchr(word, '=', n))
			break;
	}
	ret->env = ret->name;
	ret->n_env = ret->n;
	ret->split = ret->rest;
	ret->n_split = (size_t)(word - ret->rest);
	ret->name = word;
	ret->n = n;
	ret->rest = word + n;
	return true;
}

static bool find_shebang(const char *text, struct shebang *ret)
{
	const char *s = text + 2;

	*ret = (struct shebang){ .name = NULL };
	if (strncmp(text, "#!", 2) != 0)
		return false;
	s += strspn(s, " \t");
	ret->name = s;
	ret->n = strcspn(s, " \t\r\n");
	ret->rest = s + ret->n;
	if (ret->n > 4 && strncmp(s + ret->n - 4, "/env", 4) == 0 && *ret->rest == ' ') {
		s = ret->rest + strspn(ret->rest, " \t");
		if (strncmp(s, "-S", 2) == 0 && find_split(s, ret))
			return true;
		if (*s == '-') /* another option: only env itself is known */
			return *ret->name == '/';
		ret->name = s;
		ret->n = strcspn(s, " \t\r\n");
		ret->rest = s + ret->n;
	}
	return ret->n > 0;
}

/* Finds the interpreter by its path or, as env(1) would, by its name. */
static int find_interpreter(struct ohc_component *c, const char *name,
			    struct ohc_component_input *ret, struct ohc_error *err)
{
	static const char *const dirs[] = { "/usr/local/bin", "/usr/bin", "/bin" };

	if (*name == '/')
		return ohc_component_input_find(c, name, ret, err);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dirs[i], name);

		if (ohc_component_input_find(c, path, ret, NULL) == 0)
			return 0;
	}
	return ohc_error_set(err, OHC_E_NOT_FOUND, "there is no '%s' in the root '%s'", name,
			     *c->root_dir ? c->root_dir : "/");
}

/* ret is the interpreter's path in the image. */
static int add_interpreter(struct ohc_component *c, const struct ohc_component_copy *how,
			   const char *name, unsigned int nested, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *below = ohc_xasprintf("bin/%s", ohc_path_name(name));
	ohc_cleanup(ohc_freep) char *to = NULL;
	struct ohc_component_copy inner = { .item = how->item };
	int rc;

	if (c->python && strncmp(ohc_path_name(name), "python", 6) == 0) {
		*ret = ohc_xstrdup(c->python);
		return 0;
	}
	to = ohc_component_to(c, below);
	rc = find_interpreter(c, name, &in, err);
	if (rc < 0)
		return rc;
	inner.program = to;
	if (ohc_assembly_find(c->assembly, to).mode == 0)
		rc = add_one(c, &inner, &in, to, nested + 1, err);
	if (rc == 0)
		*ret = ohc_take(to);
	return rc;
}

static int add_script(struct ohc_component *c, const struct ohc_component_copy *how,
		      const struct ohc_component_input *in, const char *to,
		      const struct shebang *line, unsigned int nested, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xstrndup(line->name, line->n);
	ohc_cleanup(ohc_freep) char *interpreter = NULL, *split = NULL;
	ohc_cleanup(ohc_freep) char *env = line->env ? ohc_xstrndup(line->env, line->n_env) : NULL;
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(in);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	const struct ohc_files_node *node = &in->place.node;
	int rc;

	if (nested == NESTED_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is a script, and so is its interpreter, and so on",
				     disk);
	rc = add_interpreter(c, how, name, nested, &interpreter, err);
	if (rc == 0 && env)
		rc = add_interpreter(c, how, env, nested, &split, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "the script '%s'", in->given ? in->given : disk);
	ohc_buf_adds(&text, "#!");
	if (env)
		ohc_buf_addf(&text, "%s%.*s", split, (int)line->n_split, line->split);
	ohc_buf_addf(&text, "%s%s", interpreter, line->rest);
	return ohc_component_bytes(c, to, node->mode & 07777, node->mtime, disk, text.data,
				   text.len, err);
}

/* A script with more than text behind its first line, as a zipapp of Python's or OCaml's bytecode,
 * is taken as it is, and asks the base for its interpreter. */
static void tell_of_data(const struct ohc_component *c, const struct ohc_component_input *in)
{
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(in);
	ohc_cleanup(ohc_closep) int fd = open(disk, O_RDONLY | O_CLOEXEC);
	char text[LINE_MAX_OF_KERNEL + 1] = "";
	struct shebang line;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0 || !find_shebang(text, &line) ||
	    (line.n == 7 && strncmp(line.name, "/bin/sh", 7) == 0))
		return;
	ohc_report_say(
		c->report, OHC_WARNING,
		"'%s' is a script with data behind its text, which stays as it is: it is for a "
		"base with '%.*s', or for a launcher that starts the payload's own with it",
		disk, (int)line.n, line.name);
}

static bool is_for_programs(const char *dir)
{
	static const char *const dirs[] = { "/bin",      "/sbin",          "/usr/bin",
					    "/usr/sbin", "/usr/local/bin", "/usr/local/sbin" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++)
		if (strcmp(dir, dirs[i]) == 0)
			return true;
	return false;
}

/* Warns of a script that may look for its own files beside it, as maven's and npm's do. */
static void tell_of_place(const struct ohc_component *c, const struct ohc_component_input *in)
{
	ohc_cleanup(ohc_freep) char *linked = ohc_component_input_disk(in);
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(in->place.path);

	if (in->files != c->root || strcmp(linked, in->given) == 0 || is_for_programs(dir))
		return;
	ohc_report_say(c->report, OHC_WARNING,
		       "'%s' leads to the script '%s', which goes in without what lies around it: "
		       "where it needs that, copy the directory, and let a launcher start it there",
		       in->given, linked);
}

/* Changes what a script names of its directories, where that is known. */
static int lead_script(const struct ohc_component *c, const struct ohc_component_input *in,
		       struct ohc_buf *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(in);
	int rc = c->other ? c->other(c->ctx, disk, &patch, err) : 0;

	if (rc < 0 || patch.n == 0)
		return rc;
	while (text->len < patch.size)
		ohc_buf_addc(text, ' ');
	ohc_buf_truncate(text, (size_t)patch.size);
	ohc_patch_apply(&patch, 0, text->data, text->len);
	return 0;
}

/* Links to a script in the tree that it finds the rest of from where it is.  1: it does; 0; or a
 * code. */
static int add_placed(struct ohc_component *c, const struct ohc_component_input *in, const char *to,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(in);
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(to);
	ohc_cleanup(ohc_freep) char *place = NULL, *file = NULL, *target = NULL;
	int rc = c->place ? c->place(c->ctx, disk, &place, err) : 0;

	if (rc <= 0)
		return rc;
	file = ohc_xasprintf("%s/%s", c->prefix, place);
	target = ohc_component_relative(c, dir, file);
	rc = ohc_component_symlink(c, to, target, in->place.node.mtime, disk, err);
	return rc < 0 ? rc : 1;
}

static int add_one(struct ohc_component *c, const struct ohc_component_copy *how,
		   const struct ohc_component_input *in, const char *to, unsigned int nested,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct shebang line;
	int rc = 0;

	/* Bytes behind a NUL would be lost; a script has none. */
	if (in->place.node.size <= SCRIPT_MAX)
		rc = ohc_files_read(in->files, &in->place, SCRIPT_MAX, &text, err);
	if (rc < 0)
		return rc;
	if (in->place.node.size > SCRIPT_MAX || memchr(ohc_buf_str(&text), '\0', text.len)) {
		tell_of_data(c, in);
		return ohc_component_file(c, how, in, to, err);
	}
	if (!c->object || !find_shebang(ohc_buf_str(&text), &line))
		return ohc_component_file(c, how, in, to, err);
	rc = add_placed(c, in, to, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = lead_script(c, in, &text, err);
	if (rc == 0)
		tell_of_place(c, in);
	if (rc == 0 && find_shebang(ohc_buf_str(&text), &line))
		rc = add_script(c, how, in, to, &line, nested, err);
	return rc;
}

int ohc_component_program(struct ohc_component *c, const struct ohc_recipe_item *item,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *to = NULL, *below = NULL;
	struct ohc_component_copy how = { .item = item, .dlopen = &item->dlopen };
	int rc = ohc_component_input_find(c, item->from, &in, err);

	if (rc < 0)
		return rc;
	if (!S_ISREG(in.place.node.mode) || !(in.place.node.mode & 0111))
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is no program: %s", in.given,
				     S_ISREG(in.place.node.mode) ? "it may not be executed"
								 : "it is no regular file");
	below = item->to && *item->to ? ohc_xstrdup(item->to)
				      : ohc_xasprintf("bin/%s", ohc_path_name(item->from));
	to = ohc_component_to(c, below);
	how.program = to;
	return add_one(c, &how, &in, to, 0, err);
}
