// SPDX-License-Identifier: Apache-2.0
/*
 * Finds directories elsewhere that a site-packages directory names: by lines of *.pth files
 * (Python's site module), as `pip install -e` leaves them.  They are on the machine where it was
 * installed.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/components/python.h"

#define PTH_MAX (64 * 1024)

struct pth_look {
	const struct ohc_component *c;
	const struct ohc_component_input *dir;
};

static void say(const struct pth_look *l, const char *path, const char *what)
{
	ohc_report_say(
		l->c->report, OHC_WARNING,
		"'%s%s' takes in %s, which will not be there: install that as a package, not "
		"editable (pip install -e)",
		l->dir->dir, path, what);
}

static int look_at(void *ctx, const char *name, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	const struct pth_look *l = ctx;
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", l->dir->place.path, name);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	size_t n = strlen(name);
	char *line, *rest = NULL;
	int rc;

	if (n < 5 || strcmp(name + n - 4, ".pth") != 0 || !S_ISREG(node->mode))
		return 0;
	rc = ohc_files_read_path(l->dir->files, path, PTH_MAX, &text, err);
	if (rc < 0 || !text.data)
		return rc < 0 ? rc : 0;
	for (line = strtok_r(text.data, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		ohc_cleanup(ohc_freep) char *what = NULL;

		if (strncmp(line, "import __editable__", 19) == 0)
			what = ohc_xstrdup("a source tree");
		else if (*line == '/' && !ohc_path_is_in(line, l->c->prefix))
			what = ohc_xasprintf("'%s'", line);
		if (what)
			say(l, path, what);
	}
	return 0;
}

int ohc_python_look_at_pth(const struct ohc_python *p, const struct ohc_component_input *site,
			   struct ohc_error *err)
{
	struct pth_look l = { p->c, site };

	return ohc_files_list(site->files, site->place.path, look_at, &l, err);
}
