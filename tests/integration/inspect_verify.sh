#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# inspect and verify of images in a real registry.
. "$(dirname "$0")/../lib.sh"

start_registry
mkdir tree
seq 100000 >tree/text
digest=$(make_layout l:x --layer tree --platform linux/amd64,linux/arm64)
put_layout l:x "$REGISTRY/a/b:x" >/dev/null
put_layout l:x "$REGISTRY/a/b:y" >/dev/null

t "inspect: the page, by tag and by digest"
run "$OHC" inspect "$REGISTRY/a/b:x"
expect_status 0
expect_out "^Name: +$REGISTRY/a/b:x\$"
expect_out "^Digest: +$digest\$"
run "$OHC" inspect "$REGISTRY/a/b@$digest"
expect_status 0
expect_out "^Name: +$REGISTRY/a/b\$"

t "inspect reads no layer"
registry_log_mark
run "$OHC" inspect --json "docker://$REGISTRY/a/b:x"
expect_status 0
layer=$(json 'j["layers"][0]["digest"]')
expect_eq "$(registry_log_since | grep -c "blobs/$layer" || true)" 0 "requests for the layer"

t "inspect --raw and --tags"
expect_eq "$("$OHC" inspect --raw "$REGISTRY/a/b:x" | sha256sum | cut -c 1-64)" "${digest#sha256:}"
run "$OHC" inspect --tags "$REGISTRY/a/b"
expect_out_is $'x\ny'

t "inspect agrees with skopeo"
if have skopeo; then
	run skopeo inspect --tls-verify=false --override-arch amd64 "docker://$REGISTRY/a/b:x"
	expect_eq "$(json 'j["Layers"]')" "$("$OHC" inspect --json --platform linux/amd64 \
		"$REGISTRY/a/b:x" | py -c 'import json, sys
print(json.dumps([l["digest"] for l in json.load(sys.stdin)["layers"]]))')" layers
else
	skip "no skopeo"
fi

t "verify: sound"
run "$OHC" verify -q "$REGISTRY/a/b:x"
expect_status 0
expect_out "^$REGISTRY/a/b:x@$digest is sound: manifests 3, blobs 3 "

t "verify: a blob that rotted on the registry's disk"
file=$(registry_blob a/b "$layer")
cp "$file" saved
printf 'X' | dd of="$file" bs=1 seek=100 conv=notrunc status=none
run "$OHC" verify -q "$REGISTRY/a/b:x"
expect_status 3
expect_out "^layers\[0\] of manifest sha256:[0-9a-f]{64}: blob $layer .* its digest is sha256:"
expect_eq "$(wc -l <<<"$out")" 1 "lines of faults"

t "verify: a blob that is gone"
rm "$file"
run "$OHC" verify -q --retry 0 "$REGISTRY/a/b:x"
expect_status 3
expect_out "^layers\[0\] of manifest sha256:[0-9a-f]{64}: "
cp saved "$file"

t "a registry that is down is no fault of the image"
stop_registry
run "$OHC" verify -q --retry 0 "$REGISTRY/a/b:x"
expect_message 6 "${REGISTRY%:*}"

finish
