#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# bake: fifty images with one payload, in spite of faults and kills.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

IMAGES=50

start_registry
small_payload payload
for i in 1 2 3 4 5; do
	mkdir -p "own$i/etc" shared/etc
	echo "$i" >"own$i/etc/own"
	echo "all" >shared/etc/shared
	load_base "base$i:1" --layer shared --layer "own$i" >/dev/null
done
for i in $(seq $IMAGES); do
	# ten tags of five bases
	n=$(((i - 1) % 5 + 1))
	echo "$REGISTRY/base$n:1"
done >rows
for n in 1 2 3 4 5; do
	for tag in $(seq 2 10); do
		image manifest "$REGISTRY/base$n:1" >m.json
		put_manifest m.json "$REGISTRY/base$n:$tag"
	done
	for tag in $(seq 10); do
		echo "$REGISTRY/base$n:$tag"
	done
done >names

bake()
{
	run "$OHC" bake --json --no-check "$@"
}

sums()
{
	json '"%d done, %d there, %d failed" % (j["done"], j["there"], j["failed"])'
}

t "a dry run says what it will take, and writes nothing"
registry_log_mark
bake --dry-run --bases names --dest "$REGISTRY/out:{base.slug}" --payload payload --cache forecast --rate 6000/m
expect_status 0
expect_eq "$(json '[j["images"], j["bases"], j["repositories"], len(j["hosts"])]')" "[$IMAGES, $IMAGES, 1, 1]"
foreseen=$(json 'j["hosts"][0]["requests"]')
expect_eq "$(json 'j["hosts"][0]["pulls"]')" $IMAGES
expect_eq "$(json 'round(j["hosts"][0]["seconds"] * 100)')" "$foreseen"
bytes=$(json 'j["hosts"][0]["bytes"]["downloaded"]')
expect_eq "$(registry_log_since | grep -cvE '^(GET|HEAD) ' || true)" 0
head -n 3 names >bad
echo "$REGISTRY/nothing:1" >>bad
run "$OHC" bake --dry-run --no-check --cache forecast --bases bad --dest "$REGISTRY/new/{base.slug}:1" --payload payload
expect_status 1
expect_out "^4 images over 4 bases, into 4 repositories; besides"
expect_out "^$REGISTRY: about [0-9]+ requests, "
expect_err "there is no image '$REGISTRY/nothing:1'"
expect_err "1 of 4 bases cannot be read"

# foresee OPTIONS...: what a dry run says of two bases, with a cache that knows them
foresee()
{
	head -n 2 names >two
	run "$OHC" bake --json --dry-run --no-check --cache forecast --bases two --dest "$REGISTRY/new/{base.slug}:1" "$@"
}

t "a dry run reads the image that a payload names with a platform and a target"
"$OHC" pack -q "$tmp/payload" "$REGISTRY/packed:0" >/dev/null
foresee --payload "$REGISTRY/packed:0"
foresee --payload "$REGISTRY/packed:0" # its manifest is in the cache now
expect_status 0
expect_eq "$(json 'j["files"]')" false
bare=$(json 'j["hosts"]')
foresee --payload "linux/amd64=$REGISTRY/packed:0:/openhands"
expect_eq "$(json 'j["files"]')" false
expect_eq "$(json 'j["hosts"][0]["requests"]')" "$(json 'j[0]["requests"]' <(echo "$bare"))"

t "a dry run counts images from scratch, and tells of what cannot be read"
echo scratch >two-scratch
run "$OHC" bake --json --dry-run --no-check --profile none --bases two-scratch --dest "$REGISTRY/new/{base.slug}:1" --payload payload:/opt/it
expect_status 0
expect_eq "$(json '[h["host"] for h in j["hosts"]]')" "[\"$REGISTRY\"]"
expect_true test "$(json 'j["hosts"][0]["requests"]')" -ge 7 # two for it, three for the payload, two for its config
foresee --payload "$REGISTRY/no-payload:1" --payload payload:/opt/it
expect_status 1
expect_err "there is no image '$REGISTRY/no-payload:1'"
expect_err "^ohcompose: 1 of 2 payloads cannot be read"
echo oci:no-layout:1 >gone
run "$OHC" bake --dry-run --no-check --bases gone --dest "$REGISTRY/new/{base.slug}:1" \
	--payload "$REGISTRY/no-payload:1"
