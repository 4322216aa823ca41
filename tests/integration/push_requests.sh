#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many requests a push costs: registries count them (docs/performance.md has the table).  Each row of it
# is counted at a real registry, which takes neither a blob by POST nor tags in a query, and at one that does
# and wants tokens.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

start_registry
start_stub
layers=6
base_options=()
for ((i = 2; i <= layers; i++)); do
	mkdir -p "l$i/usr/share"
	head -c 2000 /dev/urandom >"l$i/usr/share/f$i"
	base_options+=(--layer "l$i")
done
make_base base:1 "${base_options[@]}" >base.digest
small_payload tree

# Prints the requests to a registry since `mark`, a line "METHOD PATH" for each request; tokens apart.
real_mark() { registry_log_mark; }
real_asked() { registry_log_since | cut -d' ' -f1,2; }
takes_mark() { stub_config "$takes"; }
takes_asked() { stub_log 'None if r["path"] == "/token" else r["method"] + " " + r["path"]'; }
tokens() { stub_log '"x" if r["path"] == "/token" else None' | wc -l; }
takes='{"post_digest": true, "tag_query": true, "auth": {"kind": "bearer", "anonymous": true}}'

# cost N WHAT [BOUND]: what was pushed last took N requests, and not more than is promised for any registry
cost()
{
	local n

	expect_status 0
	n=$("${kind}_asked" | wc -l)
	[ "$n" = "$1" ] || fail "$2 took $n requests, not $1: $("${kind}_asked" | tr '\n' ',')"
	[ "$n" -le "${3:-$n}" ] || fail "$2 took $n requests, more than $3"
}

push()
{
	"${kind}_mark"
	run "$OHC" push --json --no-check --payload "$payload" "$@"
}

digest_of()
{
	"$OHC" inspect -q --json "$1" | json 'j["digest"]' /dev/stdin
}

actions()
{
	json '" ".join(l["action"] for l in j["layers"])'
}

