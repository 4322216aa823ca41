#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# upgrade: images that were composed before, with a new payload or on a newer base; what cannot be
# upgraded is told of and left as it is.
. "$(dirname "$0")/../lib.sh"

start_registry
small_payload payload
cp -a payload new
echo 2 >new/share/version
cp -a payload broken
rm broken/bin/oh-action-execution-server
for i in 1 2 3; do
	mkdir -p "own$i/etc"
	echo "$i" >"own$i/etc/own"
	load_base "base$i:1" --layer "own$i" >/dev/null
done
for p in payload new; do
	"$OHC" pack -q "$p" "$REGISTRY/packed:$p" >/dev/null
done

# push DEST OPTIONS...: from base1, unless BASE says another one; nothing is checked that need not be
push()
{
	run "$OHC" push -q --no-check "${@:2}" "${BASE:-$REGISTRY/base1:1}" "$1"
	expect_status 0
}
upgrade()
{
	run "$OHC" upgrade -q --json "$@"
}
sums()
{
	json '"%d done, %d there, %d failed, %d left" % (j["done"], j["there"], j["failed"], j["left"])'
}
# is NAME OTHER: both name one digest
is()
{
	expect_eq "$(image digest "$1")" "$(image digest "$2")" "$1"
}

t "a new payload: each image is what push makes of it, under its own name"
for i in 1 2 3; do
	BASE=$REGISTRY/base$i:1 push "$REGISTRY/run:$i" --payload "$REGISTRY/packed:payload" --env A=$i --user 7:7
	BASE=$REGISTRY/base$i:1 push "$REGISTRY/want:$i" --payload "$REGISTRY/packed:new" --env A=$i --user 7:7
done
registry_log_mark
upgrade --payload "$REGISTRY/packed:new" "$REGISTRY/run:1" "$REGISTRY/run:2" "$REGISTRY/run:3"
expect_status 0
expect_eq "$(sums)" "3 done, 0 there, 0 failed, 0 left"
registry_log_since >log
expect_eq "$(grep -c '^POST .*mount=.*from=packed' log)" 1 "mounts of the payload"
expect_false grep -qE '^(POST|PUT) .*mount=.*from=base' log
expect_eq "$(json 'j["requests"]')" "$(grep -cv '^GET /v2/ ' log)" requests
for i in 1 2 3; do
	is "$REGISTRY/run:$i" "$REGISTRY/want:$i"
done

t "options that an image says itself are missed by nobody, and a level is of one compression"
push "$REGISTRY/zstd:1" --payload payload --compression zstd --compression-level 15
push "$REGISTRY/want:gzip" --payload new --compression gzip
push "$REGISTRY/want:zstd" --payload new --compression zstd --compression-level 19
upgrade --payload new --compression gzip --dest "$REGISTRY/zstd:gzip" "$REGISTRY/zstd:1"
expect_status 0
is "$REGISTRY/zstd:gzip" "$REGISTRY/want:gzip"
upgrade --payload new --compression-level 19 --dest "$REGISTRY/zstd:19" "$REGISTRY/zstd:1"
expect_status 0
is "$REGISTRY/zstd:19" "$REGISTRY/want:zstd"
push "$REGISTRY/timed:1" --payload payload --created 1000
SOURCE_DATE_EPOCH=1000 push "$REGISTRY/want:clamp" --payload new --mtime clamp
upgrade --payload new --mtime clamp --dest "$REGISTRY/timed:clamp" "$REGISTRY/timed:1"
expect_status 0
is "$REGISTRY/timed:clamp" "$REGISTRY/want:clamp"
upgrade --payload new --mtime clamp --dest "$REGISTRY/timed:none" "$REGISTRY/run:1"
expect_status 2
expect_err "--mtime clamp needs SOURCE_DATE_EPOCH"

t "once more: they are there already, by few requests"
registry_log_mark
upgrade --payload "$REGISTRY/packed:new" --repo "$REGISTRY/run"
expect_eq "$(sums)" "0 done, 3 there, 0 failed, 0 left"
expect_false grep -qE '^(PUT|POST|PATCH) ' <(registry_log_since)

