#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Files that hang on an image: attach, inspect --referrers, detach, in a registry that keeps no list
# of referrers, in one that does, and in a layout.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

mkdir plain
echo file >plain/file
echo '{"spdxVersion": "SPDX-2.3"}' >bom.json
echo other >other.txt
spdx=application/spdx+json
make_layout base:1 --layer plain >/dev/null
start_registry
start_stub

# image NAME: an image there
image()
{
	run "$OHC" copy oci:base:1 "$1"
	expect_status 0
}

# hanging IMAGE: the digests and types of what hangs there
hanging()
{
	run "$OHC" inspect --referrers "$1"
	expect_status 0
	cut -d' ' -f1,3 <<<"$out"
}

# attached: the digest of the last attachment
attached()
{
	echo "${out##*@}"
}

for place in "$REGISTRY/a/b" "$STUB/a/b" oci:layout; do
	t "attach, list and detach at ${place%%/*}"
	image "$place:1"
	run "$OHC" inspect --json "$place:1"
	before=$(json 'j["digest"]')
	run "$OHC" attach --type $spdx "$place:1" bom.json
	expect_status 0
	first=$(attached)
	expect_out_is "$place@$first"
	expect_eq "$(hanging "$place:1")" "$first $spdx"

	run "$OHC" attach --json --type $spdx "$place:1" "$PWD/bom.json"
	expect_status 0
	expect_eq "$(json 'j["action"] + " " + j["digest"]')" "kept $first"
	expect_eq "$(json 'j["subject"]["digest"]')" "$before"
	expect_eq "$(json 'j["file"]["digest"]')" "sha256:$(sha256sum <bom.json | cut -d' ' -f1)"

	run_in "$OHC" attach --type text/plain --annotation a.b=c=d "$place:1" - <other.txt
	expect_status 0
	second=$(attached)
	expect_eq "$(hanging "$place:1")" "$(printf '%s\n' "$first $spdx" "$second text/plain")"
	run "$OHC" inspect --referrers "$place:1"
	expect_out " text/plain a.b=c=d$"

	run "$OHC" attach --type application/a "$place:1" other.txt # the last to come, and the first by type
	expect_status 0
	expect_eq "$(hanging "$place:1")" \
		"$(printf '%s\n' "$(attached) application/a" "$first $spdx" "$second text/plain")"
	run "$OHC" detach --type application/a "$place:1"
	expect_status 0

	run "$OHC" inspect --raw "$place@$second"
	expect_eq "$(json '"annotations" in j["layers"][0]')" false # standard input has no title

	run "$OHC" inspect --raw "$place@$first"
	expect_status 0
	expect_eq "$(json 'j["subject"]["digest"]')" "$before"
	expect_eq "$(json 'j["layers"][0]["annotations"]["org.opencontainers.image.title"]')" bom.json
	run "$OHC" verify "$place@$first"
	expect_status 0
	run "$OHC" inspect --json "$place:1"
	expect_eq "$(json 'j["digest"]')" "$before"

	run "$OHC" detach --type text/plain "$place:1"
	expect_status 0
	expect_out_is "$second text/plain"
	expect_eq "$(hanging "$place:1")" "$first $spdx"
	run "$OHC" detach "$place:1" "$second"
	expect_message 4 "$second does not hang on '$place:1'"
	run "$OHC" detach "$place:1" "$first"
	expect_status 0
	expect_eq "$(hanging "$place:1")" ""
	run "$OHC" detach --all "$place:1"
	expect_message 4 "nothing hangs on '$place:1'"
done

t "the same in all of them"
expect_eq "$(for place in "$REGISTRY/a/b" "$STUB/a/b" oci:layout; do
	"$OHC" attach --type $spdx "$place:1" bom.json
done | sed 's/.*@//' | sort -u | wc -l)" 1 "different digests"

t "another place keeps what hangs there"
run "$OHC" copy --referrers "$REGISTRY/a/b:1" oci:copied:1
expect_status 0
expect_eq "$(hanging oci:copied:1 | cut -d' ' -f2)" $spdx