# rows CONFIG FURTHER: the table, where a config costs CONFIG requests and two further tags FURTHER
rows()
{
	local config=$1 further=$2 mounted kept
	mounted=$(printf 'mounted %.0s' $(seq $((layers + 2))))
	kept=$(printf 'kept %.0s' $(seq $((layers + 2))))

	t "$kind: warm up: what is known of base and payload is in the cache"
	[ $kind = real ] || stub_config '{}'
	put_layout base:1 "$place/base:1" >/dev/null
	"${kind}_mark"
	run "$OHC" pack -q --closure tree "$place/payload:1"
	expect_status 0
	payload=$place/payload@${out##*@}
	push "$place/base:1" "$place/warm:1"
	expect_status 0
	expect_eq "$(json 'sum(l["role"] == "base" for l in j["layers"])')" $layers

	t "$kind: a new repository: a HEAD, all layers mounted without a question before, config, manifest"
	push --env N=1 "$place/base:1" "$place/new:1"
	cost $((1 + layers + 1 + 1 + config + 1)) "a new repository" $((layers + 1 + 6))
	expect_eq "$(actions) " "$mounted"
	digest=$(json 'j["digest"]')

	t "$kind: the payload by its tag is one HEAD more"
	payload=$place/payload:1 push --env N=2 "$place/base:1" "$place/new-too:1"
	cost $((2 + layers + 1 + 1 + config + 1)) "a payload by tag" $((layers + 1 + 6))

	t "$kind: a repository that has the layers from another tag: they are not asked for"
	push --env X=1 "$place/base:1" "$place/new:2"
	cost $((1 + config + 1)) "another image of known layers" 6
	expect_eq "$(actions) " "$kept"

	t "$kind: another adapter"
	push --env X=2 --account other:1234 --on-uid-clash rename "$place/base:1" "$place/new:adapter"
	cost $((1 + config + config + 1)) "an adapter that nobody has" 6

	t "$kind: the very image is there"
	push --env N=1 "$place/base:1" "$place/new:1"
	cost 2 "the same image again"
	expect_eq "$(json 'j["digest"]')" "$digest"
	expect_eq "$(actions) " "$kept"
	push --skip-existing --env N=1 "$place/base:1" "$place/new:1"
	cost 2 "the same image again, with --skip-existing"

	t "$kind: further tags"
	push --env Y=0 --tag a0 --tag b0 "$place/base:1" "$place/new:30"
	cost $((1 + config + 1 + (further ? further : 1))) "an image with two further tags"
	push --env Y=1 --tag a --tag b "$place/base:1" "$place/new:3"
	cost $((1 + config + 1 + further)) "another image with two further tags"
	for tag in 3 a b; do
		expect_eq "$(digest_of "$place/new:$tag")" "$(json 'j["digest"]')" "tag $tag"
	done
	push --env Y=1 --tag a --tag b "$place/base:1" "$place/new:3"
	cost 4 "all three tags are there"
	push --env Y=1 --tag a --tag c "$place/base:1" "$place/new:3"
	cost $((1 + 3 + 1 + further)) "one of three tags is not there"
	expect_eq "$(digest_of "$place/new:c")" "$(json 'j["digest"]')"
}

kind=real place=$REGISTRY
rows 2 2
kind=takes place=$STUB
rows 1 0

# tagged NAME TAG...: they all name what was pushed last
tagged()
{
	local tag digest

	digest=$(json 'j["digest"]')
	for tag in "${@:2}"; do
		expect_eq "$(digest_of "$1:$tag")" "$digest" "tag $tag"
	done
}

t "more tags than ten are asked for ten at a time"
tags=(t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13)
push --env V=1 "${tags[@]/#/--tag=}" "$STUB/base:1" "$STUB/new:t0"
expect_status 0
expect_eq "$(stub_log 'r["query"].count("tag=") or None' | sort -n | paste -sd,)" 4,10
tagged "$STUB/new" t0 "${tags[@]}"

t "a tag that is named is there, and not one that begins like it"
all=$takes
takes=${takes%\}}', "tag_limit": 1}'
push --env V=2 --tag v1 "$STUB/base:1" "$STUB/new:v1.0"
takes=$all
expect_status 0
tagged "$STUB/new" v1.0 v1
expect_eq "$(stub_log 'r["query"].count("tag=") or None' | paste -sd,)" 2,1

t "a token for all repositories at once"
payload=$STUB/payload:1
push --env T=1 --account fourth:1236 --on-uid-clash rename "$STUB/base:1" "$STUB/token:1"
cost $((2 + layers + 1 + 1 + 1 + 1)) "a new repository"
expect_eq "$(tokens)" 1 tokens
expect_eq "$(takes_asked | grep -c '^GET ' || true)" 0 "reads, or questions who is there"

# no_form STATUS: a push of three tags to a host that answers so to tags in a query, and to blobs by POST
no_form()
{
	n=$((${n:-0} + 1))
	stub_config "{\"rules\": [{\"match\": {\"query\": \"(tag|digest)=.*\", \"method\": \"P(OS|U)T\",
		\"path\": \"/v2/[^/]*/(manifests|blobs/uploads)/[^/]*\"}, \"do\": {\"status\": $1}}]}"
	run "$OHC" push --json --no-check --payload "$payload" --env "C=$n" --tag "a$n" --tag "b$n" \
		"$STUB/base:1" "$STUB/refuses:$n"
	expect_status 0
	for tag in $n a$n b$n; do
		expect_eq "$(digest_of "$STUB/refuses:$tag")" "$(json 'j["digest"]')" "tag $tag"
	done
}

# asked QUERY: how many requests had it
asked()
{
	stub_log '"x" if r["method"] in ("PUT", "POST") and r["path"].count("/") < 6 and r["query"].startswith("'"$1"'=") else None' |
		wc -l
}