t "what the image has is in its repository: nothing of it is mounted, also where nothing was kept"
registry_log_mark
upgrade --no-cache --payload "$REGISTRY/packed:payload" "$REGISTRY/run:1" --dest "$REGISTRY/run:back"
expect_eq "$(sums)" "1 done, 0 there, 0 failed, 0 left"
expect_false grep -qE '^(POST|PUT) .*from=base' <(registry_log_since)

t "an image that was composed of a directory, with another directory"
push "$REGISTRY/dir:1" --payload payload
BASE=$REGISTRY/base2:1 push "$REGISTRY/dir:2" --payload payload
push "$REGISTRY/want:dir" --payload new
upgrade --payload new --repo "$REGISTRY/dir"
expect_eq "$(sums)" "2 done, 0 there, 0 failed, 0 left"
is "$REGISTRY/dir:1" "$REGISTRY/want:dir"

t "one whose base has moved is left, unless somebody says which base is meant"
n=0
for p in payload "$REGISTRY/packed:payload"; do
	n=$((n + 1))
	load_base moving:1 >/dev/null
	BASE=$REGISTRY/moving:1 push "$REGISTRY/moved:1" --payload "$p"
	before=$(image digest "$REGISTRY/moved:1")
	old=$(image digest "$REGISTRY/moving:1")
	load_base moving:1 --layer own2 >/dev/null
	upgrade --payload new "$REGISTRY/moved:1" "$REGISTRY/run:$n"
	expect_status 1
	expect_eq "$(sums)" "1 done, 0 there, 0 failed, 1 left"
	expect_err "left as it was: '$REGISTRY/moved:1': its base '$REGISTRY/moving:1' has moved from $old to sha256:[0-9a-f]+: --base-moved"
	expect_err "^ohcompose: 1 of 2 images were left as they were"
	expect_eq "$(image digest "$REGISTRY/moved:1")" "$before"
	BASE=$REGISTRY/moving:1 push "$REGISTRY/want:moved" --payload "$p"
	cp -a payload gone # the directory itself is not needed
	upgrade --base-moved "$REGISTRY/moved:1" --dest "$REGISTRY/moved:newer"
	expect_status 0
	is "$REGISTRY/moved:newer" "$REGISTRY/want:moved"
	upgrade --base-kept --payload "$REGISTRY/packed:new" "$REGISTRY/moved:1" --dest "$REGISTRY/moved:kept"
	expect_status 0
	expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.digest"]' <(image manifest "$REGISTRY/moved:kept"))" "$old"
	expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.name"]' <(image manifest "$REGISTRY/moved:kept"))" "$REGISTRY/moving:1"
	rm -r gone
done

t "a payload whose directory is gone goes onto another base out of the image"
cp -a payload gone
push "$REGISTRY/gone:1" --payload gone --env A=1
BASE=$REGISTRY/base3:1 push "$REGISTRY/want:gone" --payload gone --env A=1
rm -r gone
upgrade --base "$REGISTRY/base3:1" "$REGISTRY/gone:1"
expect_status 0
is "$REGISTRY/gone:1" "$REGISTRY/want:gone"

t "what would no longer run fails by push's own proof, and stays as it is"
before=$(image digest "$REGISTRY/run:1")
upgrade --payload broken "$REGISTRY/run:1"
expect_status 7
expect_eq "$(sums)" "0 done, 0 there, 1 failed, 0 left"
expect_err "^ohcompose: push to '$REGISTRY/run:1': the image would not run as it should .*oh-action-execution-server"
expect_eq "$(image digest "$REGISTRY/run:1")" "$before"
load_base moving:1 --layer own1 >/dev/null
BASE=$REGISTRY/moving:1 push "$REGISTRY/run:moving" --payload payload
mkdir -p taken/openhands/bin/oh-action-execution-server/x
load_base moving:1 --layer taken --config '{"Volumes": {"/openhands": {}}}' >/dev/null
before=$(image digest "$REGISTRY/run:moving")
upgrade --base-moved "$REGISTRY/run:moving"
expect_eq "$(sums)" "0 done, 0 there, 1 failed, 0 left"
expect_eq "$(image digest "$REGISTRY/run:moving")" "$before"

