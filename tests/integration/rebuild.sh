#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# verify --rebuild: an image is composed again from what it says itself, wherever its inputs lie by now,
# and what was tampered with is named.
. "$(dirname "$0")/../lib.sh"

start_registry
small_payload payload
mkdir -p shelled/bin shelled/etc/ssl/certs
cp -a payload/. shelled
install -m 755 "$(command -v busybox)" shelled/bin/bash
echo certificates >shelled/etc/ssl/certs/ca-certificates.crt
load_base base:1 >/dev/null
"$OHC" pack -q payload "$REGISTRY/payload:1" >/dev/null
"$OHC" pack -q shelled "$REGISTRY/payload:shell" >/dev/null

# push DEST OPTIONS...: from base:1, unless BASE says another one
push()
{
	run "$OHC" push -q --no-check "${@:2}" "${BASE:-$REGISTRY/base:1}" "$1"
	expect_status 0
}
# same NAME OPTIONS...: it is what comes of what it says
same()
{
	run "$OHC" verify --rebuild -q --no-cache "${@:2}" "$1"
	expect_status 0
	expect_out "^$1@sha256:[0-9a-f]{64} is what comes of "
}
# differs NAME PATTERN: it is not, and a line says which part
differs()
{
	run "$OHC" verify --rebuild -q "$1"
	expect_status 3
	expect_out "$2"
	expect_err "^ohcompose: '$1' is not what .*[0-9]+ differences?"
}

t "a packed payload: no layer of it is read, and nothing is on disk"
push "$REGISTRY/out:packed" --payload "$REGISTRY/payload:1" --env A=1
registry_log_mark
run env -i PATH="$PATH" TMPDIR=/nonexistent HOME=/nonexistent "$OHC" verify --rebuild "$REGISTRY/out:packed"
expect_status 0
expect_out "is what comes of $REGISTRY/base:1 .* with $REGISTRY/payload:1 .* in /openhands, by profile openhands and --env"
expect_no_out taken
registry_log_since >log
layer=$(json 'j["layers"][0]["digest"]' <(image manifest "$REGISTRY/payload:1"))
expect_false grep -q "$layer" log
expect_false grep -qvE '^(GET|HEAD) ' log
run "$OHC" verify --rebuild -q --json "$REGISTRY/out:packed"
digest=$(image digest "$REGISTRY/out:packed")
expect_eq "$(json '[j["digest"], j["images"][0]["rebuilt"], j["findings"]]')" "[\"$digest\", \"$digest\", []]"

t "a directory that is gone: its layers are taken from the image, which is said"
cp -a payload gone
push "$REGISTRY/out:dir" --payload gone
rm -r gone
registry_log_mark
same "$REGISTRY/out:dir"
expect_out "^payload in /openhands: taken as the image has it"
layer=$(json 'j["layers"][-2]["digest"]' <(image manifest "$REGISTRY/out:dir"))
expect_false grep -q "$layer" <(registry_log_since)

t "every option, an account that clashes, a profile of one's own, times"
push "$REGISTRY/out:all" --payload "$REGISTRY/payload:1" --env B=1 --env 'A=$PATH:x' --unset-env C --user 7:7 \
	--workdir /w --entrypoint '["a"]' --cmd 'b c' --label l=1 --label k= --annotation a=1 --expose 80 --volume /v \
	--stop-signal TERM --created 2021-01-01T00:00:00Z --account me:4242:4242:/home/me:/bin/sh
same "$REGISTRY/out:all"
run env SOURCE_DATE_EPOCH=1 "$OHC" verify --rebuild -q "$REGISTRY/out:all"
expect_status 0
run env SOURCE_DATE_EPOCH=1700000000 "$OHC" push -q --no-check --mtime clamp --payload payload "$REGISTRY/base:1" "$REGISTRY/out:clamp"
expect_status 0
same "$REGISTRY/out:clamp"
run env SOURCE_DATE_EPOCH=1 "$OHC" verify --rebuild -q "$REGISTRY/out:dir" # which says no time
expect_status 0
push "$REGISTRY/out:noaccount" --payload payload --no-account --owner 5:5
same "$REGISTRY/out:noaccount"
push "$REGISTRY/out:clash" --payload payload --account you:65534:65534 --on-uid-clash reuse
same "$REGISTRY/out:clash"
echo '{ "name": "mine", "prefix": "/opt/x", "workspace": ["/w"], "links": { "/usr/bin/hello": "/opt/x/bin/hello" },
  "config": { "env": { "Z": "1", "A": "2" }, "user": "9:9" } }' >mine.json
