/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format: a result as text of the user's own form, in the language that skopeo, podman and docker
 * have from Go (text/template), as much of it as people use there:
 *
 *	{{.Digest}}  {{.Config.User}}  {{.}}		members, whatever their case
 *	{{json .Config}}  {{len .Layers}}  {{join .Config.Cmd " "}}
 *	{{index .Config.Labels "a.b"}}  {{index .Layers 0}}
 *	{{range .Layers}}{{.Digest}} {{end}}		of a list
 *	{{if .Base}}{{.Base.Name}}{{else}}none{{end}}
 *	{{.Config | json}}				the value before | is the last argument
 *
 * {{- and -}} take the white space away on their side; \n and \t in the text are what they are in
 * C.  A list is written as Go writes it, [a b]; an object as JSON.  A member that is not there is
 * an error outside of `if`, `range` and `index`, and says which there are.
 *
 *	rc = ohc_format_check(text, err);	before anything is asked
 *	rc = ohc_format(text, doc, &out, err);
 */
#ifndef OHC_CMD_FORMAT_H
#define OHC_CMD_FORMAT_H

#include "core/buf.h"
#include "oci/documents/json.h"

/* OHC_E_USAGE: it is no template. */
int ohc_format_check(const char *text, struct ohc_error *err);

/* Adds to *out. */
int ohc_format(const char *text, json_t *doc, struct ohc_buf *out, struct ohc_error *err);

#endif