t "what is not ours is named, and does not fail a whole repository"
put_layout "$(make_base other:1 >/dev/null; echo other:1)" "$REGISTRY/mixed:other"
push "$REGISTRY/mixed:ours" --payload payload
"$OHC" pack -q payload "$REGISTRY/mixed:payload" >/dev/null
"$OHC" attach -q --type application/x "$REGISTRY/mixed:ours" payload/share/data/x >/dev/null
image manifest "$REGISTRY/mixed:other" >m.json
curl -sf -o /dev/null -X PUT -H "Content-Type: $(json 'j["mediaType"]' m.json)" --data-binary @m.json \
	"http://$REGISTRY/v2/mixed/manifests/sha512-$(printf '%064d' 0)"
run "$OHC" upgrade --json --payload new --repo "$REGISTRY/mixed" --report report.jsonl --html page.html
expect_status 0
expect_eq "$(sums)" "1 done, 0 there, 0 failed, 2 left"
expect_err "left as it was: '$REGISTRY/mixed:other' was not composed by ohcompose"
expect_eq "$(json 'j["state"] + ": " + j["why"][:20]' <(grep 'mixed:other"' report.jsonl))" "left: '$(echo "$REGISTRY/mixed:other" | cut -c1-19)"
expect_eq "$(grep -c '<tr class="waiting">' page.html)" 2
upgrade --payload new "$REGISTRY/mixed:other"
expect_status 1

t "an annotation that is none, a base or a payload that is gone: each with its reason"
image manifest "$REGISTRY/run:1" >m.json
for change in '.replace("\"schema\":1", "\"schema\":7")' '[:80]'; do
	py -c 'import json
m = json.load(open("m.json"))
m["annotations"]["io.ohcompose.composition"] = m["annotations"]["io.ohcompose.composition"]'"$change"'
print(json.dumps(m), end="")' >bad.json
	put_manifest bad.json "$REGISTRY/run:bad"
	upgrade --payload new "$REGISTRY/run:bad"
	expect_status 1
	expect_err "left as it was: '$REGISTRY/run:bad': annotation 'io.ohcompose.composition' of it is (of schema 7|not valid JSON)"
done
py -c 'import json
m = json.load(open("m.json"))
c = json.loads(m["annotations"]["io.ohcompose.composition"])
c["base"]["platform"] = "x"
m["annotations"]["io.ohcompose.composition"] = json.dumps(c)
print(json.dumps(m), end="")' >bad.json
put_manifest bad.json "$REGISTRY/run:bad"
upgrade --payload new "$REGISTRY/run:bad"
expect_status 3
expect_err "upgrade '$REGISTRY/run:bad': the image says that its base is for the platform 'x', which is none"
load_base lost:1 >/dev/null
BASE=$REGISTRY/lost:1 push "$REGISTRY/out:lost" --payload payload
hex=$(image digest "$REGISTRY/lost:1")
rm -r "$REGISTRY_ROOT/repositories/lost/_manifests"
upgrade --no-cache --payload new "$REGISTRY/out:lost"
expect_eq "$(sums)" "0 done, 0 there, 1 failed, 0 left"
expect_err "^ohcompose: .*base '$REGISTRY/lost:1'.*$hex"
"$OHC" copy -q "$REGISTRY/out:lost" "$REGISTRY/out:lost2" >/dev/null
registry_log_mark
upgrade --no-cache --payload new "$REGISTRY/out:lost" "$REGISTRY/out:lost2"
expect_eq "$(sums)" "0 done, 0 there, 2 failed, 0 left"
expect_eq "$(registry_log_since | grep -cE '^(HEAD|GET) /v2/lost/manifests/1 ')" 1 "whether a base that is gone has moved"
make_base local:1 >/dev/null
BASE=oci:local:1 push "$REGISTRY/out:local" --payload payload
upgrade --payload new "$REGISTRY/out:local"
expect_eq "$(sums)" "0 done, 0 there, 0 failed, 1 left"
expect_err "its base '1' lay in a layout or an archive, and nobody knows where: name it with --base"
upgrade --payload new --base oci:local:1 "$REGISTRY/out:local"
expect_eq "$(sums)" "1 done, 0 there, 0 failed, 0 left"

