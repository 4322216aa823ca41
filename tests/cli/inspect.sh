#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ohcompose inspect: the page, and each of its other forms.
. "$(dirname "$0")/../lib.sh"

mkdir tree
seq 10000 >tree/text

inspect()
{
	run "$OHC" inspect -q "$@"
}

digest=$(make_layout l:x --layer tree --config '{"User": "1:2", "WorkingDir": "/w",
	"Env": ["A=1", "B=\u001b[31mred"], "Cmd": ["sh", "-c", "a b"], "Labels": {"k": "v"},
	"ExposedPorts": {"80/tcp": {}}, "Volumes": {"/v": {}}, "StopSignal": "SIGINT"}' \
	--manifest '{"annotations": {"org.opencontainers.image.base.name": "docker.io/library/b:1"}}')

t "the page"
inspect oci:l:x
expect_status 0
expect_out '^Name: +oci:l:x$'
expect_out "^Digest: +$digest\$"
expect_out '^Platform: +linux/amd64$'
expect_out '^Created: +2024-01-01T00:00:00Z$'
expect_out '^Base: +docker.io/library/b:1$'
expect_out '^Size: +[0-9.]+ k?B in 1 layer$'
expect_out '^User: +1:2$'
expect_out '^Directory: +/w$'
expect_out '^Command: +\["sh","-c","a b"\]$'
expect_out '^Environment: +A=1$'
expect_out '^ +B=.x1b\[31mred$'
expect_no_out $'\e'
expect_out '^Ports: +80/tcp$'
expect_out '^Volumes: +/v$'
expect_out '^Stop signal: +SIGINT$'
expect_out '^Labels: +k=v$'
expect_out '^ +[0-9.]+ k?B +sha256:[0-9a-f]{12}  layer 0$'
expect_eq "$err" '' "standard error"

t "--json says the same"
inspect --json oci:l:x
expect_status 0
expect_eq "$(json 'j["digest"]')" "$digest" digest
expect_eq "$(json '[j["platform"], j["created"], j["base"]["name"]]')" \
	'["linux/amd64", "2024-01-01T00:00:00Z", "docker.io/library/b:1"]'
expect_eq "$(json '[j["config"]["user"], j["config"]["workdir"], j["config"]["cmd"][2]]')" \
	'["1:2", "/w", "a b"]'
expect_eq "$(json 'j["size"] == sum(l["size"] for l in j["layers"]) == j["layers"][0]["size"]')" true
expect_eq "$(json '[h.get("layer") for h in j["history"]]')" '[0]' history

t "--raw: the very bytes"
expect_eq "$("$OHC" inspect --raw oci:l:x | sha256sum | cut -c 1-64)" "${digest#sha256:}"

t "--config: the very bytes"
expect_eq "$("$OHC" inspect --config oci:l:x | sha256sum | cut -c 1-64)" \
	"$(image manifest oci:l:x | py -c 'import json, sys
print(json.load(sys.stdin)["config"]["digest"][7:])')"

t "--layers"
inspect --layers oci:l:x
expect_status 0
expect_out '^sha256:[0-9a-f]{64} [0-9]+ application/vnd.oci.image.layer.v1.tar.gzip sha256:[0-9a-f]{64}$'
expect_eq "$(wc -l <<<"$out")" 1 lines
inspect --layers --json oci:l:x
expect_eq "$(json '[len(j), sorted(j[0])]')" '[1, ["diffId", "digest", "mediaType", "size"]]'

t "--plain-sizes reads the layers"
inspect --json oci:l:x
expect_status 0
expect_no_out 'plainSize'
inspect --plain-sizes --json oci:l:x
expect_eq "$(json 'j["plainSize"] == j["layers"][0]["plainSize"] > 48894')" true
inspect --plain-sizes oci:l:x
expect_out '^Size: +[0-9.]+ k?B in 1 layer, decompressed [0-9.]+ kB$'
expect_out '^ +[0-9.]+ k?B +[0-9.]+ kB +sha256:[0-9a-f]{12}  layer 0$'

