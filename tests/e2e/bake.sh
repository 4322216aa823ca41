#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 1800
# bake with many images and a payload that takes a while: killed twenty times, against a registry that breaks, and in
# four shards at once.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

IMAGES=200 BASES=20 KILLS=20 MEGABYTES=120

start_registry
small_payload payload
head -c ${MEGABYTES}M /dev/urandom >payload/share/data/large
mkdir -p shared/etc
echo all >shared/etc/shared
for ((i = 0; i < BASES; i++)); do
	mkdir -p "own$i/etc"
	echo "$i" >"own$i/etc/own"
	load_base "base$i:1" --layer shared --layer "own$i" >/dev/null
	image manifest "$REGISTRY/base$i:1" >m.json
	for ((tag = 2; tag <= IMAGES / BASES; tag++)); do
		curl -sf -o /dev/null -X PUT -H "Content-Type: $(json 'j["mediaType"]' m.json)" \
			--data-binary @m.json "http://$REGISTRY/v2/base$i/manifests/$tag"
	done
done
for ((i = 0; i < IMAGES; i++)); do
	echo "$REGISTRY/base$((i % BASES)):$((i / BASES + 1))"
done >names

# digests REPO: of each image that is there, a line NAME DIGEST
digests()
{
	curl -sf "http://$REGISTRY/v2/$1/tags/list?n=1000" | json '"\n".join(sorted(j["tags"]))' /dev/stdin |
		while read -r tag; do
			echo "$tag $(image digest "$REGISTRY/$1:$tag")"
		done
}

bake()
{
	run "$OHC" bake -q --json --no-check --bases names --payload payload "$@"
}

t "killed $KILLS times at random: all arrive, and nothing is sent twice but what was under way"
registry_log_mark
killed=0
for ((i = 0; i < KILLS; i++)); do
	status=0
	timeout -s KILL "$((RANDOM % 4)).$((RANDOM % 10))1" "$OHC" bake -q --no-check --bases names --cache cache \
		--jobs 4 --payload payload --dest "$REGISTRY/killed:{base.slug}" --journal journal >/dev/null 2>&1 || status=$?
	[ $status != 137 ] || killed=$((killed + 1))
done
echo "# $killed of $KILLS were killed under way, $(wc -l <journal) lines in the journal"
bake --cache cache --dest "$REGISTRY/killed:{base.slug}" --journal journal
expect_status 0
expect_eq "$(json 'j["done"] + j["there"]')" $IMAGES
expect_true test $killed -gt 0
registry_log_since >log
expect_eq "$(find "$REGISTRY_ROOT/blobs" -name data -size +50M | wc -l)" 1 "payload layers"
expect_true test "$(grep -c '^PATCH ' log)" -le $((killed + 1)) # it is begun anew after a kill alone
blobs=$(find "$REGISTRY_ROOT/repositories/killed/_layers" -name link | wc -l)
# Of each of the four images under way a kill may cost two, a layer and a config.
expect_true test "$(grep -c '^PUT /v2/killed/blobs/uploads/' log)" -le $((blobs + 2 * 4 * killed))

t "one run that nobody kills makes the same"
bake --no-cache --dest "$REGISTRY/one:{base.slug}"
expect_status 0
expect_eq "$(json 'j["done"]')" $IMAGES
digests one >one
expect_eq "$(wc -l <one)" $IMAGES
expect_eq "$(digests killed | cmp - one && echo same)" same

t "four shards at once make what one run makes"
for i in 1 2 3 4; do
	"$OHC" bake -q --json --no-check --bases names --dest "$REGISTRY/four:{base.slug}" --payload payload \
		--cache "cache$i" --shard $i/4 --report "report$i" >/dev/null &
	shards[i]=$!
done
for i in 1 2 3 4; do
	wait "${shards[i]}"
done
expect_eq "$(cat report? | wc -l)" $IMAGES
expect_eq "$(digests four | cmp - one && echo same)" same

t "a registry that refuses every tenth request and cuts every fiftieth connection: all arrive"
start_stub
stub_config '{"rules": [
	{"match": {"path": "/v2/.*"}, "every": 10, "do": {"status": 429, "headers": {"Retry-After": "0"}}},
	{"match": {"path": "/v2/.*"}, "every": 53, "do": {"hang_up": true}}]}'
rm payload/share/data/large
bake --dest "$STUB/repo:{base.slug}" --retry 20
expect_status 0
expect_eq "$(json 'j["done"]')" $IMAGES

finish
