// SPDX-License-Identifier: Apache-2.0
/* Copies certificates, a locale and fonts, which a base may lack and programs need. */
#include <string.h>
#include <sys/stat.h>

#include "core/ca_files.h"
#include "layout/components/component_internal.h"

#define CERTIFICATES_TO "etc/ssl/certs/ca-certificates.crt"

/* Finds the first of them that is there, or the one that the recipe names. */
static int find(const struct ohc_component *c, const char *given, const char *const *usual,
		const char *what, struct ohc_component_input *ret, struct ohc_error *err)
{
	int rc;

	if (given)
		return ohc_component_input_find(c, given, ret, err);
	for (; *usual; usual++) {
		rc = ohc_component_input_find(c, *usual, ret, NULL);
		if (rc == 0)
			return 0;
	}
	return ohc_error_set(err, OHC_E_NOT_FOUND,
			     "there %s in the root '%s': install one there, or name it", what,
			     *c->root_dir ? c->root_dir : "/");
}

int ohc_component_certificates(struct ohc_component *c, const struct ohc_recipe_item *item,
			       struct ohc_error *err)
{
	static const char *const usual[] = { OHC_CA_FILES(OHC_LIST_AS_IS, OHC_LIST_COMMA), NULL };
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	const struct ohc_component_copy how = { .item = item, .mode = 0644 };
	ohc_cleanup(ohc_freep) char *to =
		ohc_component_to(c, item->to && *item->to ? item->to : CERTIFICATES_TO);
	int rc = find(c, item->from, usual, "is no bundle of certificates", &in, err);

	if (rc < 0)
		return rc;
	if (!S_ISREG(in.place.node.mode))
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is no file", in.given);
	c->certificates = true;
	return ohc_component_file(c, &how, &in, to, err);
}

int ohc_component_locale(struct ohc_component *c, const struct ohc_recipe_item *item,
			 struct ohc_error *err)
{
	static const char *const usual[] = { "/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8",
					     NULL };
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	const struct ohc_component_copy how = { .item = item };
	ohc_cleanup(ohc_freep) char *to =
		ohc_component_to(c, item->to && *item->to ? item->to : "lib/locale/C.utf8");
	int rc = find(c, item->from, usual, "is no locale C.utf8", &in, err);

	if (rc < 0)
		return rc;
	if (!S_ISDIR(in.place.node.mode))
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is no directory of a locale",
				     in.given);
	c->locale = true;
	return ohc_component_copy(c, &how, &in, to, err);
}

/* Enough to find a family: without any configuration fontconfig looks nowhere. */
int ohc_component_fonts_conf(struct ohc_component *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *to = ohc_component_to(c, "etc/fonts/fonts.conf");
	ohc_cleanup(ohc_freep) char *text =
		ohc_xasprintf("<?xml version=\"1.0\"?>\n"
			      "<!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\">\n"
			      "<fontconfig>\n"
			      "  <dir>%s/share/fonts</dir>\n"
			      "  <dir>/usr/share/fonts</dir>\n"
			      "  <dir prefix=\"xdg\">fonts</dir>\n"
			      "  <cachedir>/tmp/fontconfig</cachedir>\n"
			      "</fontconfig>\n",
			      c->prefix);

	return ohc_component_bytes(c, to, 0644, 0, "fonts", text, strlen(text), err);
}

static int add_font(struct ohc_component *c, const struct ohc_recipe_item *item,
		    const struct ohc_component_input *in, struct ohc_error *err)
{
	const struct ohc_component_copy how = { .item = item, .dereference = true };
	ohc_cleanup(ohc_freep) char *to =
		ohc_xasprintf("%s/share/fonts/%s", c->prefix, strrchr(in->place.path, '/') + 1);

	return ohc_component_copy(c, &how, in, to, err);
}

int ohc_component_fonts(struct ohc_component *c, const struct ohc_recipe_item *item,
			struct ohc_error *err)
{
	static const char *const usual[] = {
		"/usr/share/fonts/truetype/dejavu",      "/usr/share/fonts/truetype/liberation",
		"/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/dejavu",
		"/usr/share/fonts/liberation",           NULL
	};
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input one = { .files = NULL };
	int rc = 0;

	if (item->fonts.n == 0)
		rc = find(c, NULL, usual, "are no fonts", &one, err);
	if (rc == 0 && item->fonts.n == 0)
		rc = add_font(c, item, &one, err);
	for (size_t i = 0; rc == 0 && i < item->fonts.n; i++) {
		ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = {
			.files = NULL
		};

		rc = ohc_component_input_find(c, item->fonts.v[i], &in, err);
		if (rc == 0)
			rc = add_font(c, item, &in, err);
	}
	c->fonts = true;
	return rc < 0 ? rc : ohc_component_fonts_conf(c, err);
}
