/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The repositories where a layer was seen, as text: "HOST/REPO" a line, the latest first.  A bake
 * looks at them, and adds one, for each layer of each image, so they are not taken apart: a pointer
 * to a line goes from one to the next until it is at the end of the text.  NULL: nowhere.
 */
#ifndef OHC_COMPOSE_LAYERS_PLACES_H
#define OHC_COMPOSE_LAYERS_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/* So many are kept. */
#define OHC_PLACES_MAX 64

/* Without the line's end. */
size_t ohc_places_length(const char *line);
const char *ohc_places_next(const char *line);

bool ohc_places_is(const char *line, const char *repo);
bool ohc_places_has(const char *places, const char *repo);

/* The same places with repo (or NULL) first.  The caller frees them. */
char *ohc_places_with(const char *places, const char *repo);

#endif
