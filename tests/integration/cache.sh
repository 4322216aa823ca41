#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The cache helps and is never needed: shared, killed, damaged, full, read-only, of another version or
# not there at all, every push gives the same image.
. "$(dirname "$0")/../lib.sh"

small_payload payload
busybox_rootfs root
head -c 20000000 /dev/urandom >root/usr/big
make_layout base:1 --layer root --config "$BASE_CONFIG" >/dev/null
cd "$tmp"

# push [OPTIONS...]: to oci:out:1, which must come out as ever
want=''
push()
{
	run "$OHC" push --json --payload payload "$@" oci:base:1 oci:out:1
	expect_status 0
	[ -n "$want" ] || want=$(json 'j["digest"]')
	expect_eq "$(json 'j["digest"]')" "$want" "the image"
}

# The layer's own bytes, which are read only where its index is not known.
reads()
{
	json 'j["bytes"]["read"] > 10000000'
}

entries()
{
	find "$1" -type f -path '*/[0-9a-f][0-9a-f]/*' ! -name '.*' | sort
}

t "a layer is read once"
push --cache cache
expect_err 'read layer'
push --cache cache
expect_no_err 'read layer'
push --no-cache
expect_err 'read layer'
run "$OHC" cache info --cache cache --json
expect_eq "$(json 'j["namespaces"]["layer-index"]["entries"]')" 1
expect_eq "$(find cache -type f -perm /077)" "" "files that others can read"

t "a layer that another base has, too, is not read again"
mkdir more
echo more >more/more
make_layout other:1 --layer root --layer more --config "$BASE_CONFIG" >/dev/null
run "$OHC" push --payload payload --cache cache oci:other:1 oci:out:2
expect_status 0
layer()
{
	image manifest oci:other:1 | json "j['layers'][$1]['digest'][:19]" /dev/stdin
}
expect_err "read layer $(layer 1)"
expect_no_err "read layer $(layer 0)"

t "many processes share it"
rm -rf shared
pids=()
for i in 1 2 3 4 5 6; do
	"$OHC" push --json --payload payload --cache shared oci:base:1 "oci:par$i:1" >"par$i.json" \
		2>"par$i.err" &
	pids+=($!)
done
for i in 1 2 3 4 5 6; do
	wait "${pids[i - 1]}" || fail "process $i: $(cat "par$i.err")"
	expect_eq "$(json 'j["digest"]' "par$i.json")" "$want" "image $i"
done
run "$OHC" cache info --cache shared --json
expect_eq "$(json 'j["namespaces"]["layer-index"]["entries"]')" 1
expect_eq "$(find shared -type f -name '.*' | wc -l)" 0 "unfinished files"
# ... and may be pruned meanwhile
for i in 1 2 3 4; do
	"$OHC" cache prune --cache shared >/dev/null || fail "prune $i"
	push --cache shared
done

t "killed at any moment, the next run goes on"
for ((i = 0; i < ${OHC_TEST_KILLS:-12}; i++)); do
	rm -rf killed
	"$OHC" push -q --payload payload --cache killed oci:base:1 oci:K:1 >/dev/null 2>&1 &
	sleep "0.$(printf %03d $((RANDOM % 400)))"
	kill -9 $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	push --cache killed
	push --cache killed
	expect_no_err 'read layer'
done

# damaged: every entry's file is changed by the command, which gets its name
damaged()
{
	local f

	for f in $(entries cache); do
		"$@" "$f"
	done
	push --cache cache
	expect_err 'read layer'
	expect_no_err 'warning: .*cache'
	push --cache cache
	expect_no_err 'read layer'
}
flip()
{
	printf '\377' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") / 2)) conv=notrunc status=none
}
other_version()
{
	sed -i '1s/^ohcompose-cache 1 /ohcompose-cache 2 /' "$1"
}
# Whole, by its digest, and nonsense.
nonsense()
{
	py -c 'import hashlib, sys
head, key, _ = open(sys.argv[1], "rb").read().split(b"\n", 2)
body = key + b"\n" + b"\x07\xff\x00nonsense" * 50
open(sys.argv[1], "wb").write(b"ohcompose-cache 1 " + hashlib.sha256(body).hexdigest().encode() +
                              b"\n" + body)' "$1"
}
for how in 'truncate -s 0' 'truncate -s 40' 'truncate -s -1' 'flip' 'cp /etc/passwd' other_version nonsense; do
	t "entries that are damaged: $how"
	# shellcheck disable=SC2086
	damaged $how