expect_status 1
expect_err "^ohcompose: 1 of 1 bases and 1 of 1 payloads cannot be read"
expect_err "no-layout"

t "a dry run into a layout says what is read of bases"
run "$OHC" bake --json --dry-run --no-check --cache laid.cache --bases names --dest "oci:laid:{base.slug}" --payload payload
expect_status 0
foreseen_bytes=$(json 'j["hosts"][0]["bytes"]["downloaded"]')
run "$OHC" bake --json --jobs 1 --no-check --cache laid.cache --bases names --dest "oci:laid:{base.slug}" --payload payload
expect_status 0
expect_eq "$(json 'j["bytes"]["downloaded"]')" "$foreseen_bytes"

t "a list of names: every image is there, the payload was sent once"
registry_log_mark
bake --bases names --dest "$REGISTRY/out:{base.slug}" --payload payload --report report.jsonl --html page.html
expect_status 0
expect_eq "$(sums)" "$IMAGES done, 0 there, 0 failed"
registry_log_since >log
expect_eq "$(grep -c '^PATCH ' log)" 1 "streamed uploads"
is=$(grep -cv '^GET /v2/ ' log)
expect_true test "$foreseen" -ge $((is * 9 / 10)) -a "$foreseen" -le $((is * 5 / 4)) # what was foreseen
expect_eq "$bytes" "$(for n in 1 2 3 4 5; do image manifest "$REGISTRY/base$n:1" |
	json '[[l["digest"], l["size"]] for l in j["layers"]]' /dev/stdin; done |
	py -c 'import json, sys
print(sum(dict(tuple(l) for line in sys.stdin for l in json.loads(line)).values()))')"
expect_true test "$(grep -c '^DELETE ' log || true)" -le 1 # an upload that was begun in vain
expect_eq "$(grep -c '^GET /v2/base[0-9]*/blobs/' log)" 12 "seven layers and five configs, each once"
expect_eq "$(curl -sf "http://$REGISTRY/v2/out/tags/list" | json 'len(j["tags"])' /dev/stdin)" $IMAGES
run "$OHC" verify "$REGISTRY/out:${REGISTRY/:/-}-base3-7"
expect_status 0

t "without a cache, too, and nothing is left of what it kept meanwhile"
mkdir spool
registry_log_mark
TMPDIR=$PWD/spool bake --no-cache --bases names --dest "$REGISTRY/uncached:{base.slug}" --payload payload
expect_status 0
expect_eq "$(sums)" "$IMAGES done, 0 there, 0 failed"
registry_log_since >log
expect_eq "$(grep -c '^PATCH ' log)" 1 "streamed uploads"
expect_eq "$(grep -c '^GET /v2/base[0-9]*/blobs/' log)" 12 "seven layers and five configs, each once"
expect_eq "$(find spool -mindepth 1)" '' "files that are left"
TMPDIR=$PWD/nowhere bake --no-cache --bases names --dest "$REGISTRY/uncached:{base.slug}" --payload payload
expect_status 0
expect_err "without a cache, and no directory can be made in '.*/nowhere' .*"
expect_eq "$(json 'j["done"] + j["there"]')" $IMAGES

t "an image is the one that push makes"
run "$OHC" push --json --no-check --no-cache --payload payload "$REGISTRY/base2:4" "$REGISTRY/alone:1"
expect_status 0
alone=$(json 'j["digest"]')
expect_eq "$(grep 'base2:4"' report.jsonl | json 'j["digest"]' /dev/stdin)" "$alone"

t "the report has a line for each, the page is whole"
expect_eq "$(wc -l <report.jsonl)" $IMAGES
expect_true py -c 'import json
for l in map(json.loads, open("report.jsonl")):
    assert l["state"] == "done" and l["base"] and l["digest"].startswith("sha256:"), l'
expect_true grep -q '</html>' page.html
expect_eq "$(grep -c '<tr class="done">' page.html)" $IMAGES
expect_false grep -qE '(src|href)=' page.html

