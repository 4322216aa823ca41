#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bake and upgrade with images for several platforms: of the whole list, and of some images of it; each is
# what push makes of it, with all its tags, and the report tells of its index.
. "$(dirname "$0")/../lib.sh"

start_registry
small_payload payload
cp -a payload new
echo 2 >new/share/version
for i in 1 2 3; do
	mkdir -p "own$i/etc"
	echo "$i" >"own$i/etc/own"
	load_base "base:$i" --layer "own$i" --platform linux/amd64,linux/arm64/v8 >/dev/null
done
load_base base:one --layer own1 >/dev/null

# bake ARGUMENTS...: nothing is checked that need not be: the payload is one of amd64
bake()
{
	rm -f report
	run "$OHC" bake -q --json --no-check --payload payload --report report "$@"
}
push()
{
	run "$OHC" push -q --no-check --payload payload "$@"
	expect_status 0
}
sums()
{
	json '"%d done, %d there, %d failed, %d left" % (j["done"], j["there"], j["failed"], j["left"])'
}
is()
{
	expect_eq "$(image digest "$1")" "$(image digest "$2")" "$1"
}
# platforms NAME: of an index; "no: …" of an image
platforms()
{
	json '" ".join("/".join(filter(None, (m["platform"]["os"], m["platform"]["architecture"], m["platform"].get("variant")))) for m in j["manifests"])' \
		<(image manifest "$1")
}
# row NAME EXPRESSION: of the report's line for that image
row()
{
	json "$2" <(grep -F "\"name\":\"$1\"" report)
}

for i in 1 2 3; do
	push --platform all "$REGISTRY/base:$i" "$REGISTRY/want:all$i" --tag "more$i"
	push --platform linux/arm64 "$REGISTRY/base:$i" "$REGISTRY/want:arm$i"
	push --platform linux/amd64 "$REGISTRY/base:$i" "$REGISTRY/want:amd$i"
done
both="linux/amd64 linux/arm64/v8"

t "all platforms of each base, by the command line, with one upload of the payload"
seq -f "$REGISTRY/base:%g" 3 >names
registry_log_mark
bake --no-cache --platform all --bases names --dest "$REGISTRY/cli{base.tag}:1" --tag more
expect_status 0
expect_eq "$(sums)" "3 done, 0 there, 0 failed, 0 left"
for i in 1 2 3; do
	is "$REGISTRY/cli$i:1" "$REGISTRY/want:all$i"
	is "$REGISTRY/cli$i:more" "$REGISTRY/want:all$i"
	expect_eq "$(platforms "$REGISTRY/cli$i:1")" "$both"
	expect_eq "$(row "$REGISTRY/cli$i:1" 'j["digest"]')" "$(image digest "$REGISTRY/cli$i:1")"
	expect_eq "$(row "$REGISTRY/cli$i:1" 'j["mediaType"]')" application/vnd.oci.image.index.v1+json
	expect_eq "$(row "$REGISTRY/cli$i:1" 'j["tags"]')" '["more"]'
	expect_eq "$(row "$REGISTRY/cli$i:1" 'j["state"]')" done
	expect_eq "$(row "$REGISTRY/cli$i:1" 'sum(l["role"] == "payload" for l in j["layers"])')" 2
done

t "of a list: at the top, for some images, and for one platform of some"
cat >list.json <<END
{"platform": "all", "dest": "$REGISTRY/list:{base.tag}", "images": [
 "$REGISTRY/base:1",
 {"base": "$REGISTRY/base:2", "platform": "linux/arm64", "tag": "arm"},
 {"base": "$REGISTRY/base:3", "platform": "linux/amd64"}]}
END
bake list.json
expect_status 0
expect_eq "$(sums)" "3 done, 0 there, 0 failed, 0 left"
is "$REGISTRY/list:1" "$REGISTRY/want:all1"
is "$REGISTRY/list:2" "$REGISTRY/want:arm2"
is "$REGISTRY/list:arm" "$REGISTRY/want:arm2"
is "$REGISTRY/list:3" "$REGISTRY/want:amd3"
expect_eq "$(row "$REGISTRY/list:1" 'j["mediaType"].rsplit(".", 2)[1]')" index
expect_eq "$(row "$REGISTRY/list:2" 'j["platform"]')" linux/arm64
expect_eq "$(row "$REGISTRY/list:3" 'j["platform"]')" linux/amd64
cat >list.json <<END
{"dest": "$REGISTRY/some:{base.tag}", "images": [
 {"base": "$REGISTRY/base:1", "platform": "all"},
 "$REGISTRY/base:2",
 {"base": "$REGISTRY/base:one", "platform": "all"}]}
END
bake list.json
expect_status 0
is "$REGISTRY/some:1" "$REGISTRY/want:all1"
is "$REGISTRY/some:2" "$REGISTRY/want:amd2" # the payload's platform
push --platform all "$REGISTRY/base:one" "$REGISTRY/want:one"
is "$REGISTRY/some:one" "$REGISTRY/want:one"

