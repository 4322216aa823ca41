// SPDX-License-Identifier: Apache-2.0
/* Adds links from where programs look to where the payload has the file. */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/ca_files.h"
#include "layout/fit/fit_internal.h"
#include "layout/loader/machine.h"

static const char *const ca_files[] = { OHC_CA_FILES(OHC_LIST_AS_IS, OHC_LIST_COMMA) };

/* Below the payload's target. */
static const char *const bash[] = { "/bin/bash" };
static const char *const sh[] = { "/bin/sh", "/bin/bash" };
static const char *const certificates[] = { OHC_CA_FILE_DEBIAN, "/etc/ssl/cert.pem",
					    "/ssl/cert.pem" };

static bool payload_has(const struct ohc_fitter *f, const char *path)
{
	return f->fit->payload_has && f->fit->payload_has(f->fit->ctx, path);
}

static void make_link(struct ohc_fitter *f, const char *path, const char *target)
{
	struct ohc_rootfs_place place;

	ohc_rootfs_find(f->fs, path, OHC_NOFOLLOW, &place);
	if (place.found == OHC_FOUND) {
		if (!place.file.link || strcmp(place.file.link, target) != 0)
			ohc_findings_add(&f->out->findings, OHC_FINDING_ERROR, "link-taken", path,
					 "should lead to '%s', but the base has something else "
					 "there: remove it from the base",
					 target);
	} else if (ohc_fit_clear_way(f, path, &place)) {
		ohc_entries_symlink(&f->out->entries, place.path, 0, 0, target);
	}
	ohc_rootfs_place_clear(&place);
}

void ohc_fit_links(struct ohc_fitter *f)
{
	for (size_t i = 0; i < f->fit->n_links; i++)
		make_link(f, f->fit->links[i].path, f->fit->links[i].target);
}

/* Of that type, and with one of the bits; 0: of any, and with any. */
static bool base_has(const struct ohc_fitter *f, const char *path, mode_t type, mode_t bits)
{
	struct ohc_rootfs_place place;
	bool has;

	ohc_rootfs_find(f->fs, path, OHC_FOLLOW, &place);
	has = place.found == OHC_FOUND && (!type || (place.file.mode & S_IFMT) == type) &&
	      (!bits || place.file.mode & bits);
	ohc_rootfs_place_clear(&place);
	return has;
}

static bool is_there(const struct ohc_fitter *f, const char *path)
{
	return base_has(f, path, 0, 0) || payload_has(f, path);
}

static void add_file(struct ohc_fitter *f, const struct ohc_profile_file *file, const char *path)
{
	if (file->link)
		ohc_entries_symlink(&f->out->entries, path, 0, 0, file->link);
	else
		ohc_entries_file(&f->out->entries, path, file->mode, 0, 0, file->content,
				 strlen(file->content));
}

/* A file of the base stays, unless the profile means to replace it; what is no file is in the
 * way. */
static void make_file(struct ohc_fitter *f, const struct ohc_profile_file *file)
{
	struct ohc_rootfs_place place;
	bool taken;

	ohc_rootfs_find(f->fs, file->path, OHC_FOLLOW, &place);
	taken = place.found == OHC_FOUND;
	if (taken && !S_ISREG(place.file.mode))
		ohc_findings_add(&f->out->findings, OHC_FINDING_ERROR, "link-taken", file->path,
				 "should be a file of the profile's, but the base has something "
				 "else there: remove it from the base");
	else if (taken ? file->replace : ohc_fit_clear_way(f, file->path, &place))
		add_file(f, file, place.path);
	ohc_rootfs_place_clear(&place);
}

void ohc_fit_files(struct ohc_fitter *f)
{
	for (size_t i = 0; i < f->fit->n_files; i++)
		if (!f->fit->files[i].when || is_there(f, f->fit->files[i].when))
			make_file(f, &f->fit->files[i]);
}

