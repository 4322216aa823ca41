// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/source.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/payload/of_dir.h"
#include "compose/payload/of_image.h"
#include "compose/payload/of_kept.h"
#include "compose/payload/of_tar.h"
#include "core/alloc.h"

/* Of an image the directory or archive that it lies in; NULL: no file. */
static const char *file_of(const struct ohc_payload_spec *spec)
{
	const char *file = spec->is_image ? spec->image.path : spec->source;

	return file && strcmp(file, "-") != 0 ? file : NULL;
}

int ohc_payload_source_find(const struct ohc_payload_spec *spec, mode_t *ret_mode,
			    struct ohc_error *err)
{
	const char *file = file_of(spec);
	struct stat st = { .st_mode = 0 };

	if (file && stat(file, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload '%s'", spec->source);
	if (file && !S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return ohc_error_set(err, OHC_E_USAGE,
				     "the payload '%s' is neither a directory nor a tar",
				     spec->source);
	if (file && !S_ISFIFO(st.st_mode) && faccessat(AT_FDCWD, file, R_OK, AT_EACCESS) < 0)
		return ohc_error_sys(err, "cannot open the payload '%s'", spec->source);
	if (ret_mode)
		*ret_mode = st.st_mode;
	return 0;
}

/* Whether a file is a tar shows when it is read. */
int ohc_payload_source_look(struct ohc_payload_source *s, const struct ohc_making_rules *rules,
			    struct ohc_error *err)
{
	const struct ohc_payload_spec *spec = &s->spec;
	mode_t mode;
	int rc;

	if (spec->is_image || s->kept)
		return 0;
	rc = ohc_payload_source_find(spec, &mode, err);
	if (rc < 0)
		return rc;
	s->local =
		S_ISDIR(mode) ? ohc_payload_of_dir(spec, rules) : ohc_payload_of_tar(spec, rules);
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
