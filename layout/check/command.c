// SPDX-License-Identifier: Apache-2.0
/* Checks the command that the image starts: Entrypoint and Cmd, together (image-spec config.md). */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/path.h"
#include "layout/check/check_internal.h"
#include "layout/elf/derived.h"
#include "layout/loader/loader.h"
#include "oci/config/config.h"

/* A script's interpreter may be a script, but not for ever (fs/exec.c). */
#define SCRIPTS_MAX 4

static bool is_list(const json_t *list)
{
	return json_array_size(list) > 0;
}

/* Is the base's Entrypoint run with a command that is not the base's? */
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

/* Checks each program that is started: a script's interpreters, too. */
struct start {
	const struct ohc_check *c;
	struct ohc_user user;
	bool lacks; /* a file of the payload lacks something, which layout/check/libs.c reports
		     */
};

static void add_unknown(const struct ohc_check *c, const char *path)
{
	ohc_findings_add(c->findings, OHC_FINDING_WARNING, OHC_CHECK_UNKNOWN, path,
			 "could not be looked at: whether it can be started is not known");
}

static int check_libraries(struct start *s, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_freep) struct ohc_loader *libs = NULL;
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set loaded = OHC_LOADER_SET_INIT;
	const struct ohc_check *c = s->c;
	int rc = ohc_check_loader(c, &libs, err);

	if (rc == 0)
		rc = ohc_loader_start(libs, path, &loaded, err);
	for (size_t i = 0; rc >= 0 && i < loaded.n; i++)
		if (!loaded.v[i].elf)
			add_unknown(c, loaded.v[i].real);
	if (rc < 0 || loaded.n_missing == 0)
		return rc < 0 ? rc : 0;
	if (ohc_check_is_ours(c, path)) {
		s->lacks = true;
		return 0;
	}
	ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-library", path,
			 "cannot start: '%s', which '%s' needs, is not there",
			 loaded.missing[0].name, loaded.missing[0].needed_by);
	return 0;
}

/* libs.c reports the rest of a payload's programs. */
static int check_elf(struct start *s, const char *path, const struct ohc_elf *elf,
		     struct ohc_error *err)
{
	const struct ohc_check *c = s->c;
	char arch[OHC_ELF_ARCH_TEXT];

	if (ohc_check_is_foreign(c, elf)) {
		ohc_elf_target_text(elf, arch);
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "architecture", path,
				 "is for %s, and the image is for %s: take a payload or a base for "
				 "the other",
				 arch, c->platform.arch);
		return 0;
	}
	/* Another program than the intended one may start. */
	s->lacks |= elf->buried;
	if (ohc_check_is_ours(c, path))
		return check_libraries(s, path, err);
	if (elf->buried)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "appended-data", path,
				 OHC_CHECK_BURIED);
	if (elf->stack == OHC_ELF_STACK_EXECUTABLE)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "executable-stack", path,
				 "asks for an executable stack, which hardened kernels refuse; "
				 "patchelf --clear-execstack");
	if (elf->textrel)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "text-relocations", path,
				 "changes its own code when it is loaded, which hardened kernels "
				 "and musl refuse; build it with -fPIC");
	return check_libraries(s, path, err);
}

/* 1: an ELF file or a script; 0: the kernel cannot run it. */
static int check_format(struct start *s, const struct ohc_files_place *place, struct ohc_error *err)
{
	const struct ohc_check *c = s->c;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	struct ohc_error local = OHC_ERROR_INIT;
	const struct ohc_elf *elf = NULL;
	bool hidden;
	int rc = ohc_files_elf(c->files, place, &elf, &local);

	if (rc == -OHC_E_FORMAT)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &local, rc);
	if (rc == 1) {
		rc = check_elf(s, place->path, elf, err);
		return rc < 0 ? rc : 1;
	}
	hidden = rc == OHC_FILES_HIDDEN;
	rc = ohc_files_read(c->files, place, OHC_ELF_MAGIC_N, &head, err);
	if (rc < 0)
		return rc;
	if (hidden || (rc == 0 && head.len < 2)) {
		add_unknown(c, place->path);
		return 1;
	}
	return head.len >= 2 && memcmp(head.data, "#!", 2) == 0;
}

static int check_file(struct start *s, const char *name, const struct ohc_files_place *place,
		      unsigned int depth, struct ohc_error *err);

/* Checks what a script starts: its interpreter, or what env does. */
static int check_started(struct start *s, const char *name, const char *path, unsigned int depth,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_check_find_program_in(s->c, name, path, &place, err);

	return rc == 0 && place.found == OHC_FILES_THERE
		       ? check_file(s, name, &place, depth + 1, err)
		       : rc;
}

static int check_interpreter(struct start *s, const char *name,
			     const struct ohc_files_place *script, unsigned int depth,
			     struct ohc_error *err)
{
	const struct ohc_check *c = s->c;
	ohc_cleanup(ohc_check_script_clear) struct ohc_script line = { .interpreter = NULL };
	ohc_cleanup(ohc_freep) char *lacks = NULL;
	int rc = ohc_check_script_lacks(c, script, &lacks, err);

