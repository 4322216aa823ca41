#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Several processes write one layout, others read it, and gc runs all the while: nothing is lost.
# OHC_TEST_SECONDS=60 makes it thorough.
. "$(dirname "$0")/../lib.sh"

seconds=${OHC_TEST_SECONDS:-5}

for name in a b c; do
	mkdir "$name"
	head -c 300000 /dev/urandom >"$name/file"
	cp "$name/file" "$name/copy"
	make_layout "L:$name" --layer "$name" >/dev/null
done

# writer ID: copies under its own tags, and under one that all of them move
writer()
{
	local end=$((SECONDS + seconds)) i=0 names=(a b c)

	while [ $SECONDS -lt $end ]; do
		i=$((i + 1))
		"$OHC" copy -q "oci:L:${names[i % 3]}" "oci:W:w$1-$i" >/dev/null || return 1
		"$OHC" copy -q "oci:L:${names[(i + $1) % 3]}" oci:W:moving >/dev/null || return 1
	done
	echo $i >"count-$1"
}

# collector: gc, and a reader of what moves
collector()
{
	local end=$((SECONDS + seconds))

	while [ $SECONDS -lt $end ]; do
		if [ -e W/oci-layout ]; then
			"$OHC" gc -q oci:W >>gc.out || return 1
		fi
		if [ -e W/index.json ] && grep -q moving W/index.json; then
			"$OHC" verify -q oci:W:moving >/dev/null || return 1
		fi
		sleep 0.02
	done
}

t "two writers, a reader and gc for $seconds s, from no directory on"
writer 1 2>err-1 &
one=$!
writer 2 2>err-2 &
two=$!
collector 2>err-3 &
three=$!
for pid in $one $two $three; do
	wait "$pid" || fail "failed: $(cat err-*)"
done
expect_eq "$(cat err-*)" "" "standard error"

t "every tag is there, and whole"
for id in 1 2; do
	for ((i = 1; i <= $(cat count-$id); i++)); do
		grep -q "\"w$id-$i\"" W/index.json || fail "the tag w$id-$i is lost"
	done
done
expect "$OHC" verify -q oci:W:w1-1
expect "$OHC" verify -q oci:W:w2-1
expect "$OHC" verify -q oci:W:moving

t "nothing is left over"
expect "$OHC" gc -q oci:W
expect_eq "$(find W -type f | wc -l)" "$((2 + 9))" "files"
expect_eq "$(find W -name '.*' -type f)" "" "hidden files"

t "gc waits for those who use the layout, or says so"
mkfifo hold
flock -s W cat hold &
exec 8>hold # opens once the lock is held
run "$OHC" gc --no-wait oci:W
expect_message 1 'is in use'
start=$(date +%s%N)
(sleep 0.4; echo >&8) &
exec 8>&-
expect "$OHC" gc oci:W
[ $((($(date +%s%N) - start) / 1000000)) -ge 200 ] || fail "it did not wait"

t "gc takes a layout without a tag"
run "$OHC" gc oci:W:x
expect_message 2 'without a tag'
run "$OHC" gc localhost/x
expect_message 2 'no layout directory'
run "$OHC" gc oci:nowhere
expect_message 4 'No such file'
run "$OHC" gc oci:a
expect_message 3 "has no 'oci-layout'"

finish
