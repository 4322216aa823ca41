// SPDX-License-Identifier: Apache-2.0
/* Lists the names that a store has, and checks them, because a stranger wrote them. */
#include "oci/documents/name.h"
#include "oci/store/store.h"

int ohc_store_list_tags_apart(struct ohc_store *s, struct ohc_strv *ret, struct ohc_strv *ret_odd,
			      struct ohc_error *err)
{
	struct ohc_strv all = OHC_STRV_INIT;
	const char *name;
	size_t i;
	int rc;

	if (!s->ops->list_tags)
		return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' cannot list tags", s->name);
	rc = s->ops->list_tags(s, &all, err);
	ohc_strv_foreach (&all, i, name)
		if (rc == 0)
			ohc_strv_add(ohc_name_ref_check(name, NULL) < 0 ? ret_odd : ret, name);
	ohc_strv_clear(&all);
	return rc;
}

int ohc_store_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	struct ohc_strv tags = OHC_STRV_INIT, odd = OHC_STRV_INIT;
	const char *name;
	size_t i;
	int rc = ohc_store_list_tags_apart(s, &tags, &odd, err);

	if (rc == 0 && odd.n > 0)
		rc = ohc_error_set(err, OHC_E_FORMAT,
				   "'%s' has an image whose name is malformed: '%.200s'", s->name,
				   odd.v[0]);
	ohc_strv_foreach (&tags, i, name)
		if (rc == 0)
			ohc_strv_add(ret, name);
	ohc_strv_clear(&tags);
	ohc_strv_clear(&odd);
	return rc;
}
