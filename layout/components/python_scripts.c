// SPDX-License-Identifier: Apache-2.0
/*
 * Console scripts name their interpreter in the first line, by the path that it had where they were
 * installed.  The line is changed to the interpreter of the payload: "#!/src/venv/bin/python3 -s"
 * becomes "#!/openhands/python/bin/python3.12 -s".  Where that path was too long for a first line,
 * pip and uv write a shell script instead, which names it in its second line:
 *
 *	#!/bin/sh
 *	'''exec' "/src/venv/bin/python3" "$0" "$@"
 */
#include <string.h>
#include <sys/stat.h>

#include "layout/components/python.h"

#define SCRIPT_MAX (1u << 20)

static bool is_python(const char *path, size_t n)
{
	const char *slash = memrchr(path, '/', n);
	const char *name = slash ? slash + 1 : path;
	size_t len = (size_t)(path + n - name);

	return len >= 6 && strncmp(name, "python", 6) == 0 &&
	       strspn(name + 6, "0123456789.") >= len - 6;
}

/* Finds the path of a Python interpreter that is to be replaced in the text: *ret_n bytes, or NULL.
 * "/usr/bin/env python3" stays. */
static const char *find_interpreter(const char *text, size_t *ret_n)
{
	static const char exec[] = "#!/bin/sh\n'''exec' ";
	const char *s = text;
	size_t n;

	if (strncmp(text, exec, sizeof(exec) - 1) == 0) {
		s += sizeof(exec) - 1;
		s += *s == '"';
		n = strcspn(s, "\" \n");
	} else if (strncmp(text, "#!", 2) == 0) {
		s += 2 + strspn(text + 2, " \t");
		n = strcspn(s, " \t\r\n");
	} else {
		return NULL;
	}
	*ret_n = n;
	return *s == '/' && is_python(s, n) ? s : NULL;
}

/* 1: it was a Python script, and was copied; 0: it is something else. */
static int add_script(struct ohc_python *p, const struct ohc_component_input *in, const char *to,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT, changed = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(in);
	const struct ohc_files_node *node = &in->place.node;
	const char *old;
	size_t n;
	int rc = 0;

	if (node->size <= SCRIPT_MAX)
		rc = ohc_files_read(in->files, &in->place, SCRIPT_MAX, &text, err);
	if (rc < 0)
		return rc;
	old = find_interpreter(ohc_buf_str(&text), &n);
	if (!old)
		return 0;
	ohc_buf_add(&changed, text.data, (size_t)(old - text.data));
	ohc_buf_adds(&changed, p->called);
	ohc_buf_add(&changed, old + n, text.len - (size_t)(old + n - text.data));
	rc = ohc_component_bytes(p->c, to, node->mode & 07777, node->mtime, disk, changed.data,
				 changed.len, err);
	return rc < 0 ? rc : 1;
}

struct scripts_walk {
	struct ohc_python *p;
	const struct ohc_component_input *dir;
};

/* Skips links to interpreters and scripts to be sourced (activate), which are of no use in the
 * payload. */
static int add_one(void *ctx, const char *path, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	const struct scripts_walk *w = ctx;
	struct ohc_python *p = w->p;
	const char *name = strrchr(path, '/') + 1;
	const struct ohc_component_input in = { .files = w->dir->files,
						.place = { .path = (char *)path, .node = *node },
						.dir = w->dir->dir };
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", p->bin, name);
	const struct ohc_component_copy how = { .item = p->item };
	int rc;

	if (S_ISDIR(node->mode))
		return OHC_FILES_SKIP;
	if (!S_ISREG(node->mode) || !(node->mode & 0111) || is_python(name, strlen(name)) ||
	    ohc_assembly_find(p->c->assembly, to).mode != 0)
		return 0;
	rc = add_script(p, &in, to, err);
	if (rc == 0)
		rc = ohc_component_file(p->c, &how, &in, to, err);
	return rc < 0 ? rc : 0;
}

static int add_dir(struct ohc_python *p, const struct ohc_component_input *dir,
		   struct ohc_error *err)
{
	const struct scripts_walk w = { p, dir };

	return ohc_files_walk(dir->files, dir->place.path, add_one, (void *)&w, err);
}

int ohc_python_scripts(struct ohc_python *p, const char *from, struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	int rc = ohc_component_input_find(p->c, from, &in, err);

	return rc < 0 ? rc : add_dir(p, &in, err);
}

int ohc_python_venv_scripts(struct ohc_python *p, const struct ohc_component_input *site,
			    struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *cfg =
		ohc_xasprintf("%s/../../../pyvenv.cfg", site->place.path);
	ohc_cleanup(ohc_freep) char *bin = ohc_xasprintf("%s/../../../bin", site->place.path);
	int rc = ohc_files_is(site->files, cfg, S_IFREG, err);

	if (rc <= 0)
		return rc;
	rc = ohc_component_input_at(site, bin, OHC_FILES_FOLLOW, &in, err);
	return rc < 0 || in.place.found != OHC_FILES_THERE ? rc : add_dir(p, &in, err);
}
