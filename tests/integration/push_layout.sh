#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# push from and to OCI image layouts, and between them and a registry.
. "$(dirname "$0")/../lib.sh"

start_registry
make_base base:1 >base.digest
load_base base:1 >/dev/null
small_payload payload

actions()
{
	json '" ".join(l["role"] + ":" + l["action"] for l in j["layers"])'
}

t "layout to layout"
run "$OHC" push --json --payload payload oci:base:1 oci:out:app
expect_status 0
expect_eq "$(actions | cut -d' ' -f1-2)" "base:copied payload:written"
digest=$(json 'j["digest"]')
expect_eq "$(image digest oci:out:app)" "$digest"
expect skopeo copy --insecure-policy oci:out:app dir:dir
expect_eq "$(json 'j["imageLayoutVersion"]' out/oci-layout)" 1.0.0

t "registry to layout gives the same image but for the base's name"
run "$OHC" push --json --payload payload "$REGISTRY/base:1" oci:out:reg
expect_status 0
expect_eq "$(actions | cut -d' ' -f1)" "base:kept" # the layout has it from before
image manifest oci:out:app >app.json
image manifest oci:out:reg >reg.json
expect_eq "$(json 'j["layers"]' reg.json)" "$(json 'j["layers"]' app.json)"
expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.name"]' reg.json)" \
	"$REGISTRY/base:1"
expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.digest"]' reg.json)" \
	"$(cat base.digest)"

t "registry to a fresh layout streams the base"
run "$OHC" push --json --payload payload "$REGISTRY/base:1" oci:fresh:app
expect_status 0
expect_eq "$(actions | cut -d' ' -f1-2)" "base:copied payload:written"
expect skopeo copy --insecure-policy oci:fresh:app dir:dir2

t "layout to registry"
run "$OHC" push --json --payload payload oci:base:1 "$REGISTRY/app:1"
expect_status 0
expect_eq "$(actions | cut -d' ' -f2)" "payload:uploaded"
expect_eq "$(json 'j["digest"]')" "$digest"
expect_eq "$(image digest "$REGISTRY/app:1")" "$digest"
expect_eq "$(registry_uploads)" 0 "open upload sessions"

t "within one layout the base stays as it is"
run "$OHC" push --json --payload payload oci:base:1 oci:base:with
expect_status 0
expect_eq "$(actions | cut -d' ' -f1)" "base:kept"
expect_eq "$(image digest oci:base:1)" "$(cat base.digest)"
expect_eq "$(image digest oci:base:with)" "$digest"

t "a tag that is there is replaced, others stay"
run "$OHC" push --payload payload --label again=1 oci:base:1 oci:out:app
expect_status 0
expect_eq "$(json 'sorted(m["annotations"]["org.opencontainers.image.ref.name"] for m in j["manifests"])' \
	out/index.json)" '["app", "reg"]'
expect_false test "$(image digest oci:out:app)" = "$digest"

t "further tags"
run "$OHC" push --payload payload --tag two --tag three oci:base:1 oci:tags:one
expect_status 0
for tag in one two three; do
	expect_eq "$(image digest oci:tags:$tag)" "$digest" "digest of $tag"
done

t "a layout of one image needs no tag, and a new one gets none"
make_base single >/dev/null
run "$OHC" push --payload payload oci:single oci:untagged
expect_status 0
expect_eq "$(json 'len(j["manifests"])' untagged/index.json)" 1
expect_eq "$(tail -n 1 <<<"$out")" "oci:untagged@$(image digest oci:untagged)"

t "of a layout with two images the tag is needed"
run "$OHC" push --payload payload oci:tags:nosuch oci:x:y
expect_message 4 nosuch
expect_false test -e x

t "an index in a layout"
make_base many:1 --platform linux/arm64/v8,linux/amd64 --attestation >/dev/null
run "$OHC" push --json --payload payload --platform linux/amd64 oci:many:1 oci:out:amd
expect_status 0
expect_eq "$(json 'j["platform"]')" linux/amd64

t "a dry run of all platforms writes nothing"
run "$OHC" push --dry-run --no-check --payload payload --platform all oci:many:1 oci:dry:1
expect_status 0
expect_false test -e dry
run "$OHC" push --dry-run --no-check --payload payload --platform all oci:many:1 oci:out:dry
expect_status 0
run "$OHC" inspect oci:out:dry
expect_status 4