t "options stay, and those that are given are added"
push "$REGISTRY/out:o" --payload payload --env A=1 --label l=1 --account me:4242 --created 2020-01-01T00:00:00Z
push "$REGISTRY/want:o" --payload new --env A=1 --env B=2 --label l=1 --no-account --workdir /w --created 2020-01-01T00:00:00Z
upgrade --payload new --env B=2 --no-account --workdir /w "$REGISTRY/out:o"
expect_status 0
is "$REGISTRY/out:o" "$REGISTRY/want:o"
run env SOURCE_DATE_EPOCH=1700000000 "$OHC" upgrade -q "$REGISTRY/out:o"
expect_status 0
expect_eq "$(json 'j["created"]' <(image config "$REGISTRY/out:o"))" 2023-11-14T22:13:20Z

t "times that were clamped are clamped to the same time"
SOURCE_DATE_EPOCH=1700000000 push "$REGISTRY/out:clamp" --payload payload --mtime clamp
SOURCE_DATE_EPOCH=1700000000 push "$REGISTRY/want:clamp" --payload new --mtime clamp
upgrade --payload new "$REGISTRY/out:clamp"
expect_status 0
is "$REGISTRY/out:clamp" "$REGISTRY/want:clamp"

t "of several payloads the one that goes to the same directory is replaced"
push "$REGISTRY/out:two" --payload "$REGISTRY/packed:payload" --payload payload:/opt/more
push "$REGISTRY/want:two" --payload "$REGISTRY/packed:new" --payload payload:/opt/more
upgrade --no-check --payload "$REGISTRY/packed:new" "$REGISTRY/out:two"
expect_status 0
is "$REGISTRY/out:two" "$REGISTRY/want:two"
upgrade --payload new:/opt/x "$REGISTRY/out:two"
expect_eq "$(sums)" "0 done, 0 there, 1 failed, 0 left"
expect_err "the image has no payload in '/opt/x' that 'new' could replace"

t "an index with all of its images"
load_base many:1 --platform linux/amd64,linux/arm64 >/dev/null
BASE=$REGISTRY/many:1 push "$REGISTRY/out:many" --platform all --payload linux/amd64=payload --payload linux/arm64=new
upgrade --no-check --payload "$REGISTRY/packed:new" "$REGISTRY/out:many" --dest "$REGISTRY/out:many2"
expect_eq "$(sums)" "0 done, 0 there, 1 failed, 0 left" # packed is for amd64 alone
expect_err "is an image for linux/amd64, not for linux/arm64"
BASE=$REGISTRY/many:1 push "$REGISTRY/want:many" --platform all --payload new
upgrade --no-check --payload new "$REGISTRY/out:many" --dest "$REGISTRY/out:many2"
expect_status 0
is "$REGISTRY/out:many2" "$REGISTRY/want:many"
load_base many:1 --platform linux/amd64,linux/arm64 --layer own1 >/dev/null
BASE=$REGISTRY/many:1 push "$REGISTRY/want:many" --platform all --payload linux/amd64=payload --payload linux/arm64=new
upgrade --no-check --base-moved "$REGISTRY/out:many"
expect_status 0
is "$REGISTRY/out:many" "$REGISTRY/want:many"