t "a layer that is missing is no reason to say nothing"
mkdir more
echo more >more/file
make_layout gap:x --layer tree --layer more >/dev/null
first=$("$OHC" inspect --layers oci:gap:x | sed -n "1s/ .*//p")
rm gap/blobs/sha256/"${first#sha256:}"
inspect oci:gap:x
expect_status 0
expect_out '^Size: +[0-9.]+ k?B in 2 layers$'
expect_out "^ +-  ${first:0:19}  layer 0\$"
expect_out '^ +[0-9.]+ k?B  sha256:[0-9a-f]{12}  layer 1$'
inspect --plain-sizes oci:gap:x
expect_status 0
expect_out "^ +-  +-  ${first:0:19}  layer 0\$"
expect_out '^ +[0-9.]+ k?B +[0-9.]+ kB +sha256:[0-9a-f]{12}  layer 1$'
inspect --json oci:gap:x
expect_eq "$(json '[l.get("missing") for l in j["layers"]]')" '[true, null]'
tar cf gap.tar -C gap .
inspect oci-archive:gap.tar:x
expect_out "^ +-  ${first:0:19}  layer 0\$"

t "artifacts, whatever their config"
for config in '{}' '' 'text' '{"architecture": "unknown", "os": "unknown"}'; do
	py - "$config" <<-'END'
	import hashlib, json, os
	import sys
	os.makedirs("art/blobs/sha256", exist_ok=True)
	def put(data, media):
	    digest = hashlib.sha256(data).hexdigest()
	    with open("art/blobs/sha256/" + digest, "wb") as f:
	        f.write(data)
	    return {"mediaType": media, "digest": "sha256:" + digest, "size": len(data)}
	manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
	    "config": put(sys.argv[1].encode(), "application/vnd.oci.image.config.v1+json"),
	    "layers": [put(b"hello", "text/plain")]}
	entry = put(json.dumps(manifest).encode(), manifest["mediaType"])
	with open("art/index.json", "w") as f:
	    json.dump({"schemaVersion": 2, "manifests": [{**entry,
	        "annotations": {"org.opencontainers.image.ref.name": "x"}}]}, f)
	with open("art/oci-layout", "w") as f:
	    f.write('{"imageLayoutVersion": "1.0.0"}')
	END
	inspect oci:art:x
	expect_status 0
	expect_out '^Size: +5 B in 1 layer$'
	expect_no_out '^Platform'
	inspect --json --plain-sizes oci:art:x
	expect_status 0
	expect_eq "$(json 'j["layers"][0]["mediaType"]')" text/plain
	inspect --tree oci:art:x
	expect_message 3 "no container image but an artifact, and has no tree: layer sha256:[0-9a-f]* is of type 'text/plain'"
	expect "$OHC" verify oci:art:x
	run "$OHC" copy oci:art:x docker-archive:art.tar:a:1
	expect_message 1 'is no image \(its config or its layers are of none\): .* artifacts go into an oci-archive'
	expect_not test -e art.tar
	expect "$OHC" copy oci:art:x oci-archive:art-oci.tar:x
done

t "a tar as an artifact, whose config is called an image's and is empty"
make_layout tars:x --layer tree >/dev/null
py - <<'END'
import hashlib, json
def path(d):
    return "tars/blobs/sha256/" + d["digest"][7:]
def put(data, d):
    d = {**d, "digest": "sha256:" + hashlib.sha256(data).hexdigest(), "size": len(data)}
    with open(path(d), "wb") as f:
        f.write(data)
    return d
with open("tars/index.json") as f:
    index = json.load(f)
with open(path(index["manifests"][0])) as f:
    manifest = json.load(f)
manifest["config"] = put(b"{}", manifest["config"])
index["manifests"] = [put(json.dumps(manifest).encode(), index["manifests"][0])]
with open("tars/index.json", "w") as f:
    json.dump(index, f)
END
inspect oci:tars:x
expect_status 0
expect_out '^Size: '
inspect --tree oci:tars:x
expect_out ' /text$'
expect "$OHC" verify oci:tars:x
run "$OHC" copy oci:tars:x docker-archive:tars.tar:a:1
expect_message 1 'is no image'
run "$OHC" push --no-check --profile none oci:tars:x oci:never:x
expect_message '[13]' 'tars'

t "an image whose config knows other layers"
make_layout lies:x --layer tree --break diff-ids >/dev/null
run "$OHC" copy oci:lies:x docker-archive:lies.tar:a:1
expect_message 1 'is no image \(its config knows another number of layers\)'

