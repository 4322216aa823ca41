/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding (RFC 3986, 2.1), as URLs and package URLs have it. */
#ifndef OHC_CORE_PERCENT_H
#define OHC_CORE_PERCENT_H

#include "core/buf.h"

/* Adds s to *b, with all but the unreserved characters (RFC 3986, 2.3) and those in `keep`
 * encoded. */
void ohc_percent_add(struct ohc_buf *b, const char *s, const char *keep);

#endif