	if (rc < 0)
		return rc;
	if (lacks) {
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-interpreter", name, "%s",
				 lacks);
		return 0;
	}
	rc = ohc_check_script(c, script, &line, err);
	if (rc <= 0 || depth == SCRIPTS_MAX)
		return rc;
	rc = check_started(s, line.interpreter, NULL, depth, err);
	return rc == 0 && line.env.name ? check_started(s, line.env.name, line.env.path, depth, err)
					: rc;
}

/* A launcher can be started where what it starts can. */
static int check_launched(struct start *s, const char *name, const char *path, unsigned int depth,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_freep) char *program = NULL;
	const struct ohc_check *c = s->c;
	int rc = depth < SCRIPTS_MAX ? ohc_check_launched(c, path, &program, err) : 0;

	if (rc <= 0)
		return rc;
	rc = ohc_files_find(c->files, program, OHC_FILES_FOLLOW, &place, err);
	if (rc < 0)
		return rc;
	if (place.found == OHC_FILES_THERE && S_ISREG(place.node.mode))
		return check_file(s, program, &place, depth + 1, err);
	ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-missing", name,
			 "is a launcher of '%s', which is not in the image", program);
	return 0;
}

static int check_file(struct start *s, const char *name, const struct ohc_files_place *place,
		      unsigned int depth, struct ohc_error *err)
{
	const struct ohc_check *c = s->c;
	const struct ohc_user *u = &s->user;
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
	rc = check_format(s, place, err);
	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-format", name,
				 "is neither a whole ELF file nor a script whose first line begins "
				 "with '#!': no engine can start it");
	if (rc > 0)
		rc = check_interpreter(s, name, place, depth, err);
	return rc < 0 ? rc : check_launched(s, name, place->path, depth, err);
}

static const char *why_missing(const char *name, const struct ohc_files_place *place)
{
	if (place->found == OHC_FILES_THERE)
		return "is what the image starts, and is no file";
	return strchr(name, '/') ? "is what the image starts, and is not in it"
				 : "is what the image starts, and is in no directory of its PATH";
}

/* Has none of the findings from the n-th on something that is wrong or unknown? */
static bool is_fine(const struct ohc_findings *f, size_t n)
{
	for (; n < f->n; n++)
		if (f->v[n].level == OHC_FINDING_ERROR ||
		    strcmp(f->v[n].code, OHC_CHECK_UNKNOWN) == 0)
			return false;
	return true;
}

static void start_clear(struct start *s)
{
	ohc_user_clear(&s->user);
}

const char *ohc_check_first_word(const struct ohc_check *c)
{
	const json_t *argv = ohc_check_member(c->config, "Entrypoint");
	const char *name;

	if (!is_list(argv))
		argv = ohc_check_member(c->config, "Cmd");
	name = json_string_value(json_array_get(argv, 0));
	return name && *name ? name : NULL;
}

/* May a program of that name lie in a directory of a payload that was not read? */
static int may_be_unread(const struct ohc_check *c, const char *name, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *list = NULL;
	const char *path = ohc_config_get_env(c->config, "PATH");
	char *dir, *rest = NULL;
	int rc = 0;

	/* A relative path depends on a directory that may be a payload's. */
	if (strchr(name, '/'))
		return *name == '/' ? ohc_check_is_unread(c, name, err) : 1;
	list = ohc_xstrdup(path ? path : OHC_DEFAULT_PATH);
	for (dir = strtok_r(list, ":", &rest); rc == 0 && dir; dir = strtok_r(NULL, ":", &rest))
		rc = *dir == '/' ? ohc_check_is_unread(c, dir, err) : 0;
	return rc;
}

/* Tells of a command that is nowhere, whatever the payloads have that were not read. */
static int check_partly(const struct ohc_check *c, const char *name,
			const struct ohc_files_place *place, struct ohc_error *err)
{
	int rc = ohc_check_is_file(name, place) ? 1 : may_be_unread(c, name, err);

	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-missing", name, "%s",
				 why_missing(name, place));
	return rc < 0 ? rc : 0;
}

int ohc_check_command(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(start_clear) struct start s = { .c = c, .user = OHC_USER_INIT };
	const char *name = ohc_check_first_word(c);
	size_t before = c->findings->n;
	int rc;

	if (c->unread && c->unread->n) {
		rc = name ? ohc_check_find_program(c, name, &place, err) : 1;
		return rc == 0 ? check_partly(c, name, &place, err) : rc < 0 ? rc : 0;
	}
	check_entrypoint(c);
	if (!name) {
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "command-none", "Cmd",
				 "neither Cmd nor Entrypoint says what to start: whoever starts "
				 "the image must");
		return 0;
	}
	rc = ohc_check_find_program(c, name, &place, err);
	if (rc == 0)
		rc = ohc_check_read_user(c, &s.user, err);
	if (rc < 0)
		return rc;
	if (!ohc_check_is_file(name, &place))
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "command-missing", name, "%s",
				 why_missing(name, &place));
	else
		rc = check_file(&s, name, &place, 0, err);
	if (rc == 0 && !s.lacks && is_fine(c->findings, before))
		ohc_findings_add(c->findings, OHC_FINDING_OK, "command", name, "can be started");
	return rc;
}