t "zstd and uncompressed layers of a base stay what they are"
for how in zstd none; do
	make_base "$how:1" --compression $how >/dev/null
	run "$OHC" push --payload payload "oci:$how:1" "oci:out:$how"
	expect_status 0
	image manifest "oci:$how:1" >a.json
	image manifest "oci:out:$how" >b.json
	expect_eq "$(json 'j["layers"][0]' b.json)" "$(json 'j["layers"][0]' a.json)"
done

t "--compression gives the layers that were asked for, of one tar"
for how in gzip zstd none; do
	run "$OHC" push --payload payload --compression $how oci:base:1 "oci:c:$how"
	expect_status 0
	image config "oci:c:$how" >"$how.config"
	expect_eq "$(json 'j["rootfs"]' $how.config)" "$(json 'j["rootfs"]' gzip.config)"
	image manifest "oci:c:$how" >"$how.json"
	expect_eq "$(image layer 1 "oci:c:$how" | sha256sum | cut -d' ' -f1)" \
		"$(json 'j["rootfs"]["diff_ids"][1][7:]' $how.config)"
done
expect_eq "$(json 'j["layers"][1]["mediaType"]' gzip.json)" \
	application/vnd.oci.image.layer.v1.tar+gzip
expect_eq "$(json 'j["layers"][1]["mediaType"]' zstd.json)" \
	application/vnd.oci.image.layer.v1.tar+zstd
expect_eq "$(json 'j["layers"][1]["mediaType"]' none.json)" application/vnd.oci.image.layer.v1.tar

t "levels differ in bytes, not in the tar"
for level in 1 9; do
	run "$OHC" push --payload payload --compression gzip --compression-level $level \
		oci:base:1 "oci:c:l$level"
	expect_status 0
	image config "oci:c:l$level" >l.config
	expect_eq "$(json 'j["rootfs"]' l.config)" "$(json 'j["rootfs"]' gzip.config)"
done

t "a manifest in Docker's format in a layout is said to be one, as copy says it"
make_base base:docker --docker >/dev/null
run "$OHC" push --payload payload oci:base:docker oci:docker:1
expect_status 0
expect_err "'oci:docker:1' now has a manifest in Docker's format"
run "$OHC" push --format oci --payload payload oci:base:docker oci:docker:2
expect_status 0
expect_no_err "Docker's format"

t "a compressed archive as the base is decompressed layer after layer, not by several at once"
if ! can_trace; then
	skip "$no_trace"
else
	options=()
	for i in 1 2 3 4 5 6; do
		mkdir many-$i
		head -c 4000000 /dev/urandom >many-$i/file
		options+=(--layer many-$i)
	done
	make_layout packed:1 --compression none "${options[@]}" >/dev/null
	layers=$(image manifest oci:packed:1 | json '" ".join("blobs/sha256/" + l["digest"][7:] for l in j["layers"])' /dev/stdin)
	# shellcheck disable=SC2086
	(cd packed && tar -czf ../packed.tar.gz oci-layout index.json $layers \
		$(ls -d blobs/sha256/* | grep -vxF "$(tr ' ' '\n' <<<"$layers")"))
	run strace -ff -qq -e trace=pread64 -y -o reads "$OHC" push --no-cache --jobs 8 --no-check \
		--profile none --payload payload:/x oci-archive:packed.tar.gz:1 oci:out:many
	expect_status 0
	read=$(awk '/packed.tar.gz/ { n += $NF } END { print n + 0 }' reads.*)
	echo "# $read bytes read"
	# Once for the list of what is in it, once to know the base's tree, once to copy its layers.
	expect_true test "$read" -gt 0 -a "$read" -lt $((7 * $(stat -c %s packed.tar.gz) / 2))
fi

t "every layout verifies by its own digests, and holds no temporary file"
for dir in out fresh base tags untagged c; do
	expect_eq "$(cd $dir/blobs/sha256 && for b in *; do
		echo "$b  $b"; done | sha256sum -c --quiet 2>&1)" '' "sha256sum in $dir"
	expect_eq "$(find $dir -name '.ohcompose-tmp*' | wc -l)" 0 "temporary files in $dir"
done

finish
