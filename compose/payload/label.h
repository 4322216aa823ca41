/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The labels of a payload image, which tell what must be known to use it without reading its
 * layers: pack writes them, push and check read them.
 *
 *	io.ohcompose.payload.prefix	"/openhands": its layers hold nothing else
 *	io.ohcompose.payload.owner	"1000:1000": the owner of all entries of its layers
 *	io.ohcompose.payload.profile	"openhands": what push applies with it by default
 *	io.ohcompose.payload.libc	"own": it brings its loader and libraries; "glibc",
 *					"musl": it needs the base's; "none": it needs none;
 *					"unknown": whoever wants to know looks at its files
 *	io.ohcompose.payload.glibc	"2.36": the highest version that its objects need of it
 *	io.ohcompose.payload.glibcxx	"3.4.32": the same of libstdc++
 *	io.ohcompose.payload.components	{"browser":"sha256:…"}: layers by name, as diff IDs
 *	io.ohcompose.payload.provides	"/openhands/bin/bash,…": what the adapter layer may link to
 *
 *	if (ohc_payload_label_read(config, &label))
 *		... label.prefix ...
 *	ohc_payload_label_clear(&label);
 *
 * The labels count only while the components are exactly the image's layers: an image that was
 * built on top of a payload image inherits its labels, but they are not true of it.
 */
#ifndef OHC_COMPOSE_PAYLOAD_LABEL_H
#define OHC_COMPOSE_PAYLOAD_LABEL_H

#include "core/strv.h"
#include "oci/documents/json.h"

enum ohc_payload_libc {
	OHC_PAYLOAD_NONE,
	OHC_PAYLOAD_OWN,
	OHC_PAYLOAD_GLIBC,
	OHC_PAYLOAD_MUSL,
	OHC_PAYLOAD_UNKNOWN,
};

struct ohc_payload_label {
	char *prefix;
	bool owned; /* the owner is set */
	uint32_t uid, gid;
	char *profile; /* NULL: not set */
	enum ohc_payload_libc libc;
	char *glibc, *glibcxx; /* NULL: no version is needed */
	json_t *components;
	struct ohc_strv provides;
};

#define OHC_PAYLOAD_LABEL_INIT \
	{                      \
		.prefix = NULL \
	}

/* False where the config has no such labels, or they do not count.  The caller clears *ret. */
bool ohc_payload_label_read(const json_t *config, struct ohc_payload_label *ret);

/* Sets the labels of the config. */
void ohc_payload_label_write(const struct ohc_payload_label *label, json_t *config);

void ohc_payload_label_clear(struct ohc_payload_label *label);

#endif