t "what is there is left alone, and asked for by two requests an image"
registry_log_mark
bake --skip-existing --platform all --bases names --dest "$REGISTRY/cli{base.tag}:1" --tag more
expect_status 0
expect_eq "$(sums)" "0 done, 3 there, 0 failed, 0 left"
expect_false grep -qE '^(PUT|POST|PATCH) ' <(registry_log_since)
bake --journal journal --platform all --bases names --dest "$REGISTRY/cli{base.tag}:1" --tag more
expect_eq "$(sums)" "3 done, 0 there, 0 failed, 0 left"
bake --journal journal --platform all --bases names --dest "$REGISTRY/cli{base.tag}:1" --tag more
expect_eq "$(sums)" "0 done, 3 there, 0 failed, 0 left"
bake --journal journal --bases names --dest "$REGISTRY/cli{base.tag}:1" --tag more
expect_eq "$(sums)" "3 done, 0 there, 0 failed, 0 left" # of one platform it is another image
is "$REGISTRY/cli1:more" "$REGISTRY/want:amd1"

t "a dry run tells of all platforms, and a platform that a base has not fails that image alone"
registry_log_mark
run "$OHC" bake --dry-run --json --no-cache --no-check --payload payload --platform all --bases names --dest "$REGISTRY/dry:{base.tag}"
expect_status 0
expect_eq "$(json 'j["images"]')" 3
expect_false grep -q "/dry/manifests" <(registry_log_since)
printf '{"dest": "%s/gone:{base.tag}", "images": [{"base": "%s/base:one", "platform": "linux/arm64"}, "%s/base:1"]}' \
	"$REGISTRY" "$REGISTRY" "$REGISTRY" >list.json
bake list.json
expect_status 1
expect_eq "$(sums)" "1 done, 0 there, 1 failed, 0 left"
expect_err "is an image for linux/amd64, not for linux/arm64"
is "$REGISTRY/gone:1" "$REGISTRY/want:amd1"

# upgrade ARGUMENTS...
upgrade()
{
	rm -f report
	run "$OHC" upgrade -q --json --no-check --report report "$@"
}

t "upgrade: an index stays one, with its tags, under its name or another"
"$OHC" push -q --no-check --payload new --platform all "$REGISTRY/base:1" "$REGISTRY/want:new1" >/dev/null
"$OHC" push -q --no-check --payload new --platform linux/arm64 "$REGISTRY/base:2" "$REGISTRY/want:newarm2" >/dev/null
upgrade --payload new "$REGISTRY/list:1" "$REGISTRY/list:2" --dest "$REGISTRY/up{image.tag}:{image.tag}" --tag more
expect_status 0
expect_eq "$(sums)" "2 done, 0 there, 0 failed, 0 left"
for tag in 1 more; do
	is "$REGISTRY/up1:$tag" "$REGISTRY/want:new1"
done
is "$REGISTRY/up2:more" "$REGISTRY/want:newarm2"
expect_eq "$(platforms "$REGISTRY/up1:1")" "$both"
expect_eq "$(row "$REGISTRY/up1:1" 'j["digest"]')" "$(image digest "$REGISTRY/up1:1")"
expect_eq "$(row "$REGISTRY/up1:1" 'j["mediaType"].rsplit(".", 2)[1]')" index
expect_eq "$(row "$REGISTRY/up1:1" 'j["tags"]')" '["more"]'
expect_eq "$(row "$REGISTRY/up1:1" 'j["state"]')" done
expect_eq "$(row "$REGISTRY/up2:2" 'j["platform"]')" linux/arm64
upgrade --payload new --repo "$REGISTRY/some"
expect_status 0
expect_eq "$(sums)" "3 done, 0 there, 0 failed, 0 left"
is "$REGISTRY/some:1" "$REGISTRY/want:new1"
upgrade --payload new --repo "$REGISTRY/some"
expect_eq "$(sums)" "0 done, 3 there, 0 failed, 0 left"

t "upgrade: one base of two that has moved"
mkdir -p own4/etc
echo 4 >own4/etc/own
load_base base:1 --layer own4 --platform linux/amd64,linux/arm64/v8 >/dev/null
before=$(image digest "$REGISTRY/some:1")
upgrade --payload payload "$REGISTRY/some:1" "$REGISTRY/some:2"
expect_status 1
expect_eq "$(sums)" "1 done, 0 there, 0 failed, 1 left"
expect_eq "$(image digest "$REGISTRY/some:1")" "$before"
expect_eq "$(row "$REGISTRY/some:1" 'j["state"]')" left
upgrade --base-moved --payload payload "$REGISTRY/some:1"
expect_status 0
push --platform all "$REGISTRY/base:1" "$REGISTRY/want:moved1"
is "$REGISTRY/some:1" "$REGISTRY/want:moved1"
run "$OHC" verify --rebuild "$REGISTRY/some:1"
expect_status 0

t "what is amiss on each platform is told once"
make_layout bare:1 --layer own1 --platform linux/amd64,linux/arm64 --config "$BASE_CONFIG" >/dev/null
run "$OHC" push --check=warn --platform all --payload payload oci:bare:1 oci:told:1
expect_status 0
expect_eq "$(grep -c 'warning: certificates: ' <<<"$err")" 1 "warnings of push"
expect_eq "$(grep -c 'architecture: ' <<<"$err")" 1 "warnings of one platform alone"
expect_err 'warning: linux/arm64: (cannot run: )?architecture: '
expect_err 'warning: certificates: '
echo oci:bare:1 >list
run "$OHC" bake --check=warn --platform all --payload payload --bases list --dest oci:told:2
expect_status 0
expect_err 'warning: certificates: '
expect_no_err '2 × certificates: '
expect_err 'warning: linux/arm64: (cannot run: )?architecture: '

finish