t "--tree: layers laid over one another"
mkdir -p low/bin low/etc low/gone high/etc
install -m 4755 /dev/null low/bin/su
install -m 1644 /dev/null low/bin/sticky
install -m 2644 /dev/null low/bin/group
echo root >low/etc/passwd
: >low/gone/x
ln -s ../etc/passwd low/bin/link
touch "low/bin/a"$'\n\e[31m\xff'
echo root and me >high/etc/passwd
ln high/etc/passwd high/etc/passwd-
: >high/.wh.gone
top_layer=$(make_layout tree:x --layer low --layer high >/dev/null && "$OHC" inspect --layers oci:tree:x |
	sed -n '2s/ .*//p')
inspect --tree oci:tree:x
expect_status 0
expect_out_is "$(cat <<'END'
drwxr-xr-x       0:0          -   - /
drwxr-xr-x       0:0          -   0 /bin
-rw-r--r--       0:0          0   0 /bin/a\n\x1b[31m\xff
-rw-r-Sr--       0:0          0   0 /bin/group
lrwxrwxrwx       0:0          -   0 /bin/link -> ../etc/passwd
-rw-r--r-T       0:0          0   0 /bin/sticky
-rwsr-xr-x       0:0          0   0 /bin/su
drwxr-xr-x       0:0          -   1 /etc
-rw-r--r--       0:0         12   1 /etc/passwd
-rw-r--r--       0:0         12   1 /etc/passwd-
END
)"
inspect --tree --json oci:tree:x
expect_status 0
expect_eq "$(json 'sorted(j[0])')" '["gid", "mode", "mtime", "path", "type", "uid"]' "the root"
expect_eq "$(json 'j[2]["path"], __import__("base64").b64decode(j[2]["pathBase64"]).hex()')" \
	'["/bin/a\n\u001b[31m\\xff", "'"$(printf '/bin/a\n\e[31m\xff' | od -An -tx1 | tr -d ' \n')"'"]'
expect_eq "$(json 'j[4]["type"], j[4]["target"], "size" in j[4]')" '["symlink", "../etc/passwd", false]'
expect_eq "$(json 'j[6]["type"], j[6]["mode"], j[6]["size"]')" '["file", "4755", 0]'
expect_eq "$(json 'j[8]["inode"] == j[9]["inode"] != j[2]["inode"]')" true "hard links"
expect_eq "$(json 'j[8]["layer"], j[8]["digest"]')" "[1, \"$top_layer\"]"

t "--tree: from the cache"
inspect --tree oci:tree:x --cache kept
expect_status 0
rm tree/blobs/sha256/"${top_layer#sha256:}"
inspect --tree oci:tree:x --cache kept
expect_status 0
inspect --tree oci:tree:x --no-cache
expect_message 4 "$top_layer"

t "--tree: of scratch's likes, and of what is no tar"
make_layout nothing:x >/dev/null
inspect --tree oci:nothing:x
expect_out_is "drwxr-xr-x       0:0          -   - /"
inspect --tree --json oci:nothing:x
expect_eq "$(json 'len(j)')" 1
head -c 3000 /dev/urandom >noise.tar
make_layout noise:x --layer noise.tar >/dev/null
inspect --tree oci:noise:x
expect_message 3 'layer sha256:[0-9a-f]+'

t "--tags"
make_layout l:second --layer tree >/dev/null
make_layout l:another --layer tree >/dev/null
inspect --tags oci:l
expect_out_is $'another\nsecond\nx'
inspect --tags --json oci:l:x
expect_eq "$(json j)" '["another", "second", "x"]'

