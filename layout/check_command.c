// SPDX-License-Identifier: Apache-2.0
/* What the image starts: Entrypoint and Cmd, together (image-spec config.md). */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/check_impl.h"
#include "layout/libs.h"

static bool is_list(const json_t *list)
{
	return json_array_size(list) > 0;
}

/* Does the base's Entrypoint stand before a command that is not the base's? */
static void check_entrypoint(const struct ohc_check *c)
{
	const json_t *entrypoint = ohc_check_member(c->config, "Entrypoint");
	const json_t *cmd = ohc_check_member(c->config, "Cmd");

	if (!c->base_config || !is_list(entrypoint) || !is_list(cmd))
		return;
	if (!json_equal((json_t *)entrypoint,
			(json_t *)ohc_check_member(c->base_config, "Entrypoint")) ||
	    json_equal((json_t *)cmd, (json_t *)ohc_check_member(c->base_config, "Cmd")))
		return;
	ohc_findings_add(c->findings, OHC_FINDING_WARNING, "entrypoint-base",
			 json_string_value(json_array_get(entrypoint, 0)),
			 "is the base's entrypoint, and gets the command as its arguments; "
			 "--entrypoint '' clears it");
}

static int check_libraries(const struct ohc_check *c, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_libs_freep) struct ohc_libs *libs = ohc_libs_new(c->files);
	ohc_cleanup(ohc_closure_clear) struct ohc_closure closure = OHC_CLOSURE_INIT;
	int rc = ohc_libs_start(libs, path, &closure, err);

	/* Those of a payload's programs are told of by check_libs.c. */
	if (rc < 0 || ohc_check_is_ours(c, path) || closure.n_missing == 0)
		return rc == -OHC_E_FORMAT || rc >= 0 ? 0 : rc;
	ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-library", path,
			 "cannot start: '%s', which '%s' needs, is not there",
			 closure.missing[0].name, closure.missing[0].needed_by);
	return 0;
}

static int check_file(const struct ohc_check *c, const char *name, const struct ohc_user *u,
		      const struct ohc_files_place *place, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *lacks = NULL;
	int rc;

	if (!(place->node.mode & 0111)) {
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-mode", name,
				 "is not executable (mode %o); chmod +x", place->node.mode & 07777);
		return 0;
	}
	rc = u->known ? ohc_check_may(c, u, place->path, X_OK, err) : 1;
	if (rc < 0)
		return rc;
	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-mode", name,
				 "may not be executed by %u:%u (mode %o, owner %u:%u, or a "
				 "directory above it)",
				 u->uid, u->gid, place->node.mode & 07777, place->node.uid,
				 place->node.gid);
	rc = ohc_check_script_lacks(c, place, &lacks, err);
	if (rc < 0)
		return rc;
	if (lacks)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-interpreter", name,
				 "is a script for '%s', which is not in the image", lacks);
	return check_libraries(c, place->path, err);
}

int ohc_check_command(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_user_clear) struct ohc_user u = { .known = false };
	const json_t *argv = ohc_check_member(c->config, "Entrypoint");
	const char *name;
	size_t before = ohc_findings_count(c->findings, OHC_FINDING_ERROR);
	int rc;

	check_entrypoint(c);
	if (!is_list(argv))
		argv = ohc_check_member(c->config, "Cmd");
	name = json_string_value(json_array_get(argv, 0));
	if (!name || !*name) {
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "command-none", "Cmd",
				 "neither Cmd nor Entrypoint says what to start: whoever starts "
				 "the image must");
		return 0;
	}
	rc = ohc_check_find_program(c, name, &place, err);
	if (rc == 0)
		rc = ohc_check_read_user(c, &u, err);
	if (rc < 0)
		return rc;
	if (place.found != OHC_FILES_THERE || S_ISDIR(place.node.mode))
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-missing", name,
				 strchr(name, '/') ? "is what the image starts, and is not in it"
						   : "is what the image starts, and is in no "
						     "directory of its PATH");
	else
		rc = check_file(c, name, &u, &place, err);
	if (rc == 0 && ohc_findings_count(c->findings, OHC_FINDING_ERROR) == before)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "command", name, "can be started");
	return rc;
}
