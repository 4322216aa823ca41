// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/source.h"

#include <string.h>
#include <sys/stat.h>

#include "compose/payload/of_dir.h"
#include "compose/payload/of_image.h"
#include "compose/payload/of_kept.h"
#include "compose/payload/of_tar.h"
#include "core/alloc.h"

/* Whether a file is a tar shows when it is read. */
int ohc_payload_source_look(struct ohc_payload_source *s, const struct ohc_making_rules *rules,
			    struct ohc_error *err)
{
	const struct ohc_payload_spec *spec = &s->spec;
	struct stat st = { .st_mode = S_IFIFO };

	if (spec->is_image || s->kept)
		return 0;
	if (strcmp(spec->source, "-") != 0 && stat(spec->source, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload '%s'", spec->source);
	if (S_ISDIR(st.st_mode))
		s->local = ohc_payload_of_dir(spec, rules);
	else if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		s->local = ohc_payload_of_tar(spec, rules);
	else
		return ohc_error_set(err, OHC_E_USAGE,
				     "the payload '%s' is neither a directory nor a tar",
				     spec->source);
	return 0;
}

void ohc_payload_source_clear(struct ohc_payload_source *s)
{
	ohc_payload_free(s->local);
	ohc_load_clear(&s->read.loaded);
	ohc_store_close(s->read.store);
	ohc_payload_spec_clear(&s->spec);
	memset(s, 0, sizeof(*s));
}

int ohc_payload_open(const struct ohc_payload_opener *o, const struct ohc_payload_source *s,
		     const struct ohc_platform *want, bool given, struct ohc_payload **ret,
		     struct ohc_error *err)
{
	int rc;

	if (s->kept && (s->kept->unread || !s->kept->says->manifest))
		return ohc_payload_of_kept(o, s, want, ret, err);
	if (!s->local)
		return ohc_payload_of_image(o, s, want, given, ret, err);
	rc = ohc_payload_ready(s->local, err);
	if (rc == 0)
		*ret = ohc_payload_ref(s->local);
	return rc;
}
