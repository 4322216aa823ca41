// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/payload.h"

#include <stdlib.h>

#include "core/alloc.h"

void ohc_payload_init(struct ohc_payload *p, const struct ohc_payload_ops *ops,
		      const struct ohc_payload_spec *spec, const struct ohc_making_rules *rules)
{
	*p = (struct ohc_payload){ .ops = ops,
				   .refs = 1,
				   .source = ohc_xstrdup(spec->source),
				   .target = ohc_xstrdup(spec->target),
				   .rules = rules };
}

int ohc_payload_ready(struct ohc_payload *p, struct ohc_error *err)
{
	return p->ops->ready ? p->ops->ready(p, err) : 0;
}

const char *ohc_payload_identity(struct ohc_payload *p)
{
	return p->ops->identity(p);
}

int ohc_payload_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err)
{
	return p->ops->entries(p, ret, err);
}

bool ohc_payload_has(struct ohc_payload *p, const char *path)
{
	return p->ops->has(p, path);
}

void ohc_payload_add_parts(struct ohc_payload *p, struct ohc_parts *parts)
{
	p->ops->add_parts(p, parts);
}

int ohc_payload_assembly(struct ohc_payload *p, struct ohc_assembly **ret, struct ohc_error *err)
{
	if (!p->ops->assembly)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "the payload '%s' cannot be joined with others in a layer",
				     p->source);
	return p->ops->assembly(p, ret, err);
}

struct ohc_payload *ohc_payload_ref(struct ohc_payload *p)
{
	p->refs++;
	return p;
}

void ohc_payload_free(struct ohc_payload *p)
{
	if (!p || --p->refs > 0)
		return;
	free(ohc_take(p->source));
	free(ohc_take(p->target));
	p->ops->free(p);
}