kind=takes payload=$STUB/payload:1
for code in 400 405 414 501; do
	t "neither form is an error where it is refused ($code), and what was learnt is kept"
	rm -rf "$XDG_CACHE_HOME/ohcompose/host" "$XDG_CACHE_HOME"/ohcompose/*/host
	no_form $code
	expect_eq "$(asked tag) $(asked digest)" "2 1"
	no_form $code
	expect_eq "$(asked tag) $(asked digest)" "0 0"
done
for code in 403 404 407 500; do
	t "an answer about something else ($code) is not taken for a no, and the next push asks again"
	rm -rf "$XDG_CACHE_HOME/ohcompose/host" "$XDG_CACHE_HOME"/ohcompose/*/host
	no_form $code
	expect_eq "$(asked tag) $(asked digest)" "1 1"
	no_form $code
	expect_eq "$(asked tag) $(asked digest)" "1 1"
done

t "a base that has not moved is asked for by HEAD alone: none that a registry counts as a pull"
kind=real payload=$REGISTRY/payload:1
make_base hub:1 --platform linux/amd64,linux/arm64 "${base_options[@]}" >/dev/null
stub_config '{}'
put_layout hub:1 "$STUB/library/hub:1" >/dev/null
hub='{"auth": {"kind": "bearer", "anonymous": true, "grant": "pull"}}'
stub_config "$hub"
push --platform linux/amd64 "$STUB/library/hub:1" "$REGISTRY/of-hub:1"
expect_status 0
stub_config "$hub"
for i in 2 3; do
	push --platform linux/amd64 --env I=$i "$STUB/library/hub:1" "$REGISTRY/of-hub:$i"
	expect_status 0
done
push --platform linux/amd64 --env I=4 "$STUB/library/hub:1" "$REGISTRY/of-hub-too:1"
expect_status 0
expect_eq "$(takes_asked)" "$(printf 'HEAD /v2/library/hub/manifests/1\n%.0s' 1 2 3)"
expect_false grep -E '^GET /v2/payload/' <<<"$(real_asked)"

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

t "a payload of this machine that the registry lost is brought again, by push and by bake"
load_base again:1 --layer l2 >/dev/null
load_base again:2 --layer l3 >/dev/null
printf '%s/again:%d\n' "$REGISTRY" 1 "$REGISTRY" 2 >again
while read -r images command; do
	read -ra words <<<"$command"
	for i in 1 2; do
		run "$OHC" "${words[@]}" --no-check --payload tree --env "AGAIN=$i"
		expect_status 0
		expect_no_err failed
		for image in ${images//,/ }; do
			run "$OHC" verify "$REGISTRY/brought/$image"
			expect_status 0
		done
		rm -r "$REGISTRY_ROOT/repositories/brought"
	done
done <<END
a:1 push $REGISTRY/again:1 $REGISTRY/brought/a:1
1:x,2:x bake --bases again --dest $REGISTRY/brought/{base.tag}:x
b:1,b:2 bake --bases again --dest $REGISTRY/brought/b:{base.tag}
1:x,2:x bake --jobs 1 --bases again --dest $REGISTRY/brought/{base.tag}:x
END

t "an adapter that was uploaded is mounted into every other repository"
push --account third:1235 --on-uid-clash rename "$REGISTRY/base:1" "$REGISTRY/adapter-one:1"
expect_eq "$(json 'j["layers"][-1]["action"]')" uploaded
push --account third:1235 --on-uid-clash rename --env E=1 "$REGISTRY/base:1" "$REGISTRY/adapter-two:1"
expect_eq "$(json 'j["layers"][-1]["action"]')" mounted

t "--skip-existing learns the digest of a payload that is not known before it sends anything"
rm -rf "$XDG_CACHE_HOME"
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
run "$OHC" push --json --no-check --no-cache --payload "$payload" "$REGISTRY/base:1" "$REGISTRY/nocache:1"
expect_status 0
expect_eq "$(json '" ".join(l["action"] for l in j["layers"] if l["role"] != "adapter")')" \
	"mounted mounted mounted mounted"

t "a registry that mounts nothing is asked twice, not for each place that is known"
for i in 1 2 3 4; do
	push --env M=$i "$REGISTRY/base:1" "$REGISTRY/many$i:1"
	expect_status 0
done
cp -r "$XDG_CACHE_HOME" cache.many
adapter=$(json 'j["layers"][-1]["digest"]')
find "$REGISTRY_ROOT/repositories" -path "*/_layers/sha256/${adapter#sha256:}" -prune -exec rm -r {} +
push --env M=5 "$REGISTRY/base:1" "$REGISTRY/many5:1"
expect_status 0
expect_eq "$(json 'j["layers"][-1]["action"]')" uploaded
expect_eq "$(registry_log_since | grep -c "mount=${adapter/:/%3A}" || true)" 2 "mounts of the adapter"

t "the config goes beside the layers where it is known: a mount that waits for it does not wait for ever"
stub_config '{}'
put_layout base:1 "$STUB/beside:1" >/dev/null
run "$OHC" push --json --no-check --payload tree "$STUB/beside:1" "$STUB/beside-one:1"
expect_status 0
stub_config '{"rules": [{"match": {"method": "POST", "path": "/v2/beside-two/.*", "query": "mount=.*"}, "times": 1,
	"do": {"after": {"requests": 1, "method": "PUT", "path": "/v2/beside-two/blobs/.*"}}}]}'
