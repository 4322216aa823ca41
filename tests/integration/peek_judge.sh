#!/usr/bin/env bash
# time limit: 400
# SPDX-License-Identifier: Apache-2.0
# The merged tree of an image is what umoci unpacks, path by path; and how it is come by.
. "$(dirname "$0")/../lib.sh"

have umoci || skip_all "no umoci"
driver=$(dirname "$OHC")/tests/integration/peek_driver

# judge IMAGE: oci:DIR:TAG without its oci:
judge()
{
	local rootless=

	[ "$(id -u)" = 0 ] || rootless=--rootless
	chmod -R u+rwx bundle 2>/dev/null || true
	rm -rf bundle
	# shellcheck disable=SC2086
	if ! umoci unpack $rootless --image "$1" bundle >umoci.log 2>&1; then
		fail "umoci: $(tail -n 1 umoci.log)"
		return 0
	fi
	run "$driver" "${1%:*}" "${1##*:}"
	expect_status 0
	"$driver" "${1%:*}" "${1##*:}" >tree || true
	expect_true "$PYTHON" "$top/tests/compare_rootfs.py" bundle/rootfs <tree
	run "$OHC" inspect -q --tree --json --no-cache "oci:$1"
	expect_status 0
	"$OHC" inspect -q --tree --json --no-cache "oci:$1" >tree || true
	expect_true "$PYTHON" "$top/tests/compare_rootfs.py" --json bundle/rootfs <tree
}

# judge_lines IMAGE: as judge, and the lines for people are what find(1) says of it
judge_lines()
{
	local owner='%U:%G'

	judge "$1"
	[ "$(id -u)" = 0 ] || owner=0:0
	"$OHC" inspect -q --tree --no-cache "oci:$1" | tail -n +2 | tr -s ' ' |
		sed -E 's/^([^ ]+ [^ ]+ [^ ]+) [0-9]+ /\1 /' | LC_ALL=C sort >is
	find bundle/rootfs -mindepth 1 \( -type f -printf "%M $owner %s /%P\n" -o \
		-type l -printf "%M $owner - /%P -> %l\n" -o -printf "%M $owner - /%P\n" \) |
		tr -s ' ' | LC_ALL=C sort >should-be
	[ "$(id -u)" = 0 ] || sed -i -E 's/ [0-9]+:[0-9]+ / 0:0 /' is
	expect_true diff should-be is
}

# layers NAME SOURCE...: an image of these layers
layers()
{
	local name=$1 l args=()

	shift
	for l in "$@"; do
		args+=(--layer "$l")
	done
	rm -rf "$name"
	make_layout "$name:1" "${args[@]}" >/dev/null
}

t "busybox"
busybox_rootfs plain
layers busybox plain
judge_lines busybox:1

for arch in x86_64 aarch64; do
	t "Alpine, $arch"
	if alpine=$(trap - ERR; alpine_tar $arch); then
		layers alpine "$alpine"
		judge alpine:1
	else
		skip "no Alpine beside the source tree"
	fi
done

# debian: a bootstrapped Debian in ./debian.tar, made once a build directory
debian()
{
	local kept
	kept=$(dirname "$OHC")/bases/debian-bookworm.tar

	no_debian="no mmdebstrap"
	have mmdebstrap || return 1
	if [ ! -e "$kept" ]; then
		mkdir -p "$(dirname "$kept")"
		no_debian="mmdebstrap could not make one"
		timeout 200 mmdebstrap --quiet --variant=minbase bookworm "$kept.$$" \
			>mmdebstrap.log 2>&1 || return 1
		mv "$kept.$$" "$kept"
	fi
	ln -s "$kept" debian.tar
}

t "Debian"
if ! debian; then
	skip "$no_debian"
else
	layers debian debian.tar
	judge debian:1

	t "Debian in five layers: what one removes, the others do not bring back"
	mkdir l2 l3 l4 l5
	mkdir -p l2/usr/share/doc l2/opt
	touch l2/usr/share/doc/.wh..wh..opq l2/opt/kept
	mkdir -p l3/usr/bin l3/etc
	touch l3/usr/bin/.wh.perl l3/etc/.wh.motd
	ln -s /usr/bin/env l3/usr/bin/python
	mkdir -p l4/usr/share/doc/new l4/opt l4/bin
	echo x >l4/usr/share/doc/new/x
	ln l4/usr/share/doc/new/x l4/opt/y
	mkdir -p l5/usr/lib/os-release l5/opt
	touch l5/opt/.wh.kept l5/usr/lib/os-release/now-a-directory
	layers five debian.tar l2 l3 l4 l5
	# A directory "bin" in a layer would replace the base's symlink.
	judge_lines five:1

	t "each path is said to come from the layer that it comes from"
	run "$OHC" inspect -q --tree --json oci:five:1
	expect_eq "$(json '[[o["layer"] for o in j if o["path"] == p] for p in (
		"/usr/bin/python", "/usr/bin/env", "/usr/share/doc/new/x", "/opt/y",
		"/usr/lib/os-release/now-a-directory", "/opt/kept")]')" '[[2], [0], [3], [3], [4], []]'
	expect_eq "$(json '[o["digest"] for o in j if o["path"] == "/opt/y"]')" \
		"[\"$(image manifest oci:five:1 | json 'j["layers"][3]["digest"]' /dev/stdin)\"]"

	t "it is known after once: no blob is read, in less than 10 ms"
	run "$driver" --cache cache --quiet five 1
	expect_status 0
	cold=$out
	best=1000000
	for _ in 1 2 3; do
		run "$driver" --cache cache --quiet five 1
		expect_eq "${out%%, *}" "${cold%%, *}" "number of entries"
		expect_eq "$(cut -d' ' -f3,4 <<<"$out")" "0 bytes," "what was read"
		us=$(cut -d' ' -f5 <<<"$out" | tr -d .)00
		[ "$us" -ge "$best" ] || best=$us
	done
	[ -n "${SANITIZE:-}" ] || expect_true test "$best" -lt 10000
fi

t "layers that get in each other's way"
for seed in $(seq 1 25); do
	"$PYTHON" "$top/tests/random_layers.py" "$seed" 4 random
	layers random random.1.tar random.2.tar random.3.tar random.4.tar
	judge random:1
	[ $_bad = 0 ] || echo "# seed $seed"
done

finish
