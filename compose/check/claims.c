// SPDX-License-Identifier: Apache-2.0
#include "compose/check/claims.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/elf/derived.h"
#include "layout/loader/machine.h"

#define WAY_OUT "give the payload its own (ohcompose pack --closure), or take another base"

/* The highest version that a library beside the loader has; "" where there is no such library, or
 * it tells none. */
static int highest(struct ohc_files *files, const char *loader, const char *library,
		   const char *prefix, char ret[32], struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place found = { .path = NULL };
	ohc_cleanup(ohc_freep) char *path = NULL;
	const struct ohc_elf *elf = NULL;
	const char *version = NULL;
	int rc = ohc_files_find(files, loader, OHC_FILES_FOLLOW, &place, err);

	*ret = '\0';
	if (rc < 0)
		return rc;
	path = ohc_xasprintf("%.*s/%s", (int)(strrchr(place.path, '/') - place.path), place.path,
			     library);
	rc = ohc_files_find(files, path, OHC_FILES_FOLLOW, &found, err);
	if (rc < 0 || found.found != OHC_FILES_THERE || !S_ISREG(found.node.mode))
		return rc;
	rc = ohc_files_elf(files, &found, &elf, err);
	if (rc == 1)
		version = ohc_elf_version_highest(&elf->defs, prefix);
	if (version)
		snprintf(ret, 32, "%s", version);
	return rc < 0 ? rc : 0;
}

static int check_version(const struct ohc_payload_label *label, struct ohc_files *files,
			 const char *loader, const char *needs, const char *library,
			 const char *prefix, const char *code, struct ohc_findings *ret,
			 struct ohc_error *err)
{
	char has[32];
	int rc = needs ? highest(files, loader, library, prefix, has, err) : 0;

	if (rc < 0 || !needs || !*has || ohc_elf_version_compare(has, needs) >= 0)
		return rc;
	ohc_findings_add(ret, OHC_FINDING_ERROR, code, label->prefix,
			 "needs %s%s, and the base has %s%s: " WAY_OUT, prefix, needs, prefix, has);
	return 0;
}

static int check_glibc(const struct ohc_payload_label *label, struct ohc_files *files,
		       const char *loader, struct ohc_findings *ret, struct ohc_error *err)
{
	int rc = check_version(label, files, loader, label->glibc, "libc.so.6", "GLIBC_",
			       "libc-version", ret, err);

	if (rc == 0)
		rc = check_version(label, files, loader, label->glibcxx, "libstdc++.so.6",
				   "GLIBCXX_", "libstdcxx-version", ret, err);
	return rc;
}

int ohc_check_claims(const struct ohc_payload_label *label, struct ohc_files *files,
		     const char *arch, struct ohc_findings *ret, struct ohc_error *err)
{
	const bool glibc = label->libc == OHC_PAYLOAD_GLIBC;
	const struct ohc_machine *machine = ohc_machine_of_arch(arch);
	const char *loader;
	size_t before = ret->n;
	int rc = 0;

	if (!glibc && label->libc != OHC_PAYLOAD_MUSL) {
		ohc_findings_add(ret, OHC_FINDING_OK, "libraries", label->prefix,
				 "needs no library of the base, as its labels say");
		return 0;
	}
	if (!machine)
		return 0;
	loader = ohc_machine_loader(machine, glibc ? OHC_LIBC_GLIBC : OHC_LIBC_MUSL);
	rc = ohc_files_is(files, loader, S_IFREG, err);
	if (rc == 0)
		ohc_findings_add(ret, OHC_FINDING_ERROR, "libc-family", label->prefix,
				 "needs the base's %s, and there is no '%s': " WAY_OUT,
				 glibc ? "glibc" : "musl", loader);
	else if (rc > 0 && glibc)
		rc = check_glibc(label, files, loader, ret, err);
	if (rc >= 0 && ret->n == before)
		ohc_findings_add(ret, OHC_FINDING_OK, "libraries", label->prefix,
				 "needs of the base what that has, as its labels say");
	return rc < 0 ? rc : 0;
}