t "once more: two requests an image"
registry_log_mark
bake --skip-existing --bases names --dest "$REGISTRY/out:{base.slug}" --payload payload
expect_status 0
expect_eq "$(sums)" "0 done, $IMAGES there, 0 failed"
expect_true test "$(registry_log_since | grep -cv '^GET /v2/ ')" -le $((2 * IMAGES))

t "many tags of one base: none is asked for whose image this run brings, and any that an earlier one may have brought"
registry_log_mark
bake --bases names --dest "$REGISTRY/beside:{base.slug}" --payload payload --cache beside
expect_status 0
expect_eq "$(sums)" "$IMAGES done, 0 there, 0 failed"
expect_eq "$(registry_log_since | grep -cE '^HEAD /v2/beside/manifests/' || true)" 0
registry_log_mark
bake --bases names --dest "$REGISTRY/beside:{base.slug}" --payload payload --cache beside
expect_status 0
expect_eq "$(sums)" "0 done, $IMAGES there, 0 failed"
expect_eq "$(registry_log_since | grep -cE '^HEAD /v2/beside/manifests/')" $IMAGES
expect_eq "$(registry_log_since | grep -cvE '^(GET|HEAD) ' || true)" 0

t "what tags name is asked once: of the payload, and of a base that many images have"
run "$OHC" pack -q "$tmp/payload" "$REGISTRY/tagged:1"
for i in $(seq 20); do
	echo "{\"base\": \"$REGISTRY/base1:2\", \"dest\": \"$REGISTRY/held:$i\", \"label\": {\"n\": \"$i\"}},"
done | sed '$ s/,$//' >held
echo "{\"payload\": \"$REGISTRY/tagged:1\", \"images\": [$(cat held)]}" >held.json
registry_log_mark
bake --journal held.journal held.json
expect_status 0
expect_eq "$(registry_log_since | grep -cE '^(HEAD|GET) /v2/base1/manifests/2 ')" 1
expect_eq "$(registry_log_since | grep -cE '^(HEAD|GET) /v2/tagged/manifests/1 ')" 1

t "a payload's name that leads to another one is another payload"
cp -a payload changed
echo more >changed/share/more
run "$OHC" pack -q "$tmp/changed" "$REGISTRY/tagged:1"
bake --journal held.journal held.json
expect_eq "$(sums)" "20 done, 0 there, 0 failed"
bake --journal held.journal held.json
expect_eq "$(sums)" "0 done, 20 there, 0 failed"

t "a journal: what is noted is skipped; a moved base is made again"
bake --bases names --dest "$REGISTRY/two:{base.slug}" --payload payload --journal j
expect_status 0
expect_eq "$(wc -l <j)" $((IMAGES + 1))
load_base base1:1 --layer own2 >/dev/null
bake --bases names --dest "$REGISTRY/two:{base.slug}" --payload payload --journal j
expect_status 0
expect_eq "$(sums)" "1 done, $((IMAGES - 1)) there, 0 failed"
bake --bases names --dest "$REGISTRY/two:{base.slug}" --payload payload --journal j --env A=1
expect_eq "$(sums)" "$IMAGES done, 0 there, 0 failed"
expect_err "[0-9]+ more, which are skipped where nothing has changed since"

t "a journal is not believed of a repository that is not there any more"
head -n 6 names >six
for n in 1 2 3 4 5 6; do
	echo "{\"base\": \"$REGISTRY/base1:$n\", \"dest\": \"$REGISTRY/half$((n % 2)):$n\"}"
done | paste -sd, | sed 's/.*/{"images": [&]}/' >half.json
bake --payload payload --journal half.journal half.json
expect_eq "$(sums)" "6 done, 0 there, 0 failed"
registry_log_mark
bake --payload payload --journal half.journal half.json
expect_eq "$(sums)" "0 done, 6 there, 0 failed"
expect_eq "$(registry_log_since | grep -c '/v2/half./manifests/')" 2 "requests for images, one a repository"
rm -r "$REGISTRY_ROOT/repositories/half1"
bake --payload payload --journal half.journal half.json
expect_status 0
expect_eq "$(sums)" "3 done, 3 there, 0 failed"
expect_err "'$REGISTRY/half1:[135]' is not there any more as the journal notes it: all that it notes of '$REGISTRY/half1' is made again"
for n in 1 3 5; do
	expect_true image manifest "$REGISTRY/half1:$n"
