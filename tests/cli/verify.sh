#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ohcompose verify: a line for each fault, and 3; the image's own kinds of faults.
. "$(dirname "$0")/../lib.sh"

mkdir tree
head -c 100000 /dev/urandom >tree/noise
seq 10000 >tree/text

verify()
{
	run "$OHC" verify -q "$@"
}

for family in '' --docker; do
	for compression in gzip none; do
		t "a sound image: ${family:-OCI} $compression"
		# shellcheck disable=SC2086
		digest=$(make_layout "l$family$compression:x" --layer tree $family \
			--compression $compression)
		verify "oci:l$family$compression:x"
		expect_status 0
		expect_out "^oci:l$family$compression:x@$digest is sound: manifests 1, blobs 2 "
	done
done

t "a sound image: zstd"
make_layout zstd:x --layer tree --compression zstd >/dev/null
verify oci:zstd:x
expect_status 0

t "a sound index, with an attestation"
make_layout index:x --layer tree --platform linux/amd64,linux/arm64 --attestation >/dev/null
verify oci:index:x
expect_status 0
expect_out 'is sound: manifests 3,'

t "what BuildKit says of its images is sound"
echo '{"_type": "https://in-toto.io/Statement/v0.1"}' >statement
make_layout attested:x --layer tree --platform linux/amd64 --attestation >/dev/null
py - <<'END'
import hashlib, json
def path(d):
    return "attested/blobs/sha256/" + d["digest"][7:]
def put(doc, **members):
    data = doc if isinstance(doc, bytes) else json.dumps(doc).encode()
    d = {"digest": "sha256:" + hashlib.sha256(data).hexdigest(), "size": len(data), **members}
    with open(path(d), "wb") as f:
        f.write(data)
    return d
with open("attested/index.json") as f:
    top = json.load(f)
with open(path(top["manifests"][0])) as f:
    index = json.load(f)
statement = put(open("statement", "rb").read(), mediaType="application/vnd.in-toto+json",
    annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"})
config = put({"architecture": "unknown", "os": "unknown", "config": {},
    "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]}},
    mediaType="application/vnd.oci.image.config.v1+json")
entry = index["manifests"][-1]
entry.update(put({"schemaVersion": 2, "mediaType": entry["mediaType"], "config": config,
    "layers": [statement]}))
entry["annotations"]["vnd.docker.reference.digest"] = index["manifests"][0]["digest"]
top["manifests"][0].update(put(index))
with open("attested/index.json", "w") as f:
    json.dump(top, f)
END
verify oci:attested:x
expect_status 0
expect_out 'is sound: manifests 3, blobs 4 '

t "layers of the other family are told"
make_layout mixed:x --docker --layer tree --layer-type application/vnd.oci.image.layer.v1.tar+gzip >/dev/null
verify oci:mixed:x
expect_status 3
expect_out "^layers\[0\] of manifest .*: is 'application/vnd.oci.image.layer.v1.tar\+gzip' in a manifest of Docker schema 2"
make_layout mixed:y --layer tree --layer-type application/vnd.docker.image.rootfs.diff.tar.gzip >/dev/null
verify oci:mixed:y
expect_status 3
expect_out "^layers\[0\] of manifest .*: is 'application/vnd.docker.image.rootfs.diff.tar.gzip' in a manifest of OCI"
make_layout mixed:z --docker --layer tree --compression zstd >/dev/null
verify oci:mixed:z
expect_status 0

t "a layer is a tar to its end"
tar cf whole.tar -C tree .
for cut in 100 70000 $(($(stat -c %s tree/noise) + 512)); do
	head -c "$cut" whole.tar >cut.tar
	for compression in gzip none zstd; do
		make_layout cut:x --layer cut.tar --compression $compression >/dev/null
		verify oci:cut:x
		expect_status 3
		expect_out '^layers\[0\] of manifest sha256:[0-9a-f]{64}: the layer is not a valid tar: '
		expect_eq "$(wc -l <<<"$out")" 1 "lines of faults"
	done
done
make_layout cut:text --layer statement >/dev/null
verify oci:cut:text
expect_status 3
expect_out 'the layer is not a valid tar'

t "--json"
verify --json oci:index:x
expect_status 0
expect_eq "$(json '[j["name"], j["manifests"], j["skipped"], j["findings"]]')" \
	'["oci:index:x", 3, 0, []]'
expect_eq "$(json 'j["digest"][:7], j["bytes"] > 100000, j["plainBytes"] > 140000')" \
	'["sha256:", true, true]'

# check_fault WHAT PATTERN: of an image with that lie
check_fault()
{
	t "a fault: $1"
	make_layout "$1:x" --layer tree --break "$1" >/dev/null
	verify "oci:$1:x"
	expect_status 3
	expect_out "$2"
	expect_err "^ohcompose: 'oci:$1:x' is not sound: (1 fault|[0-9]+ faults)\$"
	expect_no_err ": 1 faults"
	verify --json "oci:$1:x"
	expect_status 3
	expect_eq "$(json 'len(j["findings"]) > 0')" true
}

check_fault layer-size '^layers\[0\] of manifest sha256:[0-9a-f]{64}: .* bytes '
check_fault layer-digest '^layers\[0\] of manifest sha256:[0-9a-f]{64}: '
check_fault layer-missing '^layers\[0\] of manifest sha256:[0-9a-f]{64}: '
check_fault layer-truncated '^layers\[0\] of manifest sha256:[0-9a-f]{64}: '
check_fault config-size '^config of manifest sha256:[0-9a-f]{64}: '
check_fault config-digest '^config of manifest sha256:[0-9a-f]{64}: '
check_fault config-missing '^config of manifest sha256:[0-9a-f]{64}: '
check_fault diff-ids '^config of manifest sha256:[0-9a-f]{64}: has .* diff IDs for the 1 layers'
check_fault not-json 'not valid JSON'

t "archives, also from standard input"
if have skopeo; then
	skopeo copy -q oci:lgzip:x docker-archive:d.tar:a/b:c
	skopeo copy -q oci:lgzip:x oci-archive:o.tar:x
	for name in docker-archive:d.tar:a/b:c oci-archive:o.tar:x; do
		verify "$name"
		expect_status 0
		expect_out '@sha256:[0-9a-f]{64} is sound: manifests 1, blobs 2 '
	done
	run_in "$OHC" verify -q oci-archive:- <o.tar
	expect_status 0
	expect_out '^oci-archive:-@sha256:[0-9a-f]{64} is sound: '
else
	skip "no skopeo"
fi

t "what an image says of itself is not obeyed by the terminal"
make_layout esc:x --layer tree --config '{"Env": ["\u001b[31mred"]}' >/dev/null
verify oci:esc:x
expect_status 3
expect_out "Env\[0\]"
expect_no_out $'\e'

t "no such image, no such directory, no such kind"
verify oci:index:nobody
expect_message 4 nobody
verify oci:nowhere:x
expect_message 4 nowhere
verify scratch
expect_message 1 "'scratch' cannot be used here"
verify Bad
expect_message 2 'malformed image name'

finish
