// SPDX-License-Identifier: Apache-2.0
/* Learns about a payload from its ELF files. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/path.h"
#include "layout/elf/derived.h"
#include "layout/elf/edit.h"
#include "layout/elf/stack_code.h"
#include "layout/launcher/binary.h"
#include "layout/loader/machine.h"
#include "layout/python/requirement.h"

static void raise_version(char **highest, const struct ohc_elf *elf, const char *prefix)
{
	const char *need = ohc_elf_highest_need(elf, prefix);

	if (!need || (*highest && ohc_elf_version_compare(need, *highest) <= 0))
		return;
	free(*highest);
	*highest = ohc_xstrdup(need);
}

/* Leaves a file for another platform as it is, unless it was asked for by its name. */
static int leave_alone(const struct ohc_contents *p, const struct ohc_component_object *o,
		       const char *is, const char *wanted, struct ohc_error *err)
{
	if (o->program)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is a program for %s, and the payload one for %s: pack "
				     "one payload for each platform",
				     o->disk, is, wanted);
	ohc_report_say(p->o->push.report, OHC_WARNING,
		       "'%s' is for %s, not for %s: it is taken as it is", o->disk, is, wanted);
	return 0;
}

/* 1: it is for this payload's platform; 0: a single file for another one, which is left as it
 * is. */
static int check_platform(struct ohc_contents *p, const struct ohc_component_object *o,
			  struct ohc_error *err)
{
	const char *arch = ohc_elf_arch(o->elf), *system = ohc_elf_system(o->elf);
	char text[OHC_ELF_ARCH_TEXT];

	/* An interpreter's bytecode, as Guile's, may be in ELF files. */
	if (o->elf->machine == EM_NONE && !o->program)
		return 0;
	if (system)
		return leave_alone(p, o, system, "Linux", err);
	if (!p->platform_known && arch) {
		ohc_platform_set(&p->platform, "linux", arch, "");
		p->platform_known = true;
	}
	if (arch && strcmp(arch, p->platform.arch) == 0) {
		p->component.machine = ohc_python_machine(arch);
		return 1;
	}
	return leave_alone(p, o, ohc_elf_arch_text(o->elf, text), p->platform.arch, err);
}

/* The same of its C library, where it would get that from the root. */
static int check_libc(struct ohc_contents *p, const struct ohc_component_object *o,
		      struct ohc_error *err)
{
	static const char *const names[] = { [OHC_LIBC_GLIBC] = "glibc", [OHC_LIBC_MUSL] = "musl" };
	const enum ohc_libc libc = ohc_elf_libc(o->elf);
	int rc;

	if (!p->own_libs || libc == OHC_LIBC_UNKNOWN || p->root_libc == OHC_LIBC_UNKNOWN ||
	    libc == p->root_libc)
		return 1;
	rc = o->elf->interp ? ohc_files_is(p->root, o->elf->interp, S_IFREG, err) : 0;
	return rc != 0 ? rc : leave_alone(p, o, names[libc], names[p->root_libc], err);
}

/* Its shell says it: of a second C library the loader may be there, too. */
int ohc_contents_root_libc(struct ohc_contents *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	const struct ohc_elf *elf = NULL;
	int rc = ohc_files_find(p->root, "/bin/sh", OHC_FILES_FOLLOW, &place, err);

	if (rc == 0 && place.found == OHC_FILES_THERE && S_ISREG(place.node.mode))
		rc = ohc_files_elf(p->root, &place, &elf, NULL);
	p->root_libc = rc == 1 ? ohc_elf_libc(elf) : OHC_LIBC_UNKNOWN;
	if (p->root_libc != OHC_LIBC_UNKNOWN)
		return 0;
	return ohc_machine_libc_of(p->root, &p->root_libc, err);
}

/* A mark for an executable stack is taken away where it is there by mistake. */
static int check_stack(const struct ohc_contents *p, const char *disk, const struct ohc_elf *elf,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = -1;
	int rc = 1;

	if (elf->stack != OHC_ELF_STACK_EXECUTABLE)
		return 0;
	/* A layer that exists already stays as it is. */
	if (p->kind == OHC_CONTENTS_RECIPE) {
		fd = open(disk, O_RDONLY | O_CLOEXEC);
		rc = fd < 0 ? ohc_error_sys(err, "cannot open '%s'", disk)
			    : ohc_elf_stack_code(fd, disk, elf, err);
	}
	if (rc == 1)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' wants an executable stack, which glibc 2.41 and hardened kernels "
			"refuse: build it without, or clear its mark (patchelf "
			"--clear-execstack) where it is there by mistake",
			disk);
	if (rc == 0)
		ohc_report_say(p->o->push.report, OHC_NOTICE,
			       "'%s' asks for an executable stack and puts no code there: it is "
			       "packed without that mark, which glibc 2.41 refuses",
			       disk);
	return rc;
}