done
bake --payload payload --journal half.journal half.json
expect_eq "$(sums)" "0 done, 6 there, 0 failed"

t "... with --skip-existing not of any image that is not"
rm -r "$REGISTRY_ROOT/repositories/half0/_manifests/tags/4"
registry_log_mark
bake --payload payload --journal half.journal --skip-existing half.json
expect_status 0
expect_eq "$(sums)" "1 done, 5 there, 0 failed"
expect_true image manifest "$REGISTRY/half0:4"
bake --payload payload --journal layout.journal --bases six --dest 'oci:journalled:{base.slug}'
expect_eq "$(sums)" "6 done, 0 there, 0 failed"
bake --payload payload --journal layout.journal --bases six --dest 'oci:journalled:{base.slug}'
expect_eq "$(sums)" "0 done, 6 there, 0 failed"
rm -r journalled
bake --payload payload --journal layout.journal --bases six --dest 'oci:journalled:{base.slug}'
expect_eq "$(sums)" "6 done, 0 there, 0 failed"

t "a dry run knows what was read, and what the journal has"
bake --dry-run --bases names --dest "$REGISTRY/two:{base.slug}" --payload payload --journal j
expect_status 0
expect_eq "$(json '[j["images"], j["noted"]]')" "[0, $IMAGES]"
bake --dry-run --bases names --dest "$REGISTRY/three:{base.slug}" --payload payload
host='{h["host"]: h for h in j["hosts"]}'"['$REGISTRY']"
expect_eq "$(json "[j['images'], j['noted'], $host['pulls'], $host['bytes']['downloaded']]")" "[$IMAGES, 0, 0, 0]"
load_base both:1 --layer own1 --platform linux/amd64,linux/arm64 >/dev/null
head -n 1 names >pair
echo "$REGISTRY/both:1" >>pair
bake --dry-run --bases pair --dest "$REGISTRY/base1:{base.slug}" --payload payload --cache again
expect_eq "$(json "$host['pulls']")" 3 # an index and its manifest, and a manifest
alone=$(json "$host['requests']")
bake --dry-run --bases pair --dest "$REGISTRY/fresh:{base.slug}" --payload payload --cache empty
expect_true test "$(json "$host['requests']")" -gt "$alone" # there the layers have to be mounted

t "killed at random, again and again: all arrive, each line of the journal is an image"
for i in $(seq 8); do
	timeout -s KILL "0.$((RANDOM % 8 + 1))" "$OHC" bake -q --no-check --bases names \
		--dest "$REGISTRY/killed:{base.slug}" --payload payload --journal k >/dev/null 2>&1 || true
done
bake --bases names --dest "$REGISTRY/killed:{base.slug}" --payload payload --journal k
expect_status 0
expect_eq "$(json 'j["done"] + j["there"]')" $IMAGES
expect_eq "$(curl -sf "http://$REGISTRY/v2/killed/tags/list" | json 'len(j["tags"])' /dev/stdin)" $IMAGES

t "while it runs it says how far it is, and what the registry allows"
head -n 20 names >some
"$OHC" bake --no-check --bases some --dest "$REGISTRY/told:{base.slug}" --payload payload --rate 3000/m \
	--progress tty 2>live >/dev/null
expect_true grep -qE '[1-9][0-9]*/20 images: [0-9]+ done; [0-9.]+/s, [0-9.]+ s left' live
expect_eq "$(grep -aoE '20 images over 20 bases, into 1 repository' live | wc -l)" 1
expect_eq "$(grep -aoE "$REGISTRY: about [0-9]+ requests, .*; [0-9.]+ s at 3000 requests a minute" live | wc -l)" 1
expect_true grep -qE '[0-9.]+ [kM]?B uploaded, [0-9.]+ [kM]B mounted' live
expect_true grep -qE "$REGISTRY: [0-9]+ requests, [0-9]+ of [0-9]+ at a time, 3000 a minute allowed" live
expect_eq "$(grep -c ' done .*told' live || true)" 0 "lines of images, which the status tells"
"$OHC" bake --no-check --bases some --dest "$REGISTRY/json:{base.slug}" --payload payload --rate 3000/m \
	--progress json 2>live >/dev/null