run timeout 30 "$OHC" push --json --no-check --env N=2 --payload tree "$STUB/beside:1" "$STUB/beside-two:1"
expect_status 0
expect_eq "$(actions)" "$(printf 'mounted %.0s' $(seq $((layers + 2))) | sed 's/ $//')"

t "... and where it is not, as soon as the layer was read: the end of its upload waits for it"
posts() { stub_log "1 if r['method'] == 'POST' and r['path'].startswith('/v2/$1/') else None" | wc -l; }
stub_config '{"post_digest": true}'
run "$OHC" push --json --no-check --no-cache --payload tree "$STUB/beside:1" "$STUB/beside-three:1"
expect_status 0
n=$(posts beside-three)
expect_true test "$n" -ge $((layers + 2))
stub_config '{"post_digest": true, "rules": [{"match": {"method": "PUT", "path": "/v2/beside-four/blobs/.*"},
	"do": {"after": {"requests": '"$n"', "method": "POST", "path": "/v2/beside-four/.*"}}}]}'
run timeout 30 "$OHC" push --json --no-check --no-cache --payload tree "$STUB/beside:1" "$STUB/beside-four:1"
expect_status 0
expect_eq "$(posts beside-four)" "$n"

t "the base is asked for while the payload is read: a tar that comes only then is waited for"
mkfifo pipe.tar
tar -C tree -cf tree.tar .
base_was_read()
{
	stub_log 'r["path"]' | grep '^/v2/beside/blobs/' >/dev/null
}
for platform in '' 'linux/amd64'; do
	stub_config '{}'
	rm -rf early
	(wait_for 20 base_was_read && cat tree.tar || echo "the base was not asked for") >pipe.tar &
	run timeout 30 "$OHC" push --no-check --payload pipe.tar ${platform:+--platform "$platform"} \
		--cache early "$STUB/beside:1" "$STUB/early:1"
	expect_status 0
done

t "a registry that is known to speak without TLS: no certificate is read, not even one without an end"
stub_config '{}'
run "$OHC" push --no-check --payload tree "$STUB/beside:1" "$STUB/known:1"
expect_status 0
mkdir cas
mkfifo cas/endless.pem
SSL_CERT_DIR=$tmp/cas run timeout 20 "$OHC" push --no-check --payload tree "$STUB/beside:1" "$STUB/known:2"
expect_status 0

finish
