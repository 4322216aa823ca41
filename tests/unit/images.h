/* SPDX-License-Identifier: Apache-2.0 */
/* Small images for the tests of stores, in a directory that each test has for itself. */
#ifndef OHC_TESTS_UNIT_IMAGES_H
#define OHC_TESTS_UNIT_IMAGES_H

#include "oci/store/store.h"

/* For cmocka_unit_test_setup_teardown(): makes and removes the directory. */
int images_setup(void **state);
int images_teardown(void **state);

/* "DIR/name", freed with the directory. */
const char *images_path(const char *name);

void images_write(const char *name, const void *data, size_t n);
bool images_exists(const char *name);

/* Opens a layout below the directory for reading and writing, which makes it. */
struct ohc_store *images_layout(const char *name);

/* Puts an image of one plain layer (`size` bytes that depend on note) and says what it is. */
struct ohc_descriptor images_put(struct ohc_store *s, const char *tag, const char *note,
				 size_t size);

/* Puts an index of these manifests. */
struct ohc_descriptor images_put_index(struct ohc_store *s, const char *tag,
				       const struct ohc_descriptor *children, size_t n);

/* Puts an artifact whose subject is d. */
struct ohc_descriptor images_put_referrer(struct ohc_store *s, const struct ohc_descriptor *d,
					  const char *note);

/* Fails the test unless ref is d, and all of the image's blobs are what they should be. */
void images_assert(struct ohc_store *s, const char *ref, const struct ohc_descriptor *d);

#endif