grep '"event":"status"' live | tail -n 1 >last
expect_eq "$(json '[j["images"], j["ended"] == j["done"] + j["there"], j["hosts"][0]["host"], j["hosts"][0]["aMinute"]]' last)" \
	"[20, true, \"$REGISTRY\", 3000.0]"
expect_eq "$(grep -c ' done .*json' live)" 20 "lines of images"
run "$OHC" bake -qq --no-check --bases some --dest "$REGISTRY/json:{base.slug}" --payload payload
expect_status 0
expect_eq "$err" ''

t "killed without a cache: the journal knows the images, and the payload that was sent"
head -n 12 names >dozen
mkdir pages
"$OHC" bake -q --no-check --no-cache --bases dozen --dest "$REGISTRY/kept/{base.slug}:1" --payload payload \
	--rate 20/s --journal kept --html pages/new.html >/dev/null 2>&1 &
pid=$!
wait_for 60 grep -q '"name"' kept
kill -KILL $pid
wait $pid || true
expect_eq "$(ls -A pages)" "" "what the kill left beside the page"
noted=$(grep -c '"name".*}$' kept)
expect_eq "$(grep -c '"layer"' kept)" 1 "layers in the journal"
expect_true test "$noted" -lt 12
registry_log_mark
bake --no-cache --bases dozen --dest "$REGISTRY/kept/{base.slug}:1" --payload payload --journal kept
expect_status 0
expect_eq "$(sums)" "$((12 - noted)) done, $noted there, 0 failed"
expect_eq "$(registry_log_since | grep -c '^PATCH ' || true)" 0 "streamed uploads"
expect_eq "$(grep -c '"layer"' kept)" 1 "layers in the journal, after all"
here=("$REGISTRY" "$REGISTRY_ROOT" "$REGISTRY_LOG")
start_registry
bake --no-cache --bases two --dest "$REGISTRY/kept:{base.slug}" --payload payload --journal kept
expect_status 0
expect_eq "$(grep -c '"layer"' kept)" 2 "layers in the journal, for two registries"
stop_registry
REGISTRY=${here[0]} REGISTRY_ROOT=${here[1]} REGISTRY_LOG=${here[2]}

t "a payload that was written just now is noted in the journal, too"
head -n 1 names >one
for fresh in fresh fresh.tar; do
	rm -rf fresh
	cp -a payload fresh
	tar -cf fresh.tar -C payload .
	bake --no-cache --bases one --dest "$REGISTRY/fresh:{base.slug}" --payload $fresh --journal $fresh.journal
	expect_status 0
	expect_eq "$(grep -c '"name"' $fresh.journal)" 1 "images in the journal, $fresh"
done

t "shards together make what one run makes"
for i in 1 2 3; do
	"$OHC" bake -q --json --no-check --bases names --dest "$REGISTRY/shard:{base.slug}" \
		--payload payload --shard $i/3 --report "s$i" >/dev/null &
	shards[i]=$!
done
for i in 1 2 3; do
	wait "${shards[i]}"
done
expect_eq "$(cat s1 s2 s3 | wc -l)" $IMAGES
expect_eq "$(curl -sf "http://$REGISTRY/v2/shard/tags/list" | json 'len(j["tags"])' /dev/stdin)" $IMAGES

t "one that fails is told by its reason, the others are made"
{ head -n 3 names; echo "$REGISTRY/nothing:1"; echo "$REGISTRY/nothing:2"; } >bad
bake --bases bad --dest "$REGISTRY/bad:{base.slug}" --payload payload --report r
expect_status 1
expect_eq "$(sums)" "3 done, 0 there, 2 failed"
expect_err "2 of 5 images failed"
expect_eq "$(grep -c '"state":"failed"' r)" 2
run "$OHC" bake --no-check --bases bad --dest "$REGISTRY/bad:{base.slug}" --payload payload
expect_status 1
expect_err "2 × push to .*there is no image"