push "$REGISTRY/out:mine" --payload payload --profile mine.json
rm mine.json
same "$REGISTRY/out:mine"
push "$REGISTRY/out:remove" --payload payload --remove /etc/os-release
same "$REGISTRY/out:remove"
push "$REGISTRY/out:none" --profile none
same "$REGISTRY/out:none"

t "what the payload provides of a shell and of certificates, as its labels or the image say"
mkdir bare
make_layout bare:1 --layer bare >/dev/null
put_layout bare:1 "$REGISTRY/bare:1"
for p in shelled "$REGISTRY/payload:shell"; do
	BASE=$REGISTRY/bare:1 push "$REGISTRY/out:shell" --payload "$p"
	expect_true grep -q 'bin/bash' <(image layer -1 "$REGISTRY/out:shell")
	same "$REGISTRY/out:shell"
done

t "several payloads, parts of images, formats and compressions"
push "$REGISTRY/out:two" --payload "$REGISTRY/payload:1" --payload shelled:/opt/more
same "$REGISTRY/out:two"
load_base whole:1 --layer payload >/dev/null
push "$REGISTRY/out:part" --payload "$REGISTRY/whole:1:/share"
same "$REGISTRY/out:part"
expect_out "payload in /share: taken"
for options in "--format docker" "--compression zstd" "--compression none" "--compression-level 9"; do
	# shellcheck disable=SC2086
	push "$REGISTRY/out:form" --payload payload $options
	same "$REGISTRY/out:form"
done
BASE=scratch push "$REGISTRY/out:scratch" --payload payload --platform linux/arm64
same "$REGISTRY/out:scratch"

t "a base that has the payload's directory, and one that was composed itself"
mkdir -p there/openhands/share
chmod 700 there/openhands
make_layout there:1 --layer there >/dev/null
put_layout there:1 "$REGISTRY/there:1"
for p in payload "$REGISTRY/payload:1"; do
	BASE=$REGISTRY/there:1 push "$REGISTRY/out:there" --payload "$p"
	same "$REGISTRY/out:there"
done
BASE=$REGISTRY/out:packed push "$REGISTRY/out:twice" --payload shelled
same "$REGISTRY/out:twice"

t "an index: each of its images, and the index itself"
load_base base:index --platform linux/amd64,linux/arm64,linux/s390x --attestation >/dev/null
BASE=$REGISTRY/base:index push "$REGISTRY/out:index" --platform all --payload linux/amd64=payload --payload linux/arm64=shelled
registry_log_mark
run "$OHC" verify --rebuild -q --json "$REGISTRY/out:index"
expect_eq "$(registry_log_since | grep -c "^GET /v2/base/manifests/$(image digest "$REGISTRY/base:index") ")" 1 "readings of the base's index"
expect_status 0
expect_eq "$(json '[i["platform"] for i in j["images"]]')" '["linux/amd64", "linux/arm64"]'
BASE=$REGISTRY/base:1 push "$REGISTRY/out:index1" --platform all --payload payload
run "$OHC" verify --rebuild -q "$REGISTRY/out:index1"
expect_status 0
image manifest "$REGISTRY/out:index" >index.json
py -c 'import json
j = json.load(open("index.json"))
j["manifests"][0]["platform"]["architecture"] = "s390x"
print(json.dumps(j), end="")' >other.json
put_manifest other.json "$REGISTRY/out:index2"
differs "$REGISTRY/out:index2" '^index.manifests\[0\].platform.architecture: is "s390x", and should be "amd64"'

t "names do not matter, digests do: a base and a payload whose tags have moved"
load_base moved:1 >/dev/null
"$OHC" pack -q payload "$REGISTRY/moved:payload" >/dev/null
BASE=$REGISTRY/moved:1 push "$REGISTRY/out:moved" --payload "$REGISTRY/moved:payload"
load_base moved:1 --layer payload >/dev/null
"$OHC" pack -q shelled "$REGISTRY/moved:payload" >/dev/null
same "$REGISTRY/out:moved"

