#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Other people's programs judge the images that push makes.
. "$(dirname "$0")/../lib.sh"

start_registry
load_base base:1 >/dev/null
load_base docker:1 --docker >/dev/null
load_base zstd:1 --compression zstd >/dev/null
make_base base:1 >/dev/null
small_payload payload

for base in base docker zstd; do
	run "$OHC" push --payload payload "$REGISTRY/$base:1" "$REGISTRY/out/$base:1"
	[ "$status" = 0 ] || { fail "push over $base"; exit 1; }
done
"$OHC" push -q --payload payload --compression zstd "$REGISTRY/base:1" "$REGISTRY/out/tozstd:1" \
	>/dev/null
"$OHC" push -q --payload payload oci:base:1 oci:out:1 >/dev/null
images="base docker zstd tozstd"

t "skopeo inspect"
for i in $images; do
	expect skopeo inspect --tls-verify=false "docker://$REGISTRY/out/$i:1"
	expect_eq "$(json 'j["Architecture"]')" amd64
	expect_eq "$(json '[e for e in j["Env"] if e.startswith("PATH=/openhands/bin:")] != []')" true
	expect skopeo inspect --config --tls-verify=false "docker://$REGISTRY/out/$i:1"
	expect_eq "$(json 'j["config"]["User"]')" 1000:1000
done
expect skopeo inspect oci:out:1

t "skopeo copies it, from the registry and from the layout"
for i in $images; do
	expect skopeo copy --insecure-policy --src-tls-verify=false \
		"docker://$REGISTRY/out/$i:1" "dir:dir-$i"
done
expect skopeo copy --insecure-policy oci:out:1 dir:dir-layout

t "skopeo makes a docker-archive of it"
expect skopeo copy --insecure-policy oci:out:1 docker-archive:out.tar:test:1

t "crane validates every layer"
if ! have crane; then
	skip "no crane"
else
	for i in base docker; do # it takes every layer for gzip
		expect crane validate --insecure --remote "$REGISTRY/out/$i:1"
	done
fi

t "umoci unpacks it to what the payload is"
if ! have umoci; then
	skip "no umoci"
else
	how=(--ignore-owner)
	[ "$(id -u)" != 0 ] || how=(--owner 1000:1000)
	umoci_unpack out:1 bundle
	expect compare_trees payload bundle/rootfs/openhands "${how[@]}"
	expect_true test -d bundle/rootfs/workspace
	expect_eq "$(json 'j["process"]["cwd"]' bundle/config.json)" /workspace
	expect_eq "$(json 'j["process"]["args"][0]' bundle/config.json)" \
		/openhands/bin/oh-action-execution-server
fi

t "the schemas of the image-spec"
schemas=${OHC_SHARED:-$top/../shared}/oci-schemas
if [ ! -d "$schemas" ]; then
	skip "no schemas beside the source tree"
elif ! "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	skip "no Python jsonschema"
else
	cat >judge.py <<'E2'
import json, os, sys, warnings
warnings.simplefilter("ignore")
import jsonschema
folder, name, path = sys.argv[1:]
docs = {f: json.load(open(os.path.join(folder, f))) for f in os.listdir(folder)}
local = lambda uri: docs[uri.rsplit("/", 1)[-1]]
schema = docs[name]
resolver = jsonschema.RefResolver(schema["id"], schema, handlers={"https": local})
jsonschema.Draft4Validator(schema, resolver=resolver).validate(json.load(open(path)))
E2
	for i in base zstd tozstd; do
		image manifest "$REGISTRY/out/$i:1" >manifest.json
		image config "$REGISTRY/out/$i:1" >config.json
		expect "$PYTHON" judge.py "$schemas" image-manifest-schema.json manifest.json
		expect "$PYTHON" judge.py "$schemas" config-schema.json config.json
	done
	expect "$PYTHON" judge.py "$schemas" image-index-schema.json out/index.json
	expect "$PYTHON" judge.py "$schemas" image-layout-schema.json out/oci-layout
	# and the judge can say no
	echo '{"schemaVersion": 2}' >bad.json
	expect_not "$PYTHON" judge.py "$schemas" image-manifest-schema.json bad.json
fi

t "GNU tar, bsdtar and Python read the layer alike"
image layer 1 oci:out:1 >layer.tar
tar -tf layer.tar | sed 's|/$||' >gnu
py -c 'import tarfile; [print(n) for n in tarfile.open("layer.tar").getnames()]' >python
expect_true cmp gnu python
if have bsdtar; then
	bsdtar -tf layer.tar | sed 's|/$||' >bsd
	expect_true cmp gnu bsd
fi

finish