done

t "something else where an entry would be"
for f in $(entries cache); do
	rm "$f"
	mkdir -p "$f/x"
done
push --cache cache
push --cache cache
rm -rf cache/layer-index
echo file >cache/layer-index
push --cache cache
expect_err 'warning: the cache is not written'
rm -rf cache

t "nowhere to put it"
push --cache /dev/null/cache
expect_err 'warning: the cache is not written'
ln -s nowhere/at/all dangling
push --cache dangling
run env -u HOME -u XDG_CACHE_HOME "$OHC" push --json --payload payload oci:base:1 oci:out:1
expect_status 0
expect_eq "$(json 'j["digest"]')" "$want"
expect_no_err 'the cache'
run env XDG_CACHE_HOME=relative HOME=relative "$OHC" push --json --payload payload oci:base:1 oci:out:1
expect_status 0
expect_false test -e relative

t "a directory that is somebody else's, or read-only"
push --cache ro
if [ "$(id -u)" = 0 ]; then
	if ! unshare --mount true 2>/dev/null; then
		skip "no mount namespace"
	else
		read_only=(unshare --mount sh -c 'mount --bind ro ro && mount -o remount,bind,ro ro && exec "$@"' sh)
		run "${read_only[@]}" "$OHC" push --json --payload payload --cache ro oci:base:1 oci:out:1
		expect_status 0
		expect_eq "$(json 'j["digest"]')" "$want"
		expect_no_err 'read layer|the cache'
		rm -rf ro/*
		run "${read_only[@]}" "$OHC" push --json --payload payload --cache ro oci:base:1 oci:out:1
		expect_status 0
		expect_eq "$(json 'j["digest"]')" "$want"
		expect_err 'warning: the cache is not written'
		run "${read_only[@]}" "$OHC" cache info --cache ro
		expect_status 0
		run "${read_only[@]}" "$OHC" cache prune --cache ro
		expect_status 0
	fi
else
	chmod -R a-w ro
	push --cache ro
	expect_no_err 'read layer|the cache'
	chmod -R u+w ro
	rm -rf ro/*
	chmod a-w ro
	push --cache ro
	expect_err 'warning: the cache is not written'
fi

t "a full disk"
if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
	skip "cannot mount a small file system"
else
	mkdir full
	small=(unshare --mount sh -c 'mount -t tmpfs -o size=8k none full && exec "$@"' sh)
	run "${small[@]}" "$OHC" push --json --payload payload --cache full oci:base:1 oci:out:1
	expect_status 0
	expect_eq "$(json 'j["digest"]')" "$want"
	expect_err 'warning: the cache is not written: .*No space left'
	expect_eq "$(grep -c 'cache is not written' <<<"$err")" 1 "warnings"
	start_registry # of which something is kept, too
	run "${small[@]}" "$OHC" push --payload payload --cache full oci:base:1 "$REGISTRY/out:1"
	expect_status 0
	expect_eq "$(grep -c 'cache is not written' <<<"$err")" 1 "warnings"
	echo oci:base:1 >bases
	run "${small[@]}" "$OHC" bake --bases bases --dest "$REGISTRY/out:2" --payload payload --cache full
	expect_status 0
	expect_eq "$(grep -c 'cache is not written' <<<"$err")" 1 "warnings"
fi

t "what pruning leaves is good, and what it does not know stays"
push --cache pruned
mkdir pruned/mine
echo keep >pruned/mine/file
expect "$OHC" cache prune --cache pruned
expect_eq "$(entries pruned)" ""
expect_eq "$(cat pruned/mine/file)" keep
push --cache pruned

finish