t "in layouts, and a base that lay in one"
make_base local:1 >/dev/null
"$OHC" pack -q payload oci:packed:1 >/dev/null
BASE=oci:local:1 push oci:out:a --payload oci:packed:1
run "$OHC" verify --rebuild -q oci:out:a
expect_message 4 "base '1' is gone: sha256:[0-9a-f]+ is not in 'oci:out:a'; --look-in names others"
mv local elsewhere
mv packed elsewhere2
same oci:out:a --look-in oci:elsewhere --look-in oci:elsewhere2
run "$OHC" verify -q --look-in oci:elsewhere oci:out:a
expect_message 2 "--look-in goes with --rebuild"

t "a base or payload that is gone is named"
remove()
{
	local hex

	hex=$(image digest "$1")
	rm "$REGISTRY_ROOT/repositories/$2/_manifests/revisions/sha256/${hex#sha256:}/link"
}
load_base lost:1 >/dev/null
"$OHC" pack -q payload "$REGISTRY/lostpayload:1" >/dev/null
BASE=$REGISTRY/lost:1 push "$REGISTRY/out:lost" --payload payload
push "$REGISTRY/out:lostpayload" --payload "$REGISTRY/lostpayload:1"
remove "$REGISTRY/lost:1" lost
remove "$REGISTRY/lostpayload:1" lostpayload
run "$OHC" verify --rebuild -q --no-cache "$REGISTRY/out:lost"
expect_message 4 "base '$REGISTRY/lost:1' is gone: sha256:"
run "$OHC" verify --rebuild -q --no-cache "$REGISTRY/out:lostpayload"
expect_message 4 "payload '$REGISTRY/lostpayload:1' is gone: sha256:"

# ---- tampering ----

push oci:t:good --payload payload --env A=1
same oci:t:good
cat >tamper.py <<'EOF'
"""Writes oci:t:TAG, which is oci:t:good after a piece of Python changed its manifest m, config c or
composition how; put(bytes) stores a blob, get(digest) reads one."""
import gzip, hashlib, io, json, sys, tarfile

KEY = "io.ohcompose.composition"
tag, code = sys.argv[1:]

def path(digest):
    return "t/blobs/" + digest.replace(":", "/")

def get(digest):
    return open(path(digest), "rb").read()

def put(data):
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    open(path(digest), "wb").write(data)
    return {"digest": digest, "size": len(data)}

def plain(digest):
    return gzip.decompress(get(digest))

def diff_id(tar):
    return "sha256:" + hashlib.sha256(tar).hexdigest()

def text(j):
    return json.dumps(j, separators=(",", ":"), ensure_ascii=False).encode()

