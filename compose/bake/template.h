/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Destinations by template: "registry.example.com/run/{base.repo}:{base.tag}-{payload.digest}".
 *
 *	{base.slug}       the base's name as one word: "ubuntu-22.04", "ghcr.io-me-app-1"
 *	{base.repo}       its repository: "library/ubuntu"
 *	{base.tag}        its tag ("latest" where it has none but a digest: then the digest)
 *	{base.digest}     "sha256-…", of what the name names now
 *	{payload.digest}  "sha256-…", of the first payload's image, else of its first layer
 *	{arch} {profile}  "amd64"; the profile's name
 *	{image.tag} {image.repo}  of an image that is composed again, its own (compose/upgrade/)
 *
 * A value is fitted to its position.  In a repository, before the last ':' behind the last '/', it
 * becomes lower case, and invalid characters become '-'.  In a tag all but [A-Za-z0-9_.-] becomes
 * '-', and a tag of more than 128 characters (distribution-spec, "Pulling manifests") is cut, with
 * the first twelve hex digits of the sha256 of the whole at its end.  The same values give the same
 * name every time.
 */
#ifndef OHC_COMPOSE_BAKE_TEMPLATE_H
#define OHC_COMPOSE_BAKE_TEMPLATE_H

#include "core/error.h"

enum ohc_template_value {
	OHC_TEMPLATE_BASE_SLUG,
	OHC_TEMPLATE_BASE_REPO,
	OHC_TEMPLATE_BASE_TAG,
	OHC_TEMPLATE_BASE_DIGEST,
	OHC_TEMPLATE_PAYLOAD_DIGEST,
	OHC_TEMPLATE_ARCH,
	OHC_TEMPLATE_PROFILE,
	OHC_TEMPLATE_IMAGE_TAG,
	OHC_TEMPLATE_IMAGE_REPO,
	OHC_TEMPLATE_VALUES,
};

/* Where a value is not known yet (NULL), its "{name}" stays. */
struct ohc_template_values {
	const char *v[OHC_TEMPLATE_VALUES];
};

/* OHC_E_USAGE for an unknown or unclosed "{…}".  Sets *ret_uses (or NULL) to a mask of 1 << value.
 */
int ohc_template_check(const char *template, unsigned int *ret_uses, struct ohc_error *err);

/* template was checked.  The caller frees it. */
char *ohc_template_expand(const char *template, const struct ohc_template_values *values);

/* {base.slug} and {base.repo}, {base.tag} of an image name of any kind; the caller frees them. */
struct ohc_name;
char *ohc_template_slug(const struct ohc_name *base);
char *ohc_template_repo(const struct ohc_name *base);
char *ohc_template_tag(const struct ohc_name *base);

#endif
