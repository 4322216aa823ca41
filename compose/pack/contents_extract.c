// SPDX-License-Identifier: Apache-2.0
/* Makes the one layer of a source that is a tar or an image, and its labels. */
#include <string.h>
#include <sys/stat.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "layout/rootfs/peek.h"
#include "layout/files/facts.h"

static int open_payload(struct ohc_contents *p, struct ohc_transports *transports,
			const struct ohc_inputs *in, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;
	const struct ohc_peek_options options = { .cache = o->cache,
						  .limits = o->limits,
						  .hook = &ohc_facts_hook,
						  .jobs = o->jobs,
						  .report = o->report };
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *peek = ohc_peek_new(&options);
	const struct ohc_payload_opener opener = { transports, peek, &in->rules,
						   OHC_PAYLOAD_EXTRACT };
	int rc = ohc_payload_source_look(&p->source, &in->rules, err);

	if (rc == 0)
		rc = ohc_payload_open(&opener, &p->source, &p->platform, p->platform_known,
				      &p->payload, err);
	if (rc == 0 && p->payload->image) {
		p->platform = p->payload->image->platform;
		p->platform_known = true;
	}
	return rc;
}

static int look_at_file(struct ohc_contents *p, const struct ohc_layer_entry *e,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("/%s", e->path);
	struct ohc_facts facts;
	struct ohc_component_object object = { .to = path, .path = path, .disk = path };
	struct ohc_patch none = OHC_PATCH_INIT;
	int rc = 0;

	ohc_facts_read(e->facts, e->n_facts, &facts);
	object.elf = &facts.elf;
	if (facts.kind == OHC_FACTS_ELF)
		rc = ohc_contents_object(p, &object, &none, err);
	if (facts.kind == OHC_FACTS_HIDDEN)
		ohc_contents_hidden(p, path);
	ohc_facts_clear(&facts);
	return rc;
}

/* On a base the link's target is missing or is something else.  The author of a tar can leave the
 * link out; an image is used as it is. */
static int look_at_link(const struct ohc_contents *p, const struct ohc_layer_entry *e,
			struct ohc_error *err)
{
	const char *below = e->path + strlen(p->prefix) - 1;

	if (!S_ISLNK(e->mode) || !ohc_component_leads_out(p->prefix, below, e->link))
		return 0;
	if (p->kind == OHC_CONTENTS_TAR)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"the symlink '/%s' leads out of '%s', to '%s': leave it out, or "
			"put into the tar what it leads to",
			e->path, p->prefix, e->link);
	ohc_report_say(p->o->push.report, OHC_WARNING,
		       "the symlink '/%s' leads out of '%s', to '%s': bases need not have that",
		       e->path, p->prefix, e->link);
	return 0;
}

/* Reads the layer's index alone, because its bytes may never be needed. */
static int look_at_layer(struct ohc_contents *p, struct ohc_error *err)
{
	struct ohc_pack_layer *layer = &p->layers[0];
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	const struct ohc_buf *index;
	struct ohc_layer_entry e;
	int rc = ohc_payload_entries(p->payload, &index, err);

	if (rc < 0)
		return rc;
	ohc_layer_index_iter_start(it, ohc_buf_str(index), index->len, p->o->source);
	while (rc == 0 && (rc = ohc_layer_index_iter_next(it, &e, err)) > 0) {
		layer->entries++;
		layer->bytes += e.size;
		rc = look_at_link(p, &e, err);
		if (rc == 0)
			rc = look_at_file(p, &e, err);
		rc = ohc_faults_keep(&p->faults, rc, err);
	}
	return rc;
}

int ohc_contents_extract(struct ohc_contents *p, struct ohc_transports *transports,
			 const struct ohc_inputs *in, struct ohc_error *err)
{
	int rc;

	if (p->kind == OHC_CONTENTS_RECIPE)
		return 0;
	ohc_contents_add_layer(p, "payload");
	p->source.spec.target = ohc_xstrdup(p->prefix);
	rc = open_payload(p, transports, in, err);
	if (rc == 0)
		rc = look_at_layer(p, err);
	/* Keeps its directories for the layers above it. */
	if (rc == 0 && (p->launchers.n || p->profile)) {
		ohc_assembly_free(ohc_take(p->assemblies[0]));
		rc = ohc_payload_assembly(p->payload, &p->assemblies[0], err);
	}
	return rc;
}
