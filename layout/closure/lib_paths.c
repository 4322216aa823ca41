// SPDX-License-Identifier: Apache-2.0
/*
 * The directories that libraries of the closure have compiled in.
 *
 * glibc, elf/dl-load.c: the default directories, each with a '/' at its end and its length counted
 * when the loader was compiled, and /etc/ld.so.cache, which ldconfig made of the base's libraries.
 * iconv/gconv_conf.c: where the converters lie, and gconv-modules.cache beside them.
 * locale/findlocale.c: where locales lie that are in no archive; the base's locale-archive is still
 * read, as its format has been the same since glibc 2.27.
 *
 * ncurses: a list of directories, the base's, and last the one that it was configured for.
 */
#include <string.h>

#include "layout/closure/closure_internal.h"
#include "layout/loader/machine.h"

#define PATHS_MAX 16

struct lib_paths {
	struct ohc_own_path v[PATHS_MAX];
	size_t n;
};

static void add(struct lib_paths *p, const struct ohc_own_path *path)
{
	p->v[p->n++] = *path;
}

static void add_loader(struct lib_paths *p, const char *lib, const char *usr_lib)
{
	static const char *const dirs[] = { "/lib64/", "/usr/lib64/", "/lib/", "/usr/lib/" };

	add(p, &(struct ohc_own_path){ .old = lib, .to = "lib/", .nowhere = "", .whole = true });
	add(p,
	    &(struct ohc_own_path){ .old = usr_lib, .to = "lib/", .nowhere = "", .whole = true });
	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++)
		add(p, &(struct ohc_own_path){ .old = dirs[i], .nowhere = "", .whole = true });
	add(p, &(struct ohc_own_path){
		       .old = "/etc/ld.so.cache", .nowhere = "ld.so.cache", .whole = true });
}

static void add_libc(struct lib_paths *p, const char *gconv)
{
	add(p, &(struct ohc_own_path){ .old = gconv, .to = "lib/gconv", .nowhere = "gconv" });
	add(p, &(struct ohc_own_path){
		       .old = "/usr/lib64/gconv", .to = "lib/gconv", .nowhere = "gconv" });
	add(p, &(struct ohc_own_path){
		       .old = "/usr/lib/gconv", .to = "lib/gconv", .nowhere = "gconv" });
	add(p,
	    &(struct ohc_own_path){ .old = "/usr/lib/locale", .to = "lib/locale", .whole = true });
}

/* The base's time zones are as good, but it may have none. */
static void add_zones(struct lib_paths *p, const struct ohc_closure *o,
		      const struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/share/zoneinfo", o->prefix);

	if (ohc_assembly_find(b, dir).mode)
		add(p,
		    &(struct ohc_own_path){ .old = "/usr/share/zoneinfo", .to = "share/zoneinfo" });
}

/* Where b has the directory. */
static void add_terminals(struct lib_paths *p, const struct ohc_closure *o,
			  const struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/" OHC_CLOSURE_TERMINALS, o->prefix);

	if (ohc_assembly_find(b, dir).mode)
		add(p, &(struct ohc_own_path){ .old = "/etc/terminfo",
					       .to = OHC_CLOSURE_TERMINALS,
					       .whole = true });
}

/* OpenSSL's directory itself is compiled in for its configuration; the certificates in it are texts
 * of their own, and stay the base's. */
static void add_openssl(struct lib_paths *p, const struct ohc_closure *o,
			const struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *file = ohc_xasprintf("%s/etc/ssl/openssl.cnf", o->prefix);

	if (!ohc_assembly_find(b, file).mode)
		return;
	add(p, &(struct ohc_own_path){
		       .old = "/usr/lib/ssl", .to = OHC_CLOSURE_OPENSSL, .whole = true });
	add(p, &(struct ohc_own_path){
		       .old = "/etc/pki/tls", .to = OHC_CLOSURE_OPENSSL, .whole = true });
}

/* Where a base has no configuration of fontconfig's, this directory is what the library looks
 * into. */
static void add_fonts(struct lib_paths *p, const struct ohc_closure *o,
		      const struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/share/fonts", o->prefix);

	if (ohc_assembly_find(b, dir).mode)
		add(p, &(struct ohc_own_path){
			       .old = "/usr/share/fonts", .to = "share/fonts", .whole = true });
}

int ohc_closure_repoint_lib(struct ohc_closure *o, const struct ohc_assembly *b, const char *name,
			    const struct ohc_elf *elf, const char *disk, struct ohc_patch *ret,
			    struct ohc_error *err)
{
	const struct ohc_machine *m = ohc_machine_of_elf(elf);
	const char *debian = m ? m->multiarch : "none";
	ohc_cleanup(ohc_freep) char *lib = ohc_xasprintf("/lib/%s/", debian);
	ohc_cleanup(ohc_freep) char *usr_lib = ohc_xasprintf("/usr/lib/%s/", debian);
	ohc_cleanup(ohc_freep) char *gconv = ohc_xasprintf("/usr/lib/%s/gconv", debian);
	struct lib_paths paths = { .n = 0 };

	if (ohc_elf_libc_of_interp(name) == OHC_LIBC_GLIBC)
		add_loader(&paths, lib, usr_lib);
	else if (strcmp(name, "libc.so.6") == 0)
		add_libc(&paths, gconv), add_zones(&paths, o, b);
	else if (strncmp(name, "libtinfo", 8) == 0 || strncmp(name, "libncurses", 10) == 0)
		add_terminals(&paths, o, b);
	else if (strncmp(name, "libcrypto.so.", 13) == 0)
		add_openssl(&paths, o, b);
	else if (strncmp(name, "libfontconfig.so.", 17) == 0)
		add_fonts(&paths, o, b);
	if (paths.n == 0)
		return 0;
	return ohc_closure_repoint(o, disk, paths.v, paths.n, ret, err);
}
