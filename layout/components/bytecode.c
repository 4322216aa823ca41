// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "layout/components/component_internal.h"
#include "layout/layer/pyc.h"

/* Bytecode whose source is unknown, or not there, which is allowed. */
static int state_of(const struct ohc_component_input *in, const char *source_path,
		    enum ohc_pyc_state *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place source = { .path = NULL };
	int rc = ohc_files_find(in->files, source_path, OHC_FILES_FOLLOW, &source, err);

	if (rc == 0)
		rc = ohc_files_read(in->files, &in->place, OHC_PYC_HEADER, &head, err);
	if (rc < 0)
		return rc;
	*ret = source.found == OHC_FILES_THERE
		       ? ohc_pyc_state_of(ohc_buf_str(&head), head.len, source.node.mtime,
					  source.node.size)
		       : OHC_PYC_STALE;
	return 0;
}

int ohc_component_bytecode(const struct ohc_component_copy *how,
			   const struct ohc_component_input *in, struct ohc_error *err)
{
	const char *name = strrchr(in->place.path, '/') + 1;
	enum ohc_pyc_state state = OHC_PYC_STALE;
	ohc_cleanup(ohc_freep) char *source = NULL;
	int rc;

	if (how->bytecode == OHC_BYTECODE_NONE)
		return 1;
	/* Bytecode without a tag replaces a source that is not there: it is no cache. */
	source = ohc_pyc_source(in->place.path);
	if (!source)
		return 0;
	if (!strstr(name, how->bytecode_tag))
		return 1;
	rc = state_of(in, source, &state, err);
	if (rc < 0 || state == OHC_PYC_VALID || state == OHC_PYC_HASHED)
		return rc;
	if (how->bytecode == OHC_BYTECODE_KEEP)
		return 1;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s%s' is not the bytecode of its source as it is: compile it again "
			     "(python -m compileall)",
			     in->dir, in->place.path);
}
