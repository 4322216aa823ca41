#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A copy into a layout that is killed at any moment: what is there can be read, blobs are what their
# names say, and the next run succeeds.  OHC_TEST_KILLS=200 makes it thorough.
. "$(dirname "$0")/../lib.sh"

kills=${OHC_TEST_KILLS:-15}

mkdir big
head -c 12000000 /dev/urandom >big/file
make_layout L:old --layer big --compression none >/dev/null
head -c 12000000 /dev/urandom >big/file
make_layout L:new --layer big --layer /usr/share/common-licenses --compression none >/dev/null

# sound DIR: a layout, or none yet; every blob that has a name is whole
sound()
{
	local f

	for f in "$1"/blobs/sha256/*; do
		[ -e "$f" ] || continue
		[ "$(sha256sum "$f" | cut -d ' ' -f 1)" = "${f##*/}" ] || fail "$f is not whole"
	done
	[ -e "$1/oci-layout" ] || return 0
	expect py -c 'import json, sys
assert json.load(open(sys.argv[1] + "/oci-layout"))["imageLayoutVersion"] == "1.0.0"
assert json.load(open(sys.argv[1] + "/index.json"))["schemaVersion"] == 2' "$1"
}

# kill_copy NAME MICROSECONDS
kill_copy()
{
	"$OHC" copy -q "oci:L:new" "$1" >/dev/null 2>&1 &
	sleep "0.$(printf %06d "$2")"
	kill -9 $! 2>/dev/null || true
	wait $! 2>/dev/null || true
}

# How long a whole copy takes, in microseconds: kills are spread over that.
start=$(date +%s%N)
"$OHC" copy -q oci:L:new oci:T:x
took=$((($(date +%s%N) - start) / 1000))

t "killed while the layout is made, $kills times"
for ((i = 0; i < kills; i++)); do
	rm -rf K
	kill_copy oci:K:x $((RANDOM * took / 32768))
	sound K
	expect "$OHC" copy -q oci:L:new oci:K:x
	expect "$OHC" verify -q oci:K:x
done

t "killed while a tag moves, $kills times"
rm -rf K
for ((i = 0; i < kills; i++)); do
	expect "$OHC" copy -q oci:L:old oci:K:x
	kill_copy oci:K:x $((RANDOM * took / 32768))
	sound K
	expect "$OHC" verify -q oci:K:x
done

t "gc takes away what the kills left, and nothing else"
expect "$OHC" copy -q oci:L:old oci:K:x
expect "$OHC" gc oci:K
expect "$OHC" verify -q oci:K:x
expect_eq "$(find K -type f | wc -l)" "$((2 + 3))" "files"
expect "$OHC" copy -q oci:L:new oci:K:x
expect "$OHC" gc oci:K
expect_eq "$(find K -type f | wc -l)" "$((2 + 4))" "files"

t "an archive that is killed does not appear"
for ((i = 0; i < kills / 3; i++)); do
	kill_copy oci-archive:k.tar $((RANDOM * took / 65536))
	[ ! -e k.tar ] || expect "$OHC" verify -q oci-archive:k.tar
	rm -f k.tar
done

t "SIGINT and SIGTERM leave nothing"
for signal in INT TERM INT TERM; do
	rm -rf S
	py - "$OHC" "$signal" "0.0$((RANDOM % 3 + 1))" >signalled <<-'EOP'
	import signal, subprocess, sys, time
	p = subprocess.Popen([sys.argv[1], "copy", "-q", "oci:L:new", "oci:S/deep:x"],
		stdout=subprocess.DEVNULL)
	time.sleep(float(sys.argv[3]))
	p.send_signal(getattr(signal, "SIG" + sys.argv[2]))
	print(p.wait())
	EOP
	case $(cat signalled) in
	130 | -2 | -15) # or before it listened to signals
		expect_not test -e S
		;;
	0)
		expect "$OHC" verify -q oci:S/deep:x
		;;
	*)
		fail "status $(cat signalled)"
		;;
	esac
done

finish