def tar_of(name, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    return out.getvalue()

def set_layer(at, tar, insert=False):
    layer = dict(m["layers"][-1], **put(gzip.compress(tar, mtime=0)))
    if insert:
        m["layers"].insert(at, layer)
        c["rootfs"]["diff_ids"].insert(at, diff_id(tar))
        c["history"].append({"created_by": "me"})
    else:
        m["layers"][at] = layer
        c["rootfs"]["diff_ids"][at] = diff_id(tar)

index = json.load(open("t/index.json"))
name = "org.opencontainers.image.ref.name"
good = [e for e in index["manifests"] if e["annotations"][name] == "good"][0]
m = json.loads(get(good["digest"]))
c = json.loads(get(m["config"]["digest"]))
how = json.loads(m["annotations"][KEY])
how_text = None
exec(code)
m["config"].update(put(text(c)))
m["annotations"][KEY] = how_text or json.dumps(how, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
index["manifests"] = [e for e in index["manifests"] if e["annotations"][name] != tag]
index["manifests"].append(dict(good, **put(text(m)), annotations={name: tag}))
json.dump(index, open("t/index.json", "w"))
EOF
tamper()
{
	py tamper.py "$@"
}

t "tampered: a layer more"
tamper more 'set_layer(len(m["layers"]), tar_of("evil", b"x"), True)'
differs oci:t:more '^layers\[3\]: sha256:[0-9a-f]{64} is a layer that comes of nothing'
expect_out '^config.rootfs.diff_ids\[3\]: is "sha256:[0-9a-f]+", and should be not there'
tamper between 'set_layer(1, tar_of("evil", b"x"), True)'
differs oci:t:between '^layers\[1\]: sha256:[0-9a-f]{64} is a layer that comes of nothing'

t "tampered: another base layer, another payload layer, one less"
tamper base 'set_layer(0, tar_of("evil", b"x"))'
differs oci:t:base '^layers\[0\]: is sha256:[0-9a-f]+, and should be the base layer sha256:'
tamper payload 'set_layer(1, tar_of("openhands/evil", b"x"))'
differs oci:t:payload "^layers: payload '/openhands': none of the image's layers has the diff ID sha256:"
tamper less 'del m["layers"][2], c["rootfs"]["diff_ids"][2]'
differs oci:t:less '^layers\[2\]: the adapter layer sha256:[0-9a-f]+ is missing before it'
tamper baseless 'del m["layers"][0], c["rootfs"]["diff_ids"][0]'
differs oci:t:baseless '^layers\[0\]: the base layer sha256:[0-9a-f]+ is missing before it'
expect_no_out '^layers\[.*should be the'

t "tampered: layers of another payload's, under the name of one that is an image"
push oci:t:good --payload "$REGISTRY/payload:1"
tamper fake 'tar = tar_of("openhands/evil", b"x")
set_layer(1, tar)
how["payloads"][0]["layers"] = [diff_id(tar)]'
differs oci:t:fake '^layers\[1\]: is sha256:[0-9a-f]+, and should be the payload layer sha256:'
push oci:t:good --payload payload --env A=1

t "tampered: an adapter with another passwd, another owner, a file more, a file less"
edit='def edit(change):
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(plain(m["layers"][-1]["digest"]))) as old, \
            tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as new:
        for i in old:
            data = old.extractfile(i).read() if i.isfile() else b""
            i, data = change(i, data)
            if i:
                i.size = len(data)
                new.addfile(i, io.BytesIO(data))
    set_layer(-1, out.getvalue())
'
tamper passwd "$edit"'
edit(lambda i, d: (i, d.replace(b"openhands:x:1000", b"openhands:x:0") if i.name == "etc/passwd" else d))'
differs oci:t:passwd '^adapter layer, /etc/passwd: has another content'
tamper owner "$edit"'
def change(i, d):
    if i.name == "workspace":
        i.uid = 0
        i.mode = 0o777
    return i, d
edit(change)'
differs oci:t:owner '^adapter layer, /workspace: belongs to 0:1000, and should to 1000:1000'
expect_out '^adapter layer, /workspace: has mode 040777, and should have 040755'
tamper time "$edit"'
def change(i, d):
    i.mtime += i.name == "workspace"
    return i, d
edit(change)'
differs oci:t:time '^adapter layer, /workspace: has the time [0-9]+, and should have [0-9]+'
tamper xattrs "$edit"'
def change(i, d):
    if i.name == "etc/passwd":
        i.pax_headers = {"SCHILY.xattr.user.a": "1"}
    return i, d
edit(change)'
differs oci:t:xattrs '^adapter layer, /etc/passwd: has other extended attributes'
tamper fewer "$edit"'
edit(lambda i, d: (None if i.name == "workspace" else i, d))'
differs oci:t:fewer '^adapter layer, /workspace: is missing'
tamper rubbish 'm["layers"][-1].update(put(b"rubbish"))'
differs oci:t:rubbish '^layers\[2\]: is not the adapter layer sha256:'

t "tampered: env, user, time, history, label"
tamper env 'c["config"]["Env"][0] += ":/evil"'
differs oci:t:env '^config.config.Env\[0\]: is "PATH=.*:/evil", and should be "PATH='
tamper user 'c["config"]["User"] = "0:0"'
differs oci:t:user '^config.config.User: is "0:0", and should be "1000:1000"'
tamper label 'c["config"]["Labels"] = {"a": "1"}'
differs oci:t:label '^config.config.Labels: is \{"a":"1"\}, and should be not there'
tamper history 'del c["history"][-1]'
differs oci:t:history '^config.history\[[0-9]+\]: is not there, and should be '

t "tampered: annotations, what it says of itself, another form of the same"
tamper annotation 'm["annotations"]["org.opencontainers.image.base.name"] = "docker.io/library/alpine:3"'
differs oci:t:annotation '^annotation org.opencontainers.image.base.name: is "docker.io/library/alpine:3", and should be '
tamper says 'how["options"]["env"] = ["A=2"]'
differs oci:t:says '^config.config.Env\[[0-9]+\]: is "A=1", and should be "A=2"'
tamper order 'how_text = json.dumps(how, indent=1)'
differs oci:t:order '^annotation io.ohcompose.composition: says the same in another form'
tamper manifest 'm = dict(reversed(list(m.items())))'
differs oci:t:manifest '^manifest: says the same in another form'
tamper field 'm["artifactType"] = "application/x"'
differs oci:t:field '^manifest.artifactType: is "application/x", and should be not there'

t "a consistent change is another composition, which is said"
push oci:t:good2 --payload payload --env A=2
same oci:t:good2

t "by another version: the same, where that can be"
tamper version 'how["program"] = "9.9.9"'
same oci:t:version
expect_out "with ohcompose 9.9.9"
tamper version 'how["program"] = "9.9.9"; c["config"]["User"] = "0:0"'
run "$OHC" verify --rebuild -q oci:t:version
expect_status 3
expect_out '^config.config.User: '
expect_err "may be those between ohcompose 9.9.9, .* and [0-9.]+: only that version can tell"
tamper version 'how["program"] = "9.9.9"; how["profile"]["digest"] = "sha256:" + 64 * "0"'
run "$OHC" verify --rebuild -q oci:t:version
expect_message 1 "composed by ohcompose 9.9.9 with a profile 'openhands' \(sha256:0{64}\) that this version does not carry"

t "an adapter layer that another codec packed is the same"
tamper codec 'how["codec"] = "zlib-ng level 6"
m["layers"][-1].update(put(gzip.compress(plain(m["layers"][-1]["digest"]), 1, mtime=0)))'
same oci:t:codec
expect_out "^adapter layer: the same, packed by zlib-ng level 6, which is not here"
tamper codec 'm["layers"][-1].update(put(gzip.compress(plain(m["layers"][-1]["digest"]), 1, mtime=0)))'
differs oci:t:codec '^layers\[2\]: has the same tar, but zlib level 6 packs it otherwise'

t "what it says is of another schema, cut, of strangers' files, or not there"
bad()
{
	tamper bad "$2"
	run "$OHC" verify --rebuild -q oci:t:bad
	expect_message "$1" "$3"
}
bad 3 'how["schema"] = 2' "annotation 'io.ohcompose.composition' of image 'oci:t:bad' is of schema 2, and this version of ohcompose knows 1"
bad 3 'how_text = json.dumps(how)[:80]' "annotation 'io.ohcompose.composition' of image 'oci:t:bad' is not valid JSON"
bad 3 'how["options"]["remote"] = "x"' "image 'oci:t:bad': 'options.remote' is unknown"
bad 3 'how["options"]["account"] = "root"' "image 'oci:t:bad' says how it was composed, but: .*account"
bad 3 'how["base"]["name"] = "oci:t:good"' "the image says that it has the base: 'oci:t:good' is no name of an image in a registry"
bad 1 'how["profile"]["name"] = "/etc/passwd"' "with a profile '/etc/passwd' .* that this version does not carry"
cp "$top/layout/profiles/openhands.json" mine.json # with the very digest
bad 1 'how["profile"]["name"] = "./mine.json"' "with a profile './mine.json' .* that this version does not carry"
run "$OHC" verify --rebuild -q "$REGISTRY/base:1"
expect_message 3 "image '$REGISTRY/base:1' does not say how it was composed: it has no annotation"
run "$OHC" verify --rebuild -q "$REGISTRY/nothing:1"
expect_status 4

t "a base whose index has no such image"
BASE=$REGISTRY/base:index push oci:t:good --platform linux/arm64 --payload payload
same oci:t:good
tamper index "how['base']['digest'] = '$(image digest "$REGISTRY/out:index")'
m['annotations']['org.opencontainers.image.base.digest'] = how['base']['digest']
how['base']['name'] = '$REGISTRY/out:index'
m['annotations']['org.opencontainers.image.base.name'] = how['base']['name']"
run "$OHC" verify --rebuild -q --look-in "$REGISTRY/base:index" oci:t:index
expect_status 3
expect_out "^annotation io.ohcompose.composition.base: the base's index sha256:[0-9a-f]+ has no image sha256:"

finish
