#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many requests a push costs: registries count them (docs/performance.md).
. "$(dirname "$0")/../lib.sh"

start_registry
layers=6
for i in 2 3 4 5 6; do
	mkdir -p "l$i/usr/share"
	head -c 2000 /dev/urandom >"l$i/usr/share/f$i"
done
load_base base:1 --layer l2 --layer l3 --layer l4 --layer l5 --layer l6 >base.digest
small_payload tree
run "$OHC" pack -q --closure tree "$REGISTRY/payload:1"
[ "$status" = 0 ] || { echo "# $err"; exit 1; }
payload=$REGISTRY/payload@${out##*@}

# requests: what the registry was asked since the mark, but for which scheme it speaks
requests()
{
	registry_log_since | grep -cv '^GET /v2/ ' || true
}

# cost N WHAT: the last push asked N times, and says so itself
cost()
{
	local n

	expect_status 0
	n=$(requests)
	[ "$n" = "$1" ] || fail "$2 took $n requests, not $1: $(registry_log_since | tr '\n' ',')"
}

push()
{
	registry_log_mark
	run "$OHC" push --json --no-check --payload "$payload" "$@"
}

actions()
{
	json '" ".join(l["action"] for l in j["layers"])'
}

t "warm up: what is known of base and payload is in the cache"
push "$REGISTRY/base:1" "$REGISTRY/warm:1"
expect_status 0
expect_eq "$(json 'sum(l["role"] == "base" for l in j["layers"])')" $layers
warm=$(json 'j["digest"]')

t "a new repository: base, payload and adapter are mounted without a question before"
push "$REGISTRY/base:1" "$REGISTRY/new:1"
cost $((layers + 1 + 5)) "a new repository" # two HEADs, adapter, config, manifest
expect_eq "$(actions)" "mounted mounted mounted mounted mounted mounted mounted mounted"
expect_eq "$(json 'j["digest"]')" "$warm"

t "a repository that has the layers from another tag: they are not asked for"
push --env X=1 "$REGISTRY/base:1" "$REGISTRY/new:2"
cost 5 "another image of known layers"
expect_eq "$(actions)" "kept kept kept kept kept kept kept kept"

t "the very image is there"
push "$REGISTRY/base:1" "$REGISTRY/new:1"
cost 2 "the same image again"
expect_eq "$(json 'j["digest"]')" "$warm"
push --skip-existing "$REGISTRY/base:1" "$REGISTRY/new:1"
cost 2 "the same image again, with --skip-existing"

t "further tags cost one request each"
push --env Y=1 --tag a --tag b "$REGISTRY/base:1" "$REGISTRY/new:3"
cost 7 "an image with two further tags"
push --env Y=1 --tag a --tag b "$REGISTRY/base:1" "$REGISTRY/new:3"
cost 4 "all three tags are there"
push --env Y=1 --tag a --tag c "$REGISTRY/base:1" "$REGISTRY/new:3"
expect_status 0
expect_eq "$(image digest "$REGISTRY/new:c")" "$(json 'j["digest"]')"

t "a base that has not moved is asked for by HEAD alone"
push "$REGISTRY/base:1" "$REGISTRY/new:4"
expect_false grep -E '^GET /v2/(base|payload)/' <<<"$(registry_log_since)"

t "a base that moved is seen"
load_base base:1 --layer l2 --layer l3 >moved.digest
push "$REGISTRY/base:1" "$REGISTRY/new:5"
expect_status 0
expect_eq "$(image manifest "$REGISTRY/new:5" |
	json 'j["annotations"]["org.opencontainers.image.base.digest"]' /dev/stdin)" "$(cat moved.digest)"

t "what the registry lost meanwhile is brought again, without an error"
adapter=$(json 'j["layers"][-1]["digest"]')
base_layer=$(json 'j["layers"][0]["digest"]')
for digest in "$adapter" "$base_layer"; do
	rm -r "$REGISTRY_ROOT/repositories/new/_layers/sha256/${digest#sha256:}"
done
push --env Z=1 "$REGISTRY/base:1" "$REGISTRY/new:6"
expect_status 0
expect_true registry_has new "$adapter"
expect_true registry_has new "$base_layer"
run "$OHC" verify "$REGISTRY/new:6"
expect_status 0

t "--skip-existing learns the digest of a payload that is not known before it sends anything"
rm -rf "$XDG_CACHE_HOME"
registry_log_mark
run "$OHC" push --json --no-check --payload tree "$REGISTRY/base:1" "$REGISTRY/dir:1"
expect_status 0
digest=$(json 'j["digest"]')
rm -rf "$XDG_CACHE_HOME"
registry_log_mark
run "$OHC" push --json --no-check --skip-existing --payload tree "$REGISTRY/base:1" "$REGISTRY/dir:1"
expect_status 0
expect_eq "$(json 'j["digest"]')" "$digest"
expect_eq "$(json 'j["bytes"]["uploaded"]')" 0
expect_false grep -qE '^(PUT|PATCH) ' <<<"$(registry_log_since)" # a POST asks whether one may write

t "--no-cache: mounts need no memory"
registry_log_mark
run "$OHC" push --json --no-check --no-cache --payload "$payload" "$REGISTRY/base:1" "$REGISTRY/nocache:1"
expect_status 0
expect_eq "$(json '" ".join(l["action"] for l in j["layers"] if l["role"] != "adapter")')" \
	"mounted mounted mounted mounted"

finish
