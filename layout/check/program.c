// SPDX-License-Identifier: Apache-2.0
/* Finds programs by name, and scripts' interpreters, as execve() and execvp() do. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "layout/check/check_internal.h"
#include "oci/config/config.h"

/* The kernel reads no more of a first line (BINPRM_BUF_SIZE). */
#define LINE_MAX_ 256

static int look(const struct ohc_check *c, const char *dir, const char *name,
		struct ohc_files_place *place, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dir, name);
	int rc;

	ohc_files_place_clear(place);
	rc = ohc_files_find(c->files, path, OHC_FILES_FOLLOW, place, err);
	return rc < 0 ? rc : place->found == OHC_FILES_THERE && S_ISREG(place->node.mode);
}

/* Skips files that nobody may execute, and returns one only where there is nothing else. */
static int search(const struct ohc_check *c, const char *name, struct ohc_files_place *place,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place other = { .path = NULL };
	const char *path = ohc_config_get_env(c->config, "PATH");
	int rc = 0;

	if (!path)
		path = OHC_DEFAULT_PATH;
	while (rc == 0 && *path) {
		size_t n = strcspn(path, ":");
		ohc_cleanup(ohc_freep) char *dir = ohc_xstrndup(path, n);

		if (*dir == '/')
			rc = look(c, dir, name, place, err);
		if (rc > 0 && !(place->node.mode & 0111)) {
			rc = 0;
			ohc_files_place_clear(&other);
			other = *place;
			memset(place, 0, sizeof(*place));
			place->found = OHC_FILES_ABSENT;
		}
		path += n;
		path += *path == ':';
	}
	if (rc == 0) {
		ohc_files_place_clear(place);
		*place = other;
		memset(&other, 0, sizeof(other));
		if (!place->path)
			place->found = OHC_FILES_ABSENT;
	}
	return rc < 0 ? rc : 0;
}

int ohc_check_find_program(const struct ohc_check *c, const char *name,
			   struct ohc_files_place *place, struct ohc_error *err)
{
	const char *workdir = ohc_check_text(c->config, "WorkingDir");
	int rc;

	memset(place, 0, sizeof(*place));
	place->found = OHC_FILES_ABSENT;
	if (!strchr(name, '/'))
		return search(c, name, place, err);
	rc = look(c, *name == '/' ? "" : workdir, name, place, err);
	return rc < 0 ? rc : 0;
}

/* In "#! /usr/bin/env -S name args", env looks for `name`. */
static char *env_name(const char *interpreter, const char *args)
{
	const char *base = strrchr(interpreter, '/');

	if (!base || strcmp(base, "/env") != 0)
		return NULL;
	for (args += strspn(args, " \t"); *args; args += strspn(args, " \t")) {
		size_t n = strcspn(args, " \t");

		if (*args != '-' && !memchr(args, '=', n))
			return ohc_xstrndup(args, n);
		args += n;
	}
	return NULL;
}

int ohc_check_script(const struct ohc_check *c, const struct ohc_files_place *place,
		     char **ret_interpreter, char **ret_name, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	int rc = ohc_files_read(c->files, place, LINE_MAX_, &head, err);
	char *s;
	size_t n;

	if (rc < 0 || head.len < 2 || memcmp(head.data, "#!", 2) != 0)
		return rc < 0 ? rc : 0;
	s = head.data + 2;
	s[strcspn(s, "\n")] = '\0';
	s += strspn(s, " \t");
	n = strcspn(s, " \t");
	*ret_interpreter = ohc_xstrndup(s, n);
	*ret_name = env_name(*ret_interpreter, s + n);
	return 1;
}

int ohc_check_script_lacks(const struct ohc_check *c, const struct ohc_files_place *place,
			   char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place found = { .path = NULL };
	ohc_cleanup(ohc_freep) char *interpreter = NULL, *name = NULL;
	int rc = ohc_check_script(c, place, &interpreter, &name, err);

	*ret = NULL;
	if (rc <= 0)
		return rc;
	if (*interpreter != '/') {
		*ret = ohc_take(interpreter);
		return 0;
	}
	rc = ohc_files_is(c->files, interpreter, S_IFREG, err);
	if (rc == 0)
		*ret = ohc_take(interpreter);
	if (rc <= 0 || !name)
		return rc < 0 ? rc : 0;
	rc = ohc_check_find_program(c, name, &found, err);
	if (rc == 0 && found.found != OHC_FILES_THERE)
		*ret = ohc_take(name);
	return rc;
}
