#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Where the bases of tests/e2e come from: what cannot be had is told by its reason.
. "$(dirname "$0")/../lib.sh"

real=$(trap - ERR; alpine_tar x86_64 3.20.3) || real=''
export OHC_SHARED=$tmp/none E2E_CACHE=$tmp/cache ALPINE_MIRROR=file://$tmp/mirror
name=alpine-minirootfs-3.20.3-x86_64.tar.gz
inputs=$top/tests/e2e/lib/inputs

t "no Alpine on the mirror"
expect "$inputs" cache $name
expect_not test -e "cache/$name"
expect_true grep -q '^cannot be had: curl' "cache/$name.why"
expect_not alpine_tar x86_64 3.20.3

t "another one than it should be"
mkdir -p mirror/v3.20/releases/x86_64
echo another >"mirror/v3.20/releases/x86_64/$name"
expect "$inputs" cache $name
expect_not test -e "cache/$name"
expect_true grep -q 'checksum did NOT match' "cache/$name.why"

t "the one that it should be, and nothing else"
if [ -z "$real" ]; then
	skip "no Alpine beside the source tree"
else
	cp "$real" mirror/v3.20/releases/x86_64/
	expect "$inputs" cache $name
	expect_eq "$(ls cache)" "$(printf '%s\n' $name $name.key $name.log)"
	run alpine_tar x86_64 3.20.3
	expect_out_is "$tmp/cache/$name"
fi

t "an input that takes too long"
mkdir -p tree/tests/e2e/lib tree/layout/recipes/slow
cp "$inputs" tree/tests/e2e/lib/
: >tree/layout/recipes/input.sh
printf '#!/bin/sh\necho begun\nmkdir "$1"\nsleep 1000\n' >tree/layout/recipes/slow/input
chmod +x tree/layout/recipes/slow/input
E2E_INPUT_SECONDS=1 expect tree/tests/e2e/lib/inputs cache slow
expect_not test -e cache/slow
expect_eq "$(cat cache/slow.why)" "cannot be had: it took too long"

# As apt says it of a mirror that is behind.
mkdir bin
cat >bin/mmdebstrap <<'END'
#!/bin/sh
for a; do
	case $a in
	*Check-Valid-Until*false*) : >"$MADE" ;;
	esac
done
echo 'I: running apt-get update...'
[ -z "$BROKEN" ] || { echo "E: $BROKEN" && echo 'E: mmdebstrap failed to run' && exit 25; }
[ -e "$MADE" ] || { echo 'E: Release file is expired' && exit 25; }
for a; do
	case $a in
	*.tar) echo root >"$a" ;;
	esac
done
END
chmod 755 bin/mmdebstrap
export PATH=$tmp/bin:$PATH MADE=$tmp/allowed BROKEN=

t "a Debian from a mirror that is behind"
expect debian_tar sid
expect_true test -e cache/debian-sid.tar

t "one that cannot be made: the first of what is said is the reason"
BROKEN='Unable to locate package python3-minimal'
run debian_tar trixie
expect_eq "$status" 1
expect_eq "$no_debian" "mmdebstrap cannot make it: E: $BROKEN"
expect_not test -e cache/debian-trixie.tar

finish
