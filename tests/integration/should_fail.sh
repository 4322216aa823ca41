#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Images and archives that are wrong (testdata/should-fail/cases.tsv): each is refused with its own
# message, at once, in little memory, and nothing is written.
. "$(dirname "$0")/../lib.sh"

data=$top/testdata/should-fail

# Runs a command, and fails when it took more than 64 MiB or 10 s.
cat >limited.py <<'EOP'
import os, resource, subprocess, sys
try:
    status = subprocess.run(sys.argv[1:], timeout=10).returncode
except subprocess.TimeoutExpired:
    sys.exit("took more than 10 s")
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
if peak > 64 * 1024 and not os.environ.get("SANITIZE"):
    sys.exit("took %d KiB of memory" % peak)
sys.exit(status)
EOP

# refuse NAME: as an image to be copied, or looked at
refuse()
{
	if [ "$how" = verify ]; then
		run py limited.py "$OHC" verify "$1"
		grep -Eq -e "$message" <<<"$out$err" || fail "nothing like: $message"
	else
		run py limited.py "$OHC" copy -q "$1" oci:out/deep:x
		grep -Eq -e "^ohcompose: .*($message)" <<<"$err" || fail "no message like: $message"
	fi
	[[ $status =~ ^($want)$ ]] || fail "status $status, not $want"
	expect_not test -e out
}

while IFS=$'\t' read -r file how want message why; do
	[[ $file != '#'* ]] || continue
	t "$file${why:+: $why}"
	case $how in
	copy | copy-x | verify | archive)
		tag=
		[ "$how" != copy-x ] || tag=:x
		refuse "oci-archive:$data/$file$tag"
		;;
	docker)
		refuse "docker-archive:$data/$file"
		;;
	*)
		fail "what is $how?"
		;;
	esac
	# The same as a directory, where tar(1) takes it.
	if [[ $how =~ ^(copy|copy-x|verify)$ ]] && [ "$file" != index-100-mib.tar.gz ]; then
		mkdir layout
		tar -xf "$data/$file" -C layout
		case $file in
		no-index.tar)
			want=3 message="has no 'index.json' file"
			;;
		esac
		refuse "oci:layout$tag"
		rm -rf layout
	fi
done <"$data/cases.tsv"

t "every archive there has its case"
for f in "$data"/*.tar*; do
	grep -q "^${f##*/}	" "$data/cases.tsv" || fail "${f##*/} has none"
done

t "nothing was written outside"
expect_not test -e /tmp/ohcompose-escaped
expect_not test -e "$data/../escaped"
expect_not test -e escaped

t "an archive cut anywhere is never taken for a whole one"
mkdir image
head -c 5000 /dev/urandom >image/file
make_layout L:x --layer image >/dev/null
"$OHC" copy -q oci:L:x oci-archive:whole.tar:x >/dev/null
"$OHC" copy -q oci:L:x docker-archive:whole-d.tar:x:1 >/dev/null
gzip -k whole.tar
zstd -q -k whole.tar
for f in whole.tar whole-d.tar whole.tar.gz whole.tar.zst; do
	size=$(stat -c %s $f)
	kind=oci-archive
	[ $f != whole-d.tar ] || kind=docker-archive
	for ((i = 1; i < 16; i++)); do
		head -c $((size * i / 16 - 1)) $f >cut
		run "$OHC" copy -q $kind:cut oci:cut-out:x
		if [ "$status" = 0 ]; then
			expect "$OHC" verify -q oci:cut-out:x
			rm -rf cut-out
		else
			[[ $status =~ ^[34]$ ]] || fail "$f, cut at $i/16: status $status"
			expect_not test -e cut-out
		fi
	done
done

finish