t "an index whose base lost a platform, or that a payload for one would leave, stays as it is"
before=$(image digest "$REGISTRY/out:many")
upgrade --no-check --payload linux/amd64=new "$REGISTRY/out:many"
expect_status 4
expect_err "the image for linux/arm64 would be gone: base '$REGISTRY/many:1' has none any more, or no payload is for it"
load_base many:2 --platform linux/amd64,linux/arm64 >/dev/null
curl -sf "http://$REGISTRY/v2/many/manifests/2" -H "Accept: application/vnd.oci.image.index.v1+json" >lost.json
"$PYTHON" -c 'import json
m = json.load(open("lost.json"))
del m["manifests"][1:]
json.dump(m, open("lost.json", "w"))'
put_manifest lost.json "$REGISTRY/many:1"
upgrade --no-check --base-moved "$REGISTRY/out:many"
expect_status 4
expect_err "push to '$REGISTRY/out:many': the image for linux/arm64 would be gone"
load_base many:1 --platform linux/amd64 >/dev/null
upgrade --no-check --base-moved "$REGISTRY/out:many"
expect_status 4
expect_eq "$(image digest "$REGISTRY/out:many")" "$before"
upgrade --no-check --base-moved --platform linux/amd64 --dest "$REGISTRY/out:amd64" "$REGISTRY/out:many"
expect_status 0

t "... unless it may lose some: those that are left are made, and told is which are not"
platforms()
{
	json '" ".join(m["platform"]["architecture"] for m in j["manifests"])' <(image manifest "$1")
}
load_base three:1 --platform linux/amd64,linux/arm64,linux/riscv64 >/dev/null
BASE=$REGISTRY/three:1 push "$REGISTRY/out:three" --platform all --payload payload
load_base three:1 --platform linux/amd64,linux/riscv64 >/dev/null
run "$OHC" upgrade --no-check --base-moved "$REGISTRY/out:three"
expect_status 4
expect_err 'the image for linux/arm64 would be gone: .*--drop-platforms'
run "$OHC" upgrade --no-check --base-moved --drop-platforms "$REGISTRY/out:three"
expect_status 0
expect_err "'$REGISTRY/out:three': the image for linux/arm64 is dropped: base '$REGISTRY/three:1' has none"
expect_eq "$(platforms "$REGISTRY/out:three")" "amd64 riscv64"
upgrade --no-check --drop-platforms --payload linux/riscv64=new "$REGISTRY/out:three"
expect_status 0
expect_eq "$(platforms "$REGISTRY/out:three")" riscv64
upgrade --no-check --drop-platforms --payload linux/s390x=new "$REGISTRY/out:three"
expect_status 4

t "names from a list, from bake's report; other names by template"
echo "$REGISTRY/base1:1" >bases
run "$OHC" bake -q --no-check --bases bases --payload payload --dest "$REGISTRY/baked:{base.slug}" --report baked.jsonl
expect_status 0
upgrade --payload new --list baked.jsonl --list-field name --dest "$REGISTRY/baked:{base.repo}-{image.tag}"
expect_eq "$(sums)" "1 done, 0 there, 0 failed, 0 left"
expect_true image digest "$REGISTRY/baked:base1-${REGISTRY/:/-}-base1-1"
printf '%s\n' "$REGISTRY/run:2 # a comment" "$REGISTRY/run:3" >names
upgrade --payload "$REGISTRY/packed:payload" --list names --tag also
expect_message 2 "image '$REGISTRY/run:3': tag 'also' is a tag of image '$REGISTRY/run:2', too"
upgrade --payload "$REGISTRY/packed:payload" --list names --dest "$REGISTRY/{image.repo}-{image.tag}:1" --tag also
expect_eq "$(sums)" "2 done, 0 there, 0 failed, 0 left"
is "$REGISTRY/run-2:1" "$REGISTRY/run-2:also"
digest=$(image digest "$REGISTRY/run:2")
upgrade --payload new "$REGISTRY/run@$digest"
expect_message 2 "has a digest, which cannot stay: --dest says"
upgrade --payload new "$REGISTRY/run@$digest" --dest "$REGISTRY/run:by-{base.tag}-{profile}"
expect_eq "$(sums)" "1 done, 0 there, 0 failed, 0 left"
expect_true image digest "$REGISTRY/run:by-1-openhands"

t "a journal, shards, a dry run, a layout"
BASE=$REGISTRY/base1:1 push oci:out:a --payload payload
BASE=$REGISTRY/base2:1 push oci:out:b --payload payload
before=$(image digest oci:out:a)
upgrade --payload new --repo oci:out --dry-run
expect_eq "$(sums)" "2 done, 0 there, 0 failed, 0 left"
expect_eq "$(image digest oci:out:a)" "$before"
for shard in 1 2 3 4 5; do # a and b are in different ones
	upgrade --payload new --repo oci:out --dry-run --shard $shard/5
	expect_status 0
	json '"%d planned, %d elsewhere" % (j["done"], j["otherShards"])' >>dry
