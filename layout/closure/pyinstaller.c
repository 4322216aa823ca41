// SPDX-License-Identifier: Apache-2.0
/*
 * Programs of PyInstaller's.  They unpack their libraries into a directory that they put into
 * LD_LIBRARY_PATH, and leave the C library to the machine.  The RPATH of PREFIX/lib would come
 * before that directory, so they get a directory with nothing in it but the C library.  Even that
 * does not help an unpacked library with a RUNPATH of its own (as libpython often is), which no
 * RPATH is searched for; so the program itself needs the parts of the C library: libraries that
 * need them later find them loaded.
 */
#include <string.h>

#include "layout/closure/closure_internal.h"

/* The parts of the C library in PyInstaller's _unix_excludes that other libraries need. */
static const char *const needed[] = {
	"libm.so.6",    "libdl.so.2",  "libpthread.so.0", "librt.so.1",
	"libutil.so.1", "libanl.so.1", "libcrypt.so.1",   "libresolv.so.2",
};

/* Libraries that the C library opens by name. */
static const char *const opened[] = { "libc.so.6", "libnss_files.so.2", "libnss_dns.so.2",
				      "libgcc_s.so.1" };

void ohc_closure_bare(const struct ohc_elf *elf, struct ohc_elf *ret_bare,
		      struct ohc_loader_set *ret)
{
	*ret_bare = (struct ohc_elf){ .bits = elf->bits,
				      .big_endian = elf->big_endian,
				      .machine = elf->machine,
				      .type = OHC_ELF_EXEC,
				      .flags = elf->flags };
	ohc_loader_bare(ret_bare, ohc_elf_libc(elf), ret);
}

int ohc_closure_thaw(struct ohc_closure *o, const struct ohc_elf *elf, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	struct ohc_elf bare;
	int rc = 0;

	if (o->frozen.n)
		return 0;
	ohc_closure_bare(elf, &bare, &c);
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(needed); i++) {
		size_t missing = c.n_missing;

		rc = ohc_loader_add(o->libs, &c, needed[i], 0, err);
		if (rc == 0 && c.n_missing == missing) {
			ohc_strv_add(&o->unfrozen, needed[i]);
			ohc_strv_add(&o->frozen, needed[i]);
			ohc_strv_add(&o->frozen_needs, needed[i]);
		}
	}
	/* musl gives a library's initializer no environment. */
	if (o->helper && ohc_elf_libc(elf) == OHC_LIBC_GLIBC)
		ohc_strv_add(&o->frozen_needs, o->helper);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(opened); i++)
		ohc_strv_add(&o->frozen, opened[i]);
	return rc;
}

void ohc_closure_thaw_with(struct ohc_closure *o, const char *name, const void *bytes, size_t n)
{
	o->helper = name;
	o->helper_bytes = bytes;
	o->helper_size = n;
}

static int add_helper(const struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *to = NULL;

	if (!o->helper || !ohc_strv_has(&o->frozen_needs, o->helper))
		return 0;
	to = ohc_xasprintf("%s/" OHC_CLOSURE_FROZEN "/%s", o->dir, o->helper);
	return ohc_assembly_file(b, &(struct ohc_assembly_item){ to, 0755, 0, o->helper, NULL, 0 },
				 &(struct ohc_content){ .kind = OHC_CONTENT_BYTES,
							.bytes = o->helper_bytes,
							.size = o->helper_size },
				 NULL, err);
}

static bool is_among(const struct ohc_closure *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->v[i].name, name) == 0 || ohc_strv_has(&o->v[i].other_names, name))
			return true;
	return false;
}

int ohc_closure_add_frozen(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	int rc = add_helper(o, b, err);

	for (size_t i = 0; rc == 0 && i < o->frozen.n; i++) {
		const char *name = o->frozen.v[i];
		ohc_cleanup(ohc_freep) char *to =
			ohc_xasprintf("%s/" OHC_CLOSURE_FROZEN "/%s", o->dir, name);
		ohc_cleanup(ohc_freep) char *target = ohc_xasprintf("../%s", name);

		if (is_among(o, name))
			rc = ohc_assembly_symlink(
				b, &(struct ohc_assembly_item){ to, 0777, 0, name, NULL, 0 },
				target, err);
	}
	return rc;
}
