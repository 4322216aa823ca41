// SPDX-License-Identifier: Apache-2.0
#include "compose/image/finish.h"

#include <string.h>

#include "compose/image/origin.h"
#include "core/alloc.h"
#include "oci/store/referrers.h"

void ohc_finish_document(struct ohc_image *image, struct ohc_finished *ret)
{
	const char *media = image->manifest.family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_CONFIG
									: OHC_MEDIA_OCI_CONFIG;

	ret->config = ohc_image_config_text(image);
	ohc_descriptor_of(&ret->config_d, media, ret->config, strlen(ret->config));
	ohc_manifest_set_config(&image->manifest, &ret->config_d);
	ohc_manifest_write(&image->manifest, &ret->manifest);
}

void ohc_finish_clear(struct ohc_finished *f)
{
	ohc_document_clear(&f->manifest);
	free(f->config);
	f->config = NULL;
}

int ohc_finish_config(const struct ohc_finished *f, struct ohc_part *ret, struct ohc_error *err)
{
	int rc = ohc_json_check_text(f->config, strlen(f->config), OHC_DOCUMENT_MAX,
				     "the image's config", err);

	if (rc < 0)
		return rc;
	ret->layer.role = "config";
	ret->layer.d = f->config_d;
	ohc_buf_adds(&ret->bytes, f->config);
	return 0;
}

/* Other faults show when the image is written. */
static int names_it(struct ohc_store *dest, const char *tag, const struct ohc_document *top,
		    bool *ret, struct ohc_error *err)
{
	struct ohc_error mine = OHC_ERROR_INIT;
	struct ohc_descriptor d;
	int rc = ohc_store_resolve(dest, tag, &d, &mine);

	*ret = rc == 0 && strcmp(d.digest, top->d.digest) == 0;
	return rc == -OHC_E_INTERRUPTED ? ohc_error_copy(err, &mine, rc) : 0;
}

int ohc_finish_is_there(struct ohc_store *dest, const struct ohc_inputs *in,
			const struct ohc_document *top, bool *ret, struct ohc_error *err)
{
	const struct ohc_strv *tags = &in->options->tags;
	const struct ohc_origin *origin = in->options->origin;
	bool there = false;
	int rc = 0;

	if (origin && origin->there)
		there = strcmp(origin->there, top->d.digest) == 0;
	else if (in->dest.tag)
		rc = names_it(dest, in->dest.tag, top, &there, err);
	for (size_t i = 0; rc == 0 && there && i < tags->n; i++)
		rc = names_it(dest, tags->v[i], top, &there, err);
	if (rc == 0)
		*ret = there;
	return rc;
}

int ohc_finish_signature(struct ohc_store *dest, const struct ohc_inputs *in,
			 const struct ohc_document *top, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;
	bool there = false;
	int rc;

	if (!o->sign.command || o->dry_run)
		return 0;
	rc = ohc_sign_is_there(dest, top->d.digest, &there, err);
	if (rc == 0 && !there)
		rc = ohc_sign_run(&o->sign, &in->dest, top->d.digest, o->report, err);
	return rc;
}

static int put_tags(struct ohc_store *dest, const struct ohc_inputs *in,
		    const struct ohc_document *top, struct ohc_error *err)
{
	const struct ohc_strv *more = &in->options->tags;
	ohc_cleanup(ohc_freep) const char **tags = ohc_xcalloc(more->n + 1, sizeof(*tags));
	size_t n = 0;
	int rc = 0;

	if (in->dest.tag)
		tags[n++] = in->dest.tag;
	else
		rc = ohc_store_put_manifest(dest, NULL, top, err);
	for (size_t i = 0; i < more->n; i++)
		tags[n++] = more->v[i];
	if (rc == 0 && n > 0)
		rc = ohc_store_put_tagged(dest, tags, n, top, err);
	return rc;
}

int ohc_finish_manifest(struct ohc_store *dest, const struct ohc_inputs *in,
			const struct ohc_document *top, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;

	if (o->dry_run)
		return 0;
	return o->sign.command ? ohc_store_put_manifest(dest, NULL, top, err)
			       : put_tags(dest, in, top, err);
}

int ohc_finish_image(struct ohc_store *dest, const struct ohc_inputs *in,
		     const struct ohc_document *top, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;
	int rc = 0;

	if (o->dry_run)
		return 0;
	if (o->sign.command) {
		rc = ohc_finish_signature(dest, in, top, err);
		if (rc == 0)
			rc = put_tags(dest, in, top, err);
	}
	if (rc == 0)
		rc = ohc_store_finish(dest, err);
	if (rc == 0)
		ohc_transports_say_format(o->report, &in->dest, top->d.media_type);
	return rc;
}

int ohc_finish_tell_hanging(struct ohc_store *dest, const struct ohc_inputs *in,
			    const struct ohc_document *top, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(top->d.digest);
	bool lists;
	int rc = ohc_store_lists_referrers(dest, &lists, err);

	if (rc == 0 && !lists)
		ohc_report_say(in->report, OHC_NOTICE,
			       "'%s' keeps no list of what hangs on an image: that gets a tag of "
			       "its own, %s",
			       dest->name, tag);
	return rc;
}