t "an index"
digest=$(make_layout i:x --layer tree --platform linux/s390x,linux/riscv64 --attestation)
inspect oci:i:x
expect_status 0
expect_out "^Digest: +$digest\$"
expect_out '^Platforms: +linux/s390x +sha256:'
expect_out '^ +linux/riscv64 +sha256:'
expect_out '^ +and 1 attestation$'
expect_out '^Platform: +linux/s390x$'
inspect --platform linux/riscv64 oci:i:x
expect_out '^Platform: +linux/riscv64$'
expect_eq "$("$OHC" inspect --raw oci:i:x | sha256sum | cut -c 1-64)" "${digest#sha256:}"
inspect --raw --platform linux/riscv64 oci:i:x
expect_eq "$(json 'sorted(j)')" '["config", "layers", "mediaType", "schemaVersion"]'
inspect --config --platform linux/riscv64 oci:i:x
expect_eq "$(json 'j["architecture"]')" riscv64
inspect --tree --platform linux/riscv64 oci:i:x
expect_out ' /text$'
inspect --tree --platform linux/mips oci:i:x
expect_message 4 'no image for platform linux/mips'
inspect --platform linux/mips oci:i:x
expect_message 4 'no image for platform linux/mips; it has linux/s390x, linux/riscv64'

t "forms that contradict each other"
inspect --raw --config oci:l:x
expect_message 2 "'--raw' and '--config' cannot be given together"
inspect --tags --layers oci:l:x
expect_message 2 "'--layers' and '--tags' cannot be given together"
inspect --layers --tree oci:l:x
expect_message 2 "'--layers' and '--tree' cannot be given together"
inspect --raw --json oci:l:x
expect_message 2 "'--raw' and '--json' cannot be given together"

t "what is not there, and what is wrong"
inspect oci:l:nobody
expect_message 4 nobody
inspect oci:nowhere
expect_message 4 nowhere
inspect --platform linux oci:l:x
expect_message 2 "malformed platform 'linux'"
make_layout bad:x --layer tree --break config-digest >/dev/null
inspect oci:bad:x
expect_message 3 'sha256:'
make_layout worse:x --layer tree --break layer-digest >/dev/null
inspect --plain-sizes oci:worse:x
expect_message 3 'layers\[0\] of manifest sha256:'

t "names of transports that there are not, and paths, are not Docker Hub's"
run "$OHC" inspect dir:images
expect_message 2 "there is no transport 'dir:', only docker://, oci:, oci-archive: and docker-archive:"
run "$OHC" inspect ./images
expect_message 2 "'./images': it is a path; oci:./images would be an image layout"

t "--format: members, as skopeo and docker write them"
# formatted TEMPLATE SHOULD-BE
formatted()
{
	inspect --format "$1" oci:l:x
	expect_status 0
	expect_out_is "$2"
}
digest=$("$OHC" inspect --json oci:l:x | json 'j["digest"]' /dev/stdin)
formatted '{{.Digest}}' "$digest"
formatted '{{ .digest }} {{.Platform}}' "$digest linux/amd64"
formatted '{{.Config.Cmd}}' '[sh -c a b]'
formatted '{{json .Config.Cmd}}' '["sh","-c","a b"]'
formatted '{{.Config.Labels | json}}' '{"k":"v"}'
formatted '{{join .Config.Cmd "+"}}' 'sh+-c+a b'
formatted '{{index .Config.Labels "k"}}{{index .Config.Labels "none"}}.' v.
formatted '{{index .Config.Cmd 1}} {{len .Layers}}' '-c 1'
formatted '{{range .Config.Cmd}}<{{.}}>{{end}}' '<sh><-c><a b>'
formatted '{{range .None}}x{{else}}none{{end}}' none
formatted '{{if .Base}}{{.Base.Name}}{{else}}{{.Nothing}}{{end}}' docker.io/library/b:1
formatted '{{if .None}}{{.None.At.All}}{{end}}.' .
formatted 'a {{- .Config.User -}} b\n\tc' $'a1:2b\n\tc'
formatted plain plain

t "--format: what is no template is said before anything is read"
for template in '{{.Digest' '{{end}}' '{{if .A}}' '{{range .A}}{{else}}' '{{what .A}}' '{{}}' '{{json}}' '{{"a}}' \
	'{{len .A .B}}' "$(printf '{{if .A}}%.0s' {1..40})"; do
	inspect --format "$template" oci:none:x
	expect_message 2 '^ohcompose: --format: '
done

t "--format: a member that is not there"
inspect --format '{{.Digests}}' oci:l:x
expect_message 4 "no 'Digests' here; there is name, digest, "
inspect --format '{{.Digest}}' --json oci:l:x
expect_message 2 "'--json' and '--format' cannot be given together"
inspect --format '{{.Digest}}' --layers oci:l:x
expect_message 2 "cannot be given together"

finish