static bool made_link(const struct ohc_fitter *f, const char *path)
{
	struct ohc_rootfs_place place;
	bool made = false;

	ohc_rootfs_find(f->fs, path, OHC_NOFOLLOW, &place);
	for (size_t i = 0; i < f->out->entries.n && !made; i++)
		made = S_ISLNK(f->out->entries.v[i].mode) &&
		       strcmp(f->out->entries.v[i].path, place.path + 1) == 0;
	ohc_rootfs_place_clear(&place);
	return made;
}

bool ohc_fit_has_program(struct ohc_fitter *f, const char *path)
{
	return base_has(f, path, S_IFREG, 0111) || made_link(f, path) || payload_has(f, path);
}

/* Finds the first of the payloads' files with one of the names, below their targets. */
static char *find_in_payload(const struct ohc_fitter *f, const char *const *names, size_t n)
{
	const struct ohc_strv *targets = f->fit->targets;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; targets && k < targets->n; k++) {
			char *path = ohc_xasprintf("%s%s", targets->v[k], names[i]);

			if (payload_has(f, path))
				return path;
			free(path);
		}
	return NULL;
}

static void link_program(struct ohc_fitter *f, const char *path, const char *const *names, size_t n)
{
	ohc_cleanup(ohc_freep) char *has = NULL;

	if (base_has(f, path, S_IFREG, 0111))
		return;
	has = find_in_payload(f, names, n);
	if (has)
		make_link(f, path, has);
}

/* bash can stand in for sh, but not sh for bash. */
void ohc_fit_shell(struct ohc_fitter *f)
{
	if (!f->fit->shell)
		return;
	link_program(f, "/bin/bash", bash, OHC_ARRAY_SIZE(bash));
	link_program(f, "/bin/sh", sh, OHC_ARRAY_SIZE(sh));
}

void ohc_fit_certificates(struct ohc_fitter *f)
{
	ohc_cleanup(ohc_freep) char *has = NULL;

	if (!f->fit->certificates)
		return;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(ca_files); i++)
		if (base_has(f, ca_files[i], S_IFREG, 0))
			return;
	has = find_in_payload(f, certificates, OHC_ARRAY_SIZE(certificates));
	if (has)
		make_link(f, OHC_CA_FILE_DEBIAN, has);
}

/* The loaders that programs name, which payloads have as /lib/unpacked/NAME where they unpack
 * programs; the caller frees ret_name. */
static const char *loader(size_t i, char **ret_name)
{
	static const char *const archs[] = { "amd64", "arm64" };
	static const enum ohc_libc libcs[] = { OHC_LIBC_GLIBC, OHC_LIBC_MUSL };
	const char *path;

	if (i >= OHC_ARRAY_SIZE(archs) * OHC_ARRAY_SIZE(libcs))
		return NULL;
	path = ohc_machine_loader(ohc_machine_of_arch(archs[i / 2]), libcs[i % 2]);
	*ret_name = ohc_xasprintf("/lib/unpacked%s", strrchr(path, '/'));
	return path;
}

void ohc_fit_loader(struct ohc_fitter *f)
{
	const char *path;

	for (size_t i = 0;; i++) {
		ohc_cleanup(ohc_freep) char *name = NULL;

		path = loader(i, &name);
		if (!path)
			return;
		link_program(f, path, (const char *const *)&name, 1);
	}
}

static void add_all(struct ohc_strv *ret, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ohc_strv_has(ret, names[i]))
			ohc_strv_add(ret, names[i]);
}

void ohc_fit_link_sources(struct ohc_strv *ret)
{
	add_all(ret, bash, OHC_ARRAY_SIZE(bash));
	add_all(ret, sh, OHC_ARRAY_SIZE(sh));
	add_all(ret, certificates, OHC_ARRAY_SIZE(certificates));
	for (size_t i = 0;; i++) {
		char *name = NULL;

		if (!loader(i, &name))
			return;
		ohc_strv_take(ret, name);
	}
}