/* Prepares a file that gets no libraries of its own. */
static int clear_stack(const struct ohc_component_object *o, struct ohc_patch *ret,
		       struct ohc_error *err)
{
	const struct ohc_elf_edit want = { .clear_exec_stack = true };
	ohc_cleanup(ohc_closep) int fd = -1;

	if (o->elf->stack != OHC_ELF_STACK_EXECUTABLE)
		return 0;
	fd = open(o->disk, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", o->disk);
	return ohc_elf_edit_fd(fd, o->disk, &want, ret, err);
}

static void note_interpreter(struct ohc_contents *p, const struct ohc_elf *elf)
{
	enum ohc_libc libc = ohc_elf_libc(elf);

	if (libc != OHC_LIBC_UNKNOWN && p->libc == OHC_LIBC_UNKNOWN)
		p->libc = libc;
	p->needs |= elf->needed.n > 0;
	/* A libc has an interpreter, too, because it can be started, but it is no program here. */
	if (!elf->interp || !ohc_elf_is_program(elf))
		return;
	if (ohc_path_below(elf->interp, p->prefix))
		p->own = true;
	else
		p->foreign = true;
}

/* After a file that could not be looked at the labels promise nothing, so that push reads the files
 * itself. */
void ohc_contents_hidden(struct ohc_contents *p, const char *path)
{
	ohc_report_say(
		p->o->push.report, OHC_WARNING,
		"'%s' is an ELF file that could not be looked at: it is taken as it is, and may "
		"need "
		"something of the base",
		path);
	p->hidden = true;
}

/* Gives a program PREFIX/bin/NAME a launcher of that name, which lets the payload's loader start it
 * in PREFIX/libexec.  It keeps its bytes. */
static int put_loading(struct ohc_contents *p, const struct ohc_component_object *o,
		       const char *name, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv args = OHC_STRV_INIT;
	ohc_cleanup(ohc_freep) char *loader =
		ohc_xasprintf("lib/%s", ohc_path_name(o->elf->interp));
	ohc_cleanup(ohc_freep) char *place = ohc_xasprintf("$PREFIX/libexec/%s", name);

	ohc_strv_add(&args, "--argv0");
	ohc_strv_add(&args, place);
	ohc_strv_add(&args, "--library-path");
	ohc_strv_add(&args, "$PREFIX/lib");
	ohc_strv_add(&args, place);
	return ohc_launchers_put(&p->launchers, name, NULL, loader, &args, err);
}

/* Finds another way to start a program that cannot be edited: is there one? */
static bool load_instead(struct ohc_contents *p, const struct ohc_component_object *o)
{
	ohc_cleanup(ohc_freep) char *bin = ohc_xasprintf("%s/bin", p->prefix);
	const char *name = ohc_path_below(o->to, bin);

	if (!o->program || !name || strchr(name, '/') ||
	    ohc_closure_can_load(p->own_libs, o->elf, o->disk, NULL) != 1 ||
	    put_loading(p, o, name, NULL) < 0)
		return false;
	*o->ret_to = ohc_xasprintf("%s/libexec/%s", p->prefix, name);
	ohc_report_say(p->o->push.report, OHC_NOTICE,
		       "'%s' cannot be edited, and keeps its bytes: the launcher '%s' lets the "
		       "payload's loader start it",
		       o->disk, o->to);
	return true;
}

/* Files below the recipe's directory are not in the root, unless the root is "/". */
static int join_closure(struct ohc_contents *p, const struct ohc_component_object *o,
			struct ohc_patch *ret, struct ohc_error *err)
{
	const bool rooted = o->files == p->root || !*p->root_dir;
	const struct ohc_own_object object = { .to = o->to,
					       .path = rooted ? o->path : NULL,
					       .disk = o->disk,
					       .elf = o->elf,
					       .dlopen = o->dlopen };
	struct ohc_error why = OHC_ERROR_INIT;
	const void *helper;
	size_t n;
	int rc;

