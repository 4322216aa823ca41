#!/usr/bin/env bash
# time limit: 400
# SPDX-License-Identifier: Apache-2.0
# The merged tree of an image is what umoci unpacks, path by path.  A Debian is held to it in
# tests/e2e/debian_tree.sh.
. "$(dirname "$0")/../lib.sh"

have umoci || skip_all "no umoci"

t "busybox"
busybox_rootfs plain
layers busybox plain
judge_listing busybox:1

for arch in x86_64 aarch64; do
	t "Alpine, $arch"
	if alpine=$(trap - ERR; alpine_tar $arch); then
		layers alpine "$alpine"
		judge_tree alpine:1
	else
		skip "no Alpine beside the source tree"
	fi
done

t "layers that get in each other's way"
for seed in $(seq 1 25); do
	py "$top/tests/random_layers.py" "$seed" 4 random
	layers random random.1.tar random.2.tar random.3.tar random.4.tar
	judge_tree random:1
	[ $_bad = 0 ] || echo "# seed $seed"
done

finish
