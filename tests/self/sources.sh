#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dist/sources and dist/fetch: every file is checked by its sha256, whoever it comes from.
. "$(dirname "$0")/../lib.sh"

t "each line has a name, a version, a path and a sha256; what is linked in has a recipe"
grep -v '^#' "$top/dist/sources" >lines
expect_eq "$(grep -cvE '^[a-z0-9:-]+ +[0-9][^ ]* +pool/[^ ]+ +[0-9a-f]{64}$' lines || true)" 0 "malformed lines"
expect_eq "$(cut -d' ' -f1 lines | uniq)" "$(cut -d' ' -f1 lines | awk '!seen[$0]++')" "names that are together"
linked=$(sed -n "s/^linked='\(.*\)'/\1/p" "$top/dist/deps")
for name in $linked nasm; do
	expect_true grep -q "^build_$name()" "$top/dist/libraries.sh"
	expect_eq "$(grep -c "^$name " lines)" 2 "files of $name"
done
expect_true grep -qE -- '--hash=sha256:[0-9a-f]{64}' "$top/dist/zig.txt"

t "what the static program is linked from is looked for in the cache, and not built"
export DIST_CACHE=$tmp/cache
run "$top/dist/deps" --cached x86_64
expect_status 1
expect_false test -e cache
mkdir -p "$out"
expect_eq "$("$top/dist/deps" --cached x86_64)" "$out"
unset DIST_CACHE

# Two mirrors on loopback, and a list of what they have.
mkdir -p dist one/pool two/pool
cp "$top/dist/fetch" dist/
echo good >two/pool/a+b_1~x.tar
echo other >one/pool/c.tar
echo right >two/pool/c.tar
cat >dist/sources <<END
# snapshot: 20260101T000000Z
a 1 pool/a+b_1~x.tar $(sha256sum <two/pool/a+b_1~x.tar | cut -c 1-64)
c 1 pool/c.tar $(sha256sum <two/pool/c.tar | cut -c 1-64)
d 1 pool/d.tar $(sha256sum <two/pool/c.tar | cut -c 1-64)
END
for mirror in one two; do
	"$PYTHON" -S -u -m http.server --bind 127.0.0.1 --directory $mirror 0 >$mirror.port 2>$mirror.log &
	_pids+=("$!")
	wait_for 10 grep -q port $mirror.port
	DIST_MIRRORS="${DIST_MIRRORS:-} http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' $mirror.port)"
done
export DIST_MIRRORS

t "a file comes from the first mirror that has it, and is not fetched again"
run dist/fetch got a
expect_status 0
expect_out_is got/a+b_1~x.tar
expect_true cmp got/a+b_1~x.tar two/pool/a+b_1~x.tar
: >two.log
expect dist/fetch got a
expect_false grep -q GET two.log

t "one that has other bytes is passed over, and said"
run dist/fetch got c
expect_status 0
expect_err "'http://127.0.0.1:[0-9]+/pool/c.tar' has not the sha256"
expect_true cmp got/c.tar two/pool/c.tar

t "one that was changed where it is kept is fetched again"
echo spoilt >got/c.tar
expect dist/fetch got c
expect_true cmp got/c.tar two/pool/c.tar

t "what no mirror has, and what is not listed"
run dist/fetch got d
expect_status 1
expect_err "no mirror has 'pool/d.tar'"
expect_false test -e got/d.tar
run dist/fetch got e
expect_status 1
expect_err "dist/sources has no 'e'"

finish