t "many that fail for one reason: the first three are told, all are counted and in the report"
for i in $(seq 12); do echo "$REGISTRY/nothing:$i"; done | cat - one >many
run "$OHC" bake --no-check --bases many --dest "$REGISTRY/many:{base.slug}" --payload payload --report r
expect_status 1
expect_eq "$(grep -c '/13 failed: ' <<<"$err")" 3 "lines of failures"
expect_eq "$(grep -c 'further ones like it are in --report' <<<"$err")" 1
expect_err "12 × push to .*there is no image.* and 9 more"
expect_eq "$(grep -c '"state":"failed"' r)" 12
run "$OHC" bake -v --no-check --bases many --dest "$REGISTRY/many:{base.slug}" --payload payload
expect_eq "$(grep -c '/13 failed: ' <<<"$err")" 12 "lines of failures, with -v"

t "whatever the reason, the image that failed is named"
cat >unlike.json <<EOF
{ "payload": "payload", "no_check": true, "images": [
  { "base": "$REGISTRY/base1:2", "dest": "$REGISTRY/unlike:a", "payload": "$REGISTRY/no-payload:1" },
  { "base": "$REGISTRY/base1:2", "dest": "$REGISTRY/unlike:b", "payload": "names" },
  { "base": "$REGISTRY/nothing:1", "dest": "$REGISTRY/unlike:c" } ] }
EOF
run "$OHC" bake unlike.json
expect_status 1
expect_err "^ohcompose: warning: ./3 failed: push to '$REGISTRY/unlike:a': payload '$REGISTRY/no-payload:1': there is no"
expect_err "^ohcompose: warning: ./3 failed: push to '$REGISTRY/unlike:b': .*'names'"
expect_err "^ohcompose: warning: ./3 failed: push to '$REGISTRY/unlike:c': base '$REGISTRY/nothing:1': there is no"

t "many hosts: each is told of, and the requests to all are counted"
port=$(closed_port)
seq -f "127.0.0.%g:$port/x:1" 40 >many
bake --bases many --dest "oci:manifold:{base.slug}" --payload payload --retry 0
expect_status 6
expect_eq "$(json '[len(j["hosts"]), j["requests"] == sum(h["requests"] for h in j["hosts"])]')" "[40, true]"

t "a warning that all images have is one line, with a count"
cp -a payload weak
rm weak/bin/oh-action-execution-server
head -n 4 names >four
for mode in plain json tty; do
	run "$OHC" bake --progress $mode --check=warn --bases four --dest "$REGISTRY/weak-$mode:{base.slug}" --payload weak
	expect_status 0
	expect_eq "$(grep -c "command-missing" <<<"$err")" 1 "lines of the warning, $mode"
	expect_err "4 × cannot run: command-missing: '/openhands/bin/oh-action-execution-server'"
done

t "a warning of images that are done is told after a kill, too, and then no more"
"$OHC" bake -q --jobs 1 --check=warn --bases four --dest "$REGISTRY/weak-killed:{base.slug}" --payload weak \
	--rate 4/s --journal weak.journal >/dev/null 2>&1 &
pid=$!
wait_for 60 grep -q '"name"' weak.journal
kill -KILL $pid
wait $pid || true
expect_true test "$(grep -c '"name".*}$' weak.journal)" -lt 4
for lines in 1 0; do
	run "$OHC" bake -q --check=warn --bases four --dest "$REGISTRY/weak-killed:{base.slug}" --payload weak \
		--journal weak.journal
	expect_status 0
	expect_eq "$(grep -c "command-missing" <<<"$err" || true)" $lines "lines of the warning"
	[ $lines = 0 ] || expect_err "[45] × cannot run: command-missing" # one was under way
done

t "--fail-fast stops"
{ echo "$REGISTRY/nothing:1"; cat names; } >bad
run "$OHC" bake --json --jobs 1 --fail-fast --no-check --bases bad --dest "$REGISTRY/fast:{base.slug}" --payload payload
expect_status 4
expect_eq "$(json 'j["waiting"]')" $IMAGES

