// SPDX-License-Identifier: Apache-2.0
/* Finds programs by name, and scripts' interpreters, as execve() and execvp() do. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
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
static int search(const struct ohc_check *c, const char *name, const char *path,
		  struct ohc_files_place *place, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place other = { .path = NULL };
	int rc = 0;

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

int ohc_check_find_program_in(const struct ohc_check *c, const char *name, const char *path,
			      struct ohc_files_place *place, struct ohc_error *err)
{
	const char *workdir = ohc_check_text(c->config, "WorkingDir");
	int rc;

	if (!path)
		path = ohc_config_get_env(c->config, "PATH");
	memset(place, 0, sizeof(*place));
	place->found = OHC_FILES_ABSENT;
	if (!strchr(name, '/'))
		return search(c, name, path ? path : OHC_DEFAULT_PATH, place, err);
	rc = look(c, *name == '/' ? "" : workdir, name, place, err);
	return rc < 0 ? rc : 0;
}

int ohc_check_find_program(const struct ohc_check *c, const char *name,
			   struct ohc_files_place *place, struct ohc_error *err)
{
	return ohc_check_find_program_in(c, name, NULL, place, err);
}

void ohc_check_script_clear(struct ohc_script *s)
{
	free(s->interpreter);
	ohc_env_line_clear(&s->env);
}

/* Busybox, which is its own env, does not know -S. */
static int read_env(const struct ohc_check *c, const char *arg, struct ohc_script *s,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place env = { .path = NULL };
	int rc = ohc_files_find(c->files, s->interpreter, OHC_FILES_FOLLOW, &env, err);

	if (rc == 0)
		ohc_env_line_read(arg, strncmp(ohc_path_name(env.path), "busybox", 7) != 0,
				  &s->env);
	return rc;
}

int ohc_check_script(const struct ohc_check *c, const struct ohc_files_place *place,
		     struct ohc_script *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	int rc = ohc_files_read(c->files, place, LINE_MAX_, &head, err);
	char *s, *arg, *end;

	*ret = (struct ohc_script){ .interpreter = NULL };
	if (rc < 0 || head.len < 2 || memcmp(head.data, "#!", 2) != 0)
		return rc < 0 ? rc : 0;
	s = head.data + 2;
	s[strcspn(s, "\n")] = '\0';
	for (end = s + strlen(s); end > s && strchr(" \t", end[-1]);)
		*--end = '\0';
	s += strspn(s, " \t");
	arg = s + strcspn(s, " \t");
	ret->interpreter = ohc_xstrndup(s, (size_t)(arg - s));
	arg += strspn(arg, " \t");
	rc = strcmp(ohc_path_name(ret->interpreter), "env") == 0 ? read_env(c, arg, ret, err) : 0;
	if (rc == 0)
		return 1;
	ohc_check_script_clear(ret);
	return rc;
}

/* "file/" is no file (path_resolution(7)), though our own lookups find it. */
bool ohc_check_is_file(const char *name, const struct ohc_files_place *place)
{
	return place->found == OHC_FILES_THERE && S_ISREG(place->node.mode) && *name &&
	       name[strlen(name) - 1] != '/';
}

static char *lack(const char *name, const char *help)
{
	return ohc_xasprintf("is a script for '%s', which is not in the image%s", name, help);
}

int ohc_check_script_lacks(const struct ohc_check *c, const struct ohc_files_place *place,
			   char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place interpreter = { .path = NULL };
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place found = { .path = NULL };
	ohc_cleanup(ohc_check_script_clear) struct ohc_script s = { .interpreter = NULL };
	const char *name;
	int rc = ohc_check_script(c, place, &s, err);

	*ret = NULL;
	if (rc <= 0)
		return rc;
	name = s.interpreter;
	rc = ohc_files_find(c->files, *name == '/' ? name : "/", OHC_FILES_FOLLOW, &interpreter,
			    err);
	if (rc < 0)
		return rc;
	if (!ohc_check_is_file(name, &interpreter)) {
		*ret = lack(name, "");
		return 0;
	}
	name = s.env.name;
	if (!name)
		return 0;
	if (s.env.whole) {
		*ret = lack(name, ": env takes all behind it for one name; with -S, GNU's env "
				  "splits it, and busybox's does not");
		return 0;
	}
	rc = ohc_check_find_program_in(c, name, s.env.path, &found, err);
	if (rc == 0 && !ohc_check_is_file(name, &found))
		*ret = lack(name, "");
	return rc;
}

int ohc_check_is_unread(const struct ohc_check *c, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(c->files, path, OHC_FILES_FOLLOW, &place, err);

	for (size_t i = 0; rc == 0 && c->unread && i < c->unread->n; i++)
		if (ohc_path_is_in(place.path, c->unread->v[i]) ||
		    ohc_path_is_in(path, c->unread->v[i]))
			return 1;
	return rc;
}
