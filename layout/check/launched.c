// SPDX-License-Identifier: Apache-2.0
/* Finds what a launcher starts, by the line of its name (ohcompose-launchers(5)). */
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/check/check_internal.h"
#include "layout/launcher/launchers.h"
#include "layout/launcher/line.h"

/* The program of a launcher's line: the first word that is no setting.  NULL: there is none, or it
 * depends on how the launcher is called.  The caller frees it. */
static char *program_of(char *line, const char *prefix)
{
	struct ohc_setting s;
	char *word = NULL;
	enum ohc_line rc;

	do
		rc = ohc_line_word(&line, &word);
	while (rc == OHC_LINE_WORD && ohc_line_setting(word, &s));
	if (rc != OHC_LINE_WORD)
		return NULL;
	if (strchr(strncmp(word, "$PREFIX/", 8) == 0 ? word + 1 : word, '$'))
		return NULL;
	return ohc_launchers_program(word, prefix);
}

static char *find_line(char *text, const char *name, const char *prefix)
{
	size_t n = strlen(name);
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			return program_of(line + n + 1, prefix);
	return NULL;
}

int ohc_check_launched(const struct ohc_check *c, const char *path, char **ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *bin = ohc_path_parent(path);
	ohc_cleanup(ohc_freep) char *prefix = ohc_path_parent(bin);
	ohc_cleanup(ohc_freep) char *file = ohc_xasprintf("%s/" OHC_LAUNCHERS_FILE, prefix);
	int rc;

	*ret = NULL;
	if (strcmp(ohc_path_name(bin), "bin") != 0)
		return 0;
	rc = ohc_files_find(c->files, file, OHC_FILES_FOLLOW, &place, err);
	if (rc < 0 || place.found != OHC_FILES_THERE || !S_ISREG(place.node.mode) ||
	    place.node.size > OHC_LAUNCHERS_MAX)
		return rc < 0 ? rc : 0;
	rc = ohc_files_read(c->files, &place, OHC_LAUNCHERS_MAX, &text, err);
	if (rc >= 0 && text.len)
		*ret = find_line(text.data, ohc_path_name(path), prefix);
	return rc < 0 ? rc : *ret != NULL;
}