t "JSON, with options at the top and per image"
cat >list.json <<EOF
{ "payload": "payload", "no_check": true, "env": { "A": "1" },
  "dest": "$REGISTRY/json:{base.slug}",
  "images": [ "$REGISTRY/base1:2",
              { "base": "$REGISTRY/base2:2", "env": { "B": "2" }, "user": "7:7",
                "dest": "$REGISTRY/json:mine", "tag": ["also"] } ] }
EOF
run "$OHC" bake --json list.json
expect_status 0
expect_eq "$(sums)" "2 done, 0 there, 0 failed"
image config "$REGISTRY/json:also" >c.json
expect_eq "$(json 'j["config"]["User"]' c.json)" 7:7
expect_true grep -q '"B=2"' c.json
expect_true grep -q '"A=1"' c.json

t "CSV and JSON Lines name their column"
printf 'id,image\n1,%s\n2,"%s"\n3,%s\n' "$REGISTRY/base1:2" "$REGISTRY/base2:2" "$REGISTRY/base1:2" >list.csv
bake --bases list.csv --base-field image --dest "$REGISTRY/csv:{base.slug}" --payload payload
expect_status 0
expect_eq "$(sums)" "2 done, 0 there, 0 failed"
sed 's/.*/{"row": {"image": "&"}}/' <(head -n 2 names) >list.jsonl
run_in "$OHC" bake --json --no-check --bases - --base-field row.image \
	--dest "$REGISTRY/csv:{base.slug}" --payload payload <list.jsonl
expect_status 0

t "destinations by digest and architecture"
run "$OHC" pack -q "$tmp/payload" "$REGISTRY/packed:1"
expect_status 0
packed=${out##*@}
head -n 2 names >two
bake --bases two --dest "$REGISTRY/late:{arch}-{base.tag}-{payload.digest}" --platform linux/amd64 \
	--payload "$REGISTRY/packed:1"
expect_status 0
expect_true image digest "$REGISTRY/late:amd64-2-${packed/:/-}"
bake --bases two --dest "$REGISTRY/late:{base.tag}-{payload.digest}" --payload payload
expect_status 2
expect_err "asks for \{payload.digest\}"
head -n 1 names >one
bake --bases one --dest "$REGISTRY/late:{base.digest}" --payload payload
expect_status 0
expect_true image digest "$REGISTRY/late:$(image digest "$(cat one)" | tr : -)"

t "two images with one destination, a bad template, a bad list: nothing is begun"
registry_log_mark
bake --bases names --dest "$REGISTRY/out:same" --payload payload
expect_status 2
expect_err "list 'names': line 2, column 1: --dest: .*is the destination of line 1, column 1, too"
bake --bases names --dest "$REGISTRY/out:{base.slag}" --payload payload
expect_status 2
expect_err "^ohcompose: --dest: .*did you mean '\{base.slug\}'"
bake --bases names --payload payload
expect_status 2
expect_err "no destination"
bake --bases names --dest "$REGISTRY/out:{base.slug}" --payload payload --keep-going --fail-fast
expect_message 2 "'--keep-going' and '--fail-fast' cannot be given together"
bake --bases nowhere --dest "$REGISTRY/out:{base.slug}"
expect_status 4
bake
expect_status 2
bake list.json --bases names
expect_status 2
for bad in 4/3 0/3 1/-2 ' 1/2' '1/ 2' +1/2 4294967297/4294967297 1/2x 1 ''; do
	bake --bases names --dest x:{base.slug} --shard "$bad"
	expect_message 2 "'--shard': takes I/N, I from 1 to N, not '"
done
expect_eq "$(registry_log_since)" ""

t "one directory with another owner, compression, times or place is another payload, as push has it"
export SOURCE_DATE_EPOCH=1600000000
cat >one.json <<END
{ "base": "$REGISTRY/base1:1", "payload": "$tmp/payload", "images": [
  { "dest": "$REGISTRY/one:plain" },
  { "dest": "$REGISTRY/one:owner", "owner": "7:8" },
  { "dest": "$REGISTRY/one:user", "owner": "9:8" },
  { "dest": "$REGISTRY/one:group", "owner": "7:9" },
  { "dest": "$REGISTRY/one:zstd", "compression": "zstd", "format": "oci" },
  { "dest": "$REGISTRY/one:level", "compression_level": 9 },
  { "dest": "$REGISTRY/one:clamp", "mtime": "clamp" },
  { "dest": "$REGISTRY/one:place", "payload": "$tmp/payload:/opt/other" } ] }
END
bake one.json --jobs 1 --cache one.cache
expect_status 0
expect_eq "$(sums)" "8 done, 0 there, 0 failed"
expect_eq "$(json 'j["bytes"]["stored"]')" "$(for tag in plain owner user group zstd level clamp place; do
	image manifest "$REGISTRY/one:$tag" |
		json '"\n".join("%s %d" % (l["digest"], l["size"]) for l in j["layers"])' /dev/stdin
done | sort -u | awk '{ n += $2 } END { print n }')" "bytes of all layers, each once"
while read -r tag options; do
	# shellcheck disable=SC2086
	expect "$OHC" push -q --no-check --no-cache --payload "$tmp/payload" $options \
		"$REGISTRY/base1:1" "oci:apart:$tag"
	expect_eq "$(image digest "$REGISTRY/one:$tag")" "$(image digest "oci:apart:$tag")" "$tag"
	image digest "oci:apart:$tag" >>digests
