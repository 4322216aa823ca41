#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# copy and gc: what they refuse before anything is written, and what comes out of nothing.
. "$(dirname "$0")/../lib.sh"

mkdir tree
echo hello >tree/file
make_layout full:one --layer tree >/dev/null
make_layout full:two --layer tree >/dev/null
mkdir -p empty/blobs/sha256
printf '{"imageLayoutVersion": "1.0.0"}' >empty/oci-layout
printf '{"schemaVersion": 2, "manifests": []}' >empty/index.json

t "--all-tags copies every tag"
run "$OHC" copy --all-tags oci:full oci:all
expect_status 0
expect_out_is 'oci:all: 2 tags'

t "--all-tags of what has no tags is an error"
run "$OHC" copy --all-tags oci:empty oci:none
expect_status 4
expect_err "'oci:empty' has no tags"
expect_eq "$(ls -d none 2>/dev/null)" "" "what was written"

t "--all-tags takes names without a tag"
for names in "oci:full:one oci:x" "oci:full oci:x:one"; do
	# shellcheck disable=SC2086 # two words
	run "$OHC" copy --all-tags $names
	expect_status 2
	expect_err '\-\-all-tags takes names without a tag'
done

t "a name that is no tag goes into layouts only"
make_layout odd:localhost/app:1 --layer tree >/dev/null
run "$OHC" copy --all-tags oci:odd oci:odd2
expect_status 0
run "$OHC" copy --all-tags oci:odd "localhost:$(closed_port)/x"
expect_status 2
expect_err "which is no tag for"

t "a destination has no digest"
run "$OHC" copy oci:full:one "r.example/x@sha256:$(printf '%064d' 0)"
expect_status 2
expect_err 'a destination has a tag'

t "a docker archive has no place for referrers"
run "$OHC" copy --referrers oci:full:one docker-archive:d.tar:x:1
expect_status 2
expect_err 'has no place for referrers'
expect_eq "$(ls d.tar 2>/dev/null)" "" "what was written"

t "one digest file is for one image"
run "$OHC" copy --all-tags --digest-file digest oci:full oci:y
expect_status 2
expect_err '\-\-digest-file is for one image'

t "gc is for a layout, not for an image in it"
for name in oci:full:one "oci:full@$(image digest oci:full:one)" oci-archive:a.tar r.example/x; do
	run "$OHC" gc "$name"
	expect_status 2
	expect_err 'is no layout directory'
done
run "$OHC" gc oci:full
expect_status 0

finish