t "what somebody else has deleted does not hinder others"
run "$OHC" push -q --no-check --profile none --label gone=1 oci:base:1 "$REGISTRY/a/gone:1"
expect_status 0
for i in 1 2 3; do
	echo "$i" >"gone$i"
	run "$OHC" attach -q --type text/plain "$REGISTRY/a/gone:1" "gone$i"
	expect_status 0
	[ $i != 1 ] || gone=$(attached)
	[ $i != 2 ] || expect_true curl -sf -X DELETE "http://$REGISTRY/v2/a/gone/manifests/$gone"
done
expect_err "$gone is gone from '$REGISTRY/a/gone', and is taken out of the list of referrers"
expect_eq "$(hanging "$REGISTRY/a/gone:1" | wc -l)" 2

t "a registry that deletes nothing, but takes lists"
REGISTRY_STORAGE_DELETE_ENABLED=false start_registry
image "$REGISTRY/a/b:1"
run "$OHC" attach --type $spdx "$REGISTRY/a/b:1" bom.json
expect_status 0
run "$OHC" detach --all "$REGISTRY/a/b:1"
expect_status 0
expect_eq "$(hanging "$REGISTRY/a/b:1")" ""

t "of what a registry lists, only descriptors count"
image "$STUB/strange:1"
stub_config "{\"rules\": [{\"match\": {\"path\": \".*/referrers/.*\"}, \"do\": {\"status\": 200,
	\"headers\": {\"Content-Type\": \"application/vnd.oci.image.index.v1+json\"},
	\"json\": {\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.index.v1+json\", \"manifests\": [
		1, null, \"x\", [], {}, {\"artifactType\": \"a/none\"},
		{\"mediaType\": \"a/b\", \"artifactType\": \"a/away\", \"digest\": \"../../x\", \"size\": 1},
		{\"mediaType\": \"a/b\", \"artifactType\": \"a/less\", \"digest\": \"$first\", \"size\": -1},
		{\"mediaType\": \"a/b\", \"artifactType\": \"a/good\", \"digest\": \"$first\", \"size\": 1}]}}}]}"
expect_eq "$(hanging "$STUB/strange:1")" "$first a/good"
run "$OHC" inspect --json --referrers "$STUB/strange:1"
expect_status 0
expect_eq "$(json '[m.get("artifactType") for m in j]')" '["a/good"]'
run "$OHC" detach --type a/none "$STUB/strange:1"
expect_message 4 "nothing"
stub_config '{}'

t "a dry run tells of the tag that a list gets, where the registry keeps none"
mkdir -p payload/bin
echo program >payload/bin/program
run "$OHC" pack payload "$REGISTRY/payload:1"
expect_status 0
expect_no_err 'gets a tag'
tag="sha256-[0-9a-f]{64}$"
# told COUNT COMMAND...: so many lines tell of one
told()
{
	run "${@:2}"
	expect_status 0
	expect_eq "$(grep -cE "' keeps no list of what hangs on an image: that gets a tag of its own, $tag" <<<"$err")" "$1" \
		"lines for '${*:3}'"
}
push=("$OHC" push --dry-run --no-check --profile none --payload "$REGISTRY/payload:1" oci:base:1)
told 1 "${push[@]}" "$REGISTRY/new:1" --sbom
expect_err "^'$REGISTRY/new' keeps no list of .*, sha256-$(sed 's/.*@sha256://' <<<"${out##*$'\n'}")$"
told 1 "${push[@]}" "$REGISTRY/new:1" --sign 'false {}'
told 1 "${push[@]}" "$REGISTRY/new:1" --sbom --sign 'false {}'
told 0 "${push[@]}" "$REGISTRY/new:1"
told 0 "${push[@]}" "$STUB/new:1" --sbom --sign 'false {}'
told 0 "${push[@]}" oci:new:1 --sbom --sign 'false {}'
told 1 "$OHC" pack --dry-run payload "$REGISTRY/new:1"
told 0 "$OHC" pack --dry-run --sbom none payload "$REGISTRY/new:1"
told 1 "$OHC" pack --dry-run --sbom none --sign 'false {}' payload "$REGISTRY/new:1"
told 0 "$OHC" pack --dry-run payload "$STUB/new:1"
for i in 1 2 3; do
	echo "oci:base:1 $REGISTRY/new:$i"
done | py -c 'import json, sys
print(json.dumps({"images": [dict(zip(("base", "dest"), l.split())) for l in sys.stdin]}))' >list.json
bake=("$OHC" bake --dry-run --no-check --profile none --payload "$REGISTRY/payload:1" list.json)
for args in --sbom "--sign=false {}"; do
	run "${bake[@]}" "$args"
	expect_status 0
	expect_out "^$REGISTRY: about .*; 3 tags more, as it keeps no list of what hangs on an image"
	run "${bake[@]}" --json "$args"
	expect_eq "$(json 'j["hosts"][0]["tags"]')" 3
done
run "${bake[@]}"
expect_no_out tag

t "of an index: itself, or one of its images"
make_layout both:1 --layer plain --platform linux/amd64,linux/arm64 >/dev/null
run "$OHC" attach --platform linux/arm64 --type $spdx oci:both:1 bom.json
expect_status 0
expect_eq "$(hanging oci:both:1)" ""
run "$OHC" inspect --referrers --platform linux/arm64 oci:both:1
expect_out " application/spdx.json$"
run "$OHC" detach --platform linux/arm64 --all oci:both:1
expect_status 0

t "an empty file"
: >empty
run "$OHC" attach --type text/plain oci:layout:1 empty
expect_status 0

t "one of 300 MB in little memory"
if can_peak; then
	truncate -s 300M large
	peak "$OHC" attach --type application/octet-stream oci:layout:1 large
	expect_status 0
	expect_true test "$peak" -lt 65536
	rm large
else
	skip "$no_peak"
fi
rm -r layout

t "wrong use"
run "$OHC" attach "$REGISTRY/a/b:1" bom.json
expect_message 2 "--type says what 'bom.json' is"
for type in text '' /x text/ 'te xt/plain' text/a/b text/-a ./a; do
	run "$OHC" attach --type "$type" "$REGISTRY/a/b:1" bom.json
	expect_message 2 "'$type' is no media type"
done
for text in x =v; do
	run "$OHC" attach --type $spdx --annotation $text "$REGISTRY/a/b:1" bom.json
	expect_message 2 "'$text' is no annotation"
done
run "$OHC" attach --type $spdx "$REGISTRY/a/b:1" nothing
expect_message 4 "cannot open 'nothing'"
run "$OHC" attach --type $spdx "$REGISTRY/a/b:1" plain
expect_status 1
run "$OHC" attach --type $spdx "$REGISTRY/a/b:2" bom.json
expect_message 4 "$REGISTRY/a/b:2"
run "$OHC" attach --type $spdx oci:none:1 bom.json
expect_status 4
expect_not test -e none
run "$OHC" attach --type $spdx oci-archive:x.tar:1 bom.json
expect_message 2 "'oci-archive:x.tar:1': files hang on images in registries and in layouts"
run "$OHC" detach "$REGISTRY/a/b:1"
expect_message 2 "say what to take off"
run "$OHC" detach --all --type $spdx "$REGISTRY/a/b:1"
expect_message 2 "say what to take off"
run "$OHC" detach "$REGISTRY/a/b:1" sha256:12
expect_message 2 "'sha256:12' is no digest"
expect_eq "$(hanging "$REGISTRY/a/b:1")" ""

t "an annotation that is no UTF-8 is refused, and not left out"
for annotation in $'A=\xff' $'A\xff=b'; do
	run "$OHC" attach --type $spdx --annotation "$annotation" oci:base:1 bom.json
	expect_message 2 "annotation '.*' is not valid UTF-8"
done

finish