done
expect_eq "$(sort dry | uniq -c | tr -s ' ')" " 3 0 planned, 2 elsewhere
 2 1 planned, 1 elsewhere"
expect_eq "$(image digest oci:out:a)" "$before"
upgrade --payload new --repo oci:out --dest "$REGISTRY/laid:{image.tag}" --journal j
expect_eq "$(sums)" "2 done, 0 there, 0 failed, 0 left"
registry_log_mark
upgrade --payload new --repo oci:out --dest "$REGISTRY/laid:{image.tag}" --journal j
expect_eq "$(sums)" "0 done, 2 there, 0 failed, 0 left"
expect_false grep -q '^PUT' <(registry_log_since)
for layer in own1 own3; do # under the same name the image has another base than when it was noted
	load_base kept:1 --layer $layer >/dev/null
	BASE=$REGISTRY/kept:1 push oci:kept:a --payload payload
	upgrade --base-kept --payload new --repo oci:kept --dest "$REGISTRY/laid:{image.tag}" --journal kept.journal
	expect_eq "$(sums)" "1 done, 0 there, 0 failed, 0 left"
done
for shard in 1 2 3; do
	upgrade --payload new --repo oci:out --shard $shard/3
	expect_status 0
	json 'j["done"]' >>shards
done
expect_eq "$(awk '{ n += $1 } END { print n }' shards)" 2
push oci:want:a --payload new
is oci:out:a oci:want:a

t "images of other shards are not read, and one that is named twice is upgraded once"
registry_log_mark
upgrade --payload "$REGISTRY/packed:new" --shard 1/2 "$REGISTRY/run:2" "$REGISTRY/run:3" "$REGISTRY/run:2"
expect_status 0
first=$(json 'j["done"] + j["there"]')
read_first=$(registry_log_since | grep -cE '^(GET|HEAD) /v2/run/manifests/[23] ' || true)
registry_log_mark
upgrade --payload "$REGISTRY/packed:new" --shard 2/2 "$REGISTRY/run:2" "$REGISTRY/run:3" "$REGISTRY/run:2"
expect_eq "$((first + $(json 'j["done"] + j["there"]')))" 2
both=$((read_first + $(registry_log_since | grep -cE '^(GET|HEAD) /v2/run/manifests/[23] ' || true)))
registry_log_mark
upgrade --payload "$REGISTRY/packed:new" "$REGISTRY/run:2" "$REGISTRY/run:3" "$REGISTRY/run:2"
expect_eq "$(sums)" "0 done, 2 there, 0 failed, 0 left"
expect_eq "$both" "$(registry_log_since | grep -cE '^(GET|HEAD) /v2/run/manifests/[23] ' || true)"

t "what is wrong with the command is told before anything is read"
registry_log_mark
upgrade --payload new
expect_message 2 "images are missing"
upgrade --base x --base-moved "$REGISTRY/run:1"
expect_message 2 "only one of --base, --base-moved and --base-kept"
upgrade --list-field x "$REGISTRY/run:1"
expect_message 2 "--list-field goes with --list"
upgrade --repo "$REGISTRY/run:1"
expect_message 2 "a repository or a layout is wanted, without a tag"
upgrade --dest "{image.tug}" "$REGISTRY/run:1"
expect_message 2 "did you mean '\{image.tag\}'"
upgrade oci-archive:x.tar
expect_message 2 "images of registries and layouts can"
expect_eq "$(registry_log_since)" ""
upgrade --dest "$REGISTRY/run:same" "$REGISTRY/run:2" "$REGISTRY/run:3"
expect_message 2 "'$REGISTRY/run:same' is the destination of image '$REGISTRY/run:2', too"
run "$OHC" bake --bases bases --dest "$REGISTRY/x:{image.tag}"
expect_message 2 "\{image.tag\} and \{image.repo\} are of an image that is upgraded"

finish
