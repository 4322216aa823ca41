#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The annotation by which an image says how it was composed: what stands in it, that it depends on the
# inputs alone, and how inspect tells of it.
. "$(dirname "$0")/../lib.sh"

start_registry
small_payload payload
load_base base:1 >/dev/null
load_base base:2 --layer payload >/dev/null
run "$OHC" pack -q --prefix /openhands "$PWD/payload" "$REGISTRY/payload:1"
expect_status 0
packed=${out##*@}
run "$OHC" pack -q --prefix /openhands "$PWD/payload" oci:packed:1
expect_status 0

# composition NAME: the annotation's text; of: an expression over it
composition()
{
	json 'j["annotations"]["io.ohcompose.composition"]' <(image manifest "$1")
}
of()
{
	json "$2" <(composition "$1")
}
push()
{
	run "$OHC" push --no-check "$@"
	expect_status 0
}

t "base, payload, profile, options, program and codec are there, by digest"
push --payload "$REGISTRY/payload:1" --env B=1 --env A=2 --user 7:7 --format auto "$REGISTRY/base:1" "$REGISTRY/out:a"
base=$(image digest "$REGISTRY/base:1")
expect_eq "$(of "$REGISTRY/out:a" 'j["base"]')" \
	"{\"digest\": \"$base\", \"manifest\": \"$base\", \"name\": \"$REGISTRY/base:1\", \"platform\": \"linux/amd64\"}"
image config "$REGISTRY/out:a" >config.json
layer=$(json 'j["rootfs"]["diff_ids"][-2]' config.json)
expect_eq "$(of "$REGISTRY/out:a" 'j["payloads"]')" \
	"[{\"layers\": [\"$layer\"], \"manifest\": \"$packed\", \"name\": \"$REGISTRY/payload:1\", \"prefix\": \"/openhands\"}]"
expect_eq "$(of "$REGISTRY/out:a" 'j["options"]')" '{"env": ["B=1", "A=2"], "user": "7:7"}'
expect_eq "$(of "$REGISTRY/out:a" '[j["codec"], j["profile"]["name"], j["schema"]]')" '["zlib level 6", "openhands", 1]'
expect_eq "$(of "$REGISTRY/out:a" 'j["program"]')" "$("$OHC" version --json | json 'j["version"]' /dev/stdin)"
profile=$(py -c 'import hashlib, json, sys
text = json.dumps(json.load(open(sys.argv[1])), separators=(",", ":"), ensure_ascii=False)
print("sha256:" + hashlib.sha256(text.encode()).hexdigest())' "$top/layout/profiles/openhands.json")
expect_eq "$(of "$REGISTRY/out:a" 'j["profile"]["digest"]')" "$profile"

t "its keys are sorted and it has no blanks"
expect_eq "$(composition "$REGISTRY/out:a")" \
	"$(of "$REGISTRY/out:a" 'json.dumps(j, sort_keys=True, separators=(",", ":"), ensure_ascii=False)')"

t "a directory has neither name nor digest; two folders, two caches, two umasks write the same"
push --payload payload "$REGISTRY/base:1" "$REGISTRY/out:dir"
expect_eq "$(of "$REGISTRY/out:dir" 'sorted(j["payloads"][0])')" '["layers", "prefix", "provides"]'
mkdir far
cp -a payload far/other
run sh -c "umask 077; cd far; XDG_CACHE_HOME=here '$OHC' push --no-check --jobs 1 --payload other $REGISTRY/base:1 $REGISTRY/out:far"
expect_status 0
expect_eq "$(image digest "$REGISTRY/out:far")" "$(image digest "$REGISTRY/out:dir")"
expect_false grep -q "$PWD" <(image manifest "$REGISTRY/out:dir")

t "of a layout only the tag is said, wherever it lies"
mkdir moved
cp -a packed moved/there
make_base local:1 >/dev/null
push --payload oci:packed:1 oci:local:1 oci:out:a
push --payload oci:moved/there:1 oci:local:1 oci:out:b
expect_eq "$(image digest oci:out:b)" "$(image digest oci:out:a)"
expect_eq "$(of oci:out:a '[j["base"]["tag"], j["payloads"][0]["tag"]]')" '["1", "1"]'
push --payload oci:packed:1 scratch oci:out:c
expect_eq "$(of oci:out:c 'j["base"]')" '{"name": "scratch", "platform": "linux/amd64"}'

t "of an index both are said, and every image of it has its own"
load_base base:index --platform linux/amd64,linux/arm64 >/dev/null
push --platform all --payload payload "$REGISTRY/base:index" "$REGISTRY/out:index"
image manifest "$REGISTRY/out:index" >index.json
index=$(image digest "$REGISTRY/base:index")
for i in 0 1; do
	one="$REGISTRY/out@$(json "j['manifests'][$i]['digest']" index.json)"
	expect_eq "$(of "$one" 'j["base"]["digest"]')" "$index"
	expect_eq "$(of "$one" 'j["base"]["manifest"]')" \
		"$(json "j['manifests'][$i]['digest']" <(image manifest "$REGISTRY/base:index"))"
	expect_eq "$(of "$one" 'j["base"]["platform"]')" \
		"$(json '"%(os)s/%(architecture)s" % j' <(image config "$one"))"
done

t "a profile of one's own is there whole; the time that was meant, not how it was said"
cat >mine.json <<'EOF'
{ "name": "mine", "prefix": "/opt/x",
  "config": { "env": { "Z": "1", "A": "2" } } }
EOF
push --profile mine.json --created now --payload payload "$REGISTRY/base:1" "$REGISTRY/out:mine"
expect_eq "$(of "$REGISTRY/out:mine" 'j["profile"]["content"]')" \
	'{"name":"mine","prefix":"/opt/x","config":{"env":{"Z":"1","A":"2"}}}'
expect_eq "$(of "$REGISTRY/out:mine" 'j["options"]["created"]')" "$(json 'j["created"]' <(image config "$REGISTRY/out:mine"))"
run env SOURCE_DATE_EPOCH=1700000000 "$OHC" push --no-check --payload payload "$REGISTRY/base:1" "$REGISTRY/out:mine"
expect_eq "$(of "$REGISTRY/out:mine" 'j["options"]')" '{"created": "2023-11-14T22:13:20Z"}'

t "bake writes what push writes"
run "$OHC" push --no-check --payload "$REGISTRY/payload:1" --env A=1 "$REGISTRY/base:1" "$REGISTRY/out:p"
echo "$REGISTRY/base:1" >names
run "$OHC" bake -q --no-check --bases names --payload "$REGISTRY/payload:1" --env A=1 --dest "$REGISTRY/out:baked"
expect_status 0
expect_eq "$(image digest "$REGISTRY/out:baked")" "$(image digest "$REGISTRY/out:p")"

t "what a base says of itself is not what is said of the image"
push --payload payload:/opt/more "$REGISTRY/out:p" "$REGISTRY/out:again"
expect_eq "$(of "$REGISTRY/out:again" 'j["base"]["name"]')" "$REGISTRY/out:p"

t "nobody else may write it"
run "$OHC" push --no-check --payload payload --annotation io.ohcompose.composition={} "$REGISTRY/base:1" "$REGISTRY/out:p"
expect_message 2 "that is how the image was composed, which ohcompose says itself"

t "it is of its schema"
if ! "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	skip "no jsonschema for Python"
else
	for image in "$REGISTRY/out:a" "$REGISTRY/out:dir" "$REGISTRY/out:mine" oci:out:a oci:out:c; do
		composition "$image" >c.json
		expect "$PYTHON" -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
			c.json "$top/compose/composition/composition.schema.json"
	done
fi

t "the program and the schema know the same members"
sed -nE 's/^\t\t?\{ "([a-z_]+)", .*/\1/p' "$top/compose/composition/read.c" "$top/compose/image/recorded.c" |
	LC_ALL=C sort -u >known
json '"\n".join(sorted({k for o in [j["properties"], j["properties"]["base"]["properties"],
	j["properties"]["payloads"]["items"]["properties"], j["properties"]["profile"]["properties"],
	j["properties"]["options"]["properties"]] for k in o}))' \
	"$top/compose/composition/composition.schema.json" >written
expect_true test -s known
expect_true diff known written

t "inspect says it as a sentence, and as JSON"
run "$OHC" inspect "$REGISTRY/out:a"
expect_status 0
expect_out "^Composed: +$REGISTRY/base:1 \(sha256:[0-9a-f]{12}\) with $REGISTRY/payload:1 \(sha256:[0-9a-f]{12}\) in /openhands, by profile openhands and --env, --user, with ohcompose "
expect_no_out io.ohcompose.composition
run "$OHC" inspect --json "$REGISTRY/out:a"
expect_eq "$(json 'j["composition"]["options"]["user"]')" 7:7
run "$OHC" inspect "$REGISTRY/base:1"
expect_no_out Composed:

t "of an annotation that is none, why"
image manifest "$REGISTRY/out:a" >m.json
py -c 'import json
m = json.load(open("m.json"))
m["annotations"]["io.ohcompose.composition"] = m["annotations"]["io.ohcompose.composition"][:100]
print(json.dumps(m), end="")' >bad.json
put_manifest bad.json "$REGISTRY/out:bad"
run "$OHC" inspect "$REGISTRY/out:bad"
expect_status 0
expect_out "^Composed: .*is not valid JSON"

finish