	if (o->elf->pyinstaller && ohc_launcher_frozen(p->platform.arch, &helper, &n))
		ohc_closure_thaw_with(p->own_libs, OHC_LAUNCHER_FROZEN, helper, n);
	rc = ohc_closure_object(p->own_libs, &object, ret, &why);
	if (rc == -OHC_E_UNSUPPORTED && load_instead(p, o))
		return 0;
	return rc < 0 ? ohc_error_copy(err, &why, rc) : 0;
}

int ohc_contents_object(void *ctx, const struct ohc_component_object *o, struct ohc_patch *ret,
			struct ohc_error *err)
{
	struct ohc_contents *p = ctx;
	struct ohc_pack_layer *layer = &p->layers[p->n - 1];
	int rc = o->elf->type == OHC_ELF_REL ? 0 : check_platform(p, o, err);

	if (rc == 1)
		rc = check_libc(p, o, err);
	if (rc <= 0)
		return rc;
	rc = check_stack(p, o->disk, o->elf, err);
	if (rc < 0)
		return rc;
	raise_version(&p->label.glibc, o->elf, "GLIBC_");
	raise_version(&p->label.glibcxx, o->elf, "GLIBCXX_");
	note_interpreter(p, o->elf);
	if (ohc_elf_is_program(o->elf))
		ohc_strv_add(&layer->programs, o->to);
	rc = p->own_libs ? join_closure(p, o, ret, err) : clear_stack(o, ret, err);
	return rc < 0 ? rc : 0;
}

int ohc_contents_other(void *ctx, const char *disk, struct ohc_patch *ret, struct ohc_error *err)
{
	struct ohc_contents *p = ctx;
	int rc = ohc_closure_is_script(disk) ? ohc_closure_script(p->own_libs, disk, ret, err)
					     : ohc_closure_text(p->own_libs, disk, ret, err);

	return rc < 0 ? rc : 0;
}

int ohc_contents_place(void *ctx, const char *disk, char **ret, struct ohc_error *err)
{
	struct ohc_contents *p = ctx;

	return ohc_closure_place(p->own_libs, disk, ret, err);
}

/* Files that no launcher has to lead to, where what is compiled in does. */
static void note_known(struct ohc_contents *p)
{
	static const struct {
		const char *place, *file;
	} known[] = {
		{ "lib/locale", "lib/locale" },
		{ "etc/ssl", "etc/ssl/openssl.cnf" },
		{ "share/git-core/templates", "share/git-core/templates" },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(known); i++)
		if (ohc_closure_leads_to(p->own_libs, known[i].place))
			ohc_strv_add(&p->launchers.known, known[i].file);
}

int ohc_contents_libraries(struct ohc_contents *p, struct ohc_error *err)
{
	struct ohc_pack_layer *layer = &p->layers[p->n - 1];
	const struct ohc_own_lib *list;
	const struct ohc_strv *settings;
	size_t n;
	int rc = ohc_contents_search(p, err);

	list = ohc_closure_list(p->own_libs, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		ohc_cleanup(ohc_freep) char *disk = NULL;

		ohc_strv_take(&layer->libraries,
			      ohc_xasprintf("%s/lib/%s", p->prefix, list[i].name));
		ohc_strv_add(&layer->needed_by, list[i].needed_by);
		if (!list[i].elf)
			continue;
		raise_version(&p->label.glibc, list[i].elf, "GLIBC_");
		raise_version(&p->label.glibcxx, list[i].elf, "GLIBCXX_");
		disk = ohc_xasprintf("%s%s", p->root_dir, list[i].path);
		rc = list[i].link ? 0 : check_stack(p, disk, list[i].elf, err);
		rc = ohc_faults_keep(&p->faults, rc, err);
	}
	if (rc == 0)
		rc = ohc_closure_add(p->own_libs, p->assemblies[p->n - 1], err);
	if (rc == 0)
		note_known(p);
	ohc_contents_tell_compiled(p);
	settings = ohc_closure_settings(p->own_libs);
	for (size_t i = 0; i < settings->n; i++)
		ohc_strv_add(&p->launchers.common, settings->v[i]);
	return rc;
}

/* Only a closure has looked for every library; a tree that has its own loader may lack some. */
void ohc_contents_label(struct ohc_contents *p)
{
	static const enum ohc_payload_libc of_base[] = { [OHC_LIBC_UNKNOWN] = OHC_PAYLOAD_UNKNOWN,
							 [OHC_LIBC_GLIBC] = OHC_PAYLOAD_GLIBC,
							 [OHC_LIBC_MUSL] = OHC_PAYLOAD_MUSL };

	if (p->hidden || (p->own && !p->foreign && !p->own_libs))
		p->label.libc = OHC_PAYLOAD_UNKNOWN;
	else if (!p->needs && !p->foreign && !p->own)
		p->label.libc = OHC_PAYLOAD_NONE;
	else
		p->label.libc = p->own_libs ? OHC_PAYLOAD_OWN : of_base[p->libc];
}