done <<END
plain
owner --owner 7:8
user --owner 9:8
group --owner 7:9
zstd --compression zstd --format oci
level --compression-level 9
clamp --mtime clamp
END
expect "$OHC" push -q --no-check --no-cache --payload "$tmp/payload:/opt/other" "$REGISTRY/base1:1" oci:apart:place
expect_eq "$(image digest "$REGISTRY/one:place")" "$(image digest oci:apart:place)" place
expect_eq "$(sort -u digests | wc -l)" 7
unset SOURCE_DATE_EPOCH

t "layers of another registry are copied once, then mounted, and a dry run foresees it"
far=$REGISTRY
start_registry
foresee=(--dry-run --bases names --dest "$REGISTRY/far/{base.repo}:{base.tag}" --payload payload --cache far)
bake "${foresee[@]}"
expect_status 0
size=$(for n in 1 2 3 4 5; do image manifest "$far/base$n:2"; done |
	py -c 'import json, sys
d = json.JSONDecoder()
text, sizes = sys.stdin.read().strip(), {}
while text:
    m, end = d.raw_decode(text)
    sizes.update((l["digest"], l["size"]) for l in m["layers"])
    text = text[end:].strip()
print(sum(sizes.values()))')
host="[h for h in j['hosts'] if h['host'] == '$REGISTRY'][0]"
expect_eq "$(json "$host['bytes']['uploaded']")" "$size"
foreseen=$(json "$host['requests']")
registry_log_mark
bake --bases names --dest "$REGISTRY/far/{base.repo}:{base.tag}" --payload payload
expect_status 0
expect_eq "$(sums)" "$IMAGES done, 0 there, 0 failed"
registry_log_since >log
uploads=$(grep -cE '^PUT /v2/.*/blobs/uploads/' log)
is=$(grep -cv '^GET /v2/ ' log)
expect_true test "$foreseen" -ge $((is * 9 / 10)) -a "$foreseen" -le $((is * 5 / 4))
layers=$(for n in 1 2 3 4 5; do image manifest "$far/base$n:2"; done | grep -o 'sha256:[0-9a-f]*' | sort -u | wc -l)
expect_true test "$uploads" -le $((IMAGES + layers + 2 + 5))

t "a registry that is busy and breaks: all arrive"
start_stub
stub_config '{"rules": [
	{"match": {"path": "/v2/.*"}, "every": 10, "do": {"status": 429, "headers": {"Retry-After": "0"}}},
	{"match": {"path": "/v2/.*"}, "every": 53, "do": {"hang_up": true}}]}'
head -n 12 names >few
bake --bases few --dest "$STUB/repo:{base.slug}" --payload payload --retry 20
expect_status 0
expect_eq "$(json 'j["done"]')" 12

finish
