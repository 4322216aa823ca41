// SPDX-License-Identifier: Apache-2.0
#include "compose/transports/transports.h"

#include "core/alloc.h"
#include "oci/archive/docker.h"
#include "oci/archive/oci.h"
#include "oci/archive/write.h"
#include "oci/dir/dir.h"
#include "oci/documents/media.h"

struct ohc_transports {
	struct ohc_registry_options options;
	struct ohc_registry *registry; /* made when the first name needs it */
};

struct ohc_transports *ohc_transports_new(const struct ohc_registry_options *options)
{
	struct ohc_transports *p = ohc_xcalloc(1, sizeof(*p));

	p->options = *options;
	return p;
}

void ohc_transports_free(struct ohc_transports *p)
{
	if (!p)
		return;
	if (p->registry)
		ohc_registry_free(p->registry);
	free(p);
}

void ohc_transports_freep(struct ohc_transports **p)
{
	ohc_transports_free(*p);
}

int ohc_transports_open(struct ohc_transports *p, const struct ohc_name *name, bool write,
			struct ohc_store **ret, struct ohc_error *err)
{
	switch (name->transport) {
	case OHC_REGISTRY:
		if (!p->registry)
			p->registry = ohc_registry_new(&p->options);
		return ohc_registry_open(p->registry, name, ret, err);
	case OHC_LAYOUT:
		return ohc_dir_open(name->path, write ? OHC_LAYOUT_WRITE : OHC_LAYOUT_READ,
				    p->options.report, ret, err);
	case OHC_OCI_ARCHIVE:
		return write ? ohc_archive_create(name, ret, err)
			     : ohc_oci_archive_open(name->path, p->options.report, ret, err);
	case OHC_DOCKER_ARCHIVE:
		return write ? ohc_archive_create(name, ret, err)
			     : ohc_docker_archive_open(name, p->options.report, ret, err);
	case OHC_SCRATCH:
		break;
	}
	return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' cannot be used here", name->given);
}

void ohc_transports_say_format(struct ohc_report *report, const struct ohc_name *dest,
			       const char *media_type)
{
	if ((dest->transport == OHC_LAYOUT || dest->transport == OHC_OCI_ARCHIVE) &&
	    ohc_media_family(media_type) == OHC_FAMILY_DOCKER)
		ohc_say(report, OHC_NOTICE,
			"'%s' now has a manifest in Docker's format, which some tools do not look "
			"for in a layout: --format oci writes OCI's",
			dest->given);
}
