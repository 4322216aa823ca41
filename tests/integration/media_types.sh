#!/usr/bin/env bash
# time limit: 400
# SPDX-License-Identifier: Apache-2.0
# A manifest is of one family: whatever base and payload are, all that it lists is of the base's, or
# of the one that was asked for.  Judged by skopeo, which refuses what is mixed.
. "$(dirname "$0")/../lib.sh"

have skopeo || skip_all "no skopeo"
start_registry
mkdir -p tree/bin base/bin
printf 'a shell, say\n' >tree/bin/bash
printf 'another\n' >base/bin/sh
chmod 755 tree/bin/bash base/bin/sh
make_layout b:oci --layer base >/dev/null
make_layout b:docker --layer base --docker >/dev/null
make_layout b:docker-zstd --layer base --docker --compression zstd >/dev/null
make_layout b:oci-mixed --layer base --layer-type application/vnd.docker.image.rootfs.diff.tar.gzip >/dev/null
make_layout b:docker-mixed --layer base --docker --layer-type application/vnd.oci.image.layer.v1.tar+gzip >/dev/null
for base in oci docker docker-zstd oci-mixed docker-mixed; do
	put_layout b:$base "$REGISTRY/base:$base" >/dev/null
done

# is_all FAMILY NAME: config and layers of the image are of that family, and so is the manifest
is_all()
{
	run "$OHC" inspect --raw "$2"
	expect_status 0
	expect_eq "$(json "[t for t in [j['mediaType'], j['config']['mediaType']] + [l['mediaType'] for l in j['layers']]
		if not t.startswith('application/vnd.$1.')]")" '[]' "types that are not $1's"
}

# judge NAME
judge()
{
	rm -rf judged
	expect skopeo copy -q --src-tls-verify=false "docker://$1" dir:judged
	expect skopeo copy -q --src-tls-verify=false "docker://$1" oci:judged-oci:x
	expect "$OHC" verify -q "$1"
}

for format in oci docker; do
	for compression in gzip none; do
		expect "$OHC" pack --format $format --compression $compression tree "$REGISTRY/p:$format-$compression"
		for base in oci docker; do
			t "a payload of $format and $compression on a base of $base"
			run "$OHC" push --json --no-check --payload "$REGISTRY/p:$format-$compression" \
				"$REGISTRY/base:$base" "$REGISTRY/out:$base-$format-$compression"
			expect_status 0
			expect_eq "$(json '[l["action"] in ("mounted", "kept") for l in j["layers"] if l["role"] == "payload"]')" '[true]'
			is_all $base "$REGISTRY/out:$base-$format-$compression"
			judge "$REGISTRY/out:$base-$format-$compression"
		done
	done
done

t "a payload of zstd"
expect "$OHC" pack --compression zstd tree "$REGISTRY/p:zstd"
expect "$OHC" push --no-check --payload "$REGISTRY/p:zstd" "$REGISTRY/base:oci" "$REGISTRY/out:zstd"
is_all oci "$REGISTRY/out:zstd"
judge "$REGISTRY/out:zstd"
run "$OHC" push --no-check --payload "$REGISTRY/p:zstd" "$REGISTRY/base:docker" "$REGISTRY/never:1"
expect_message 1 'compressed with zstd, for which Docker schema 2 has no media type that all engines take: use --format oci'
expect_not test -e "$REGISTRY_ROOT/repositories/never/_manifests"
expect "$OHC" push --format oci --no-check --payload "$REGISTRY/p:zstd" "$REGISTRY/base:docker" "$REGISTRY/out:zstd-oci"
is_all oci "$REGISTRY/out:zstd-oci"
judge "$REGISTRY/out:zstd-oci"

t "another format than the base's"
for base in oci docker; do
	for format in oci docker; do
		expect "$OHC" push --format $format --no-check --payload "$REGISTRY/p:oci-gzip" \
			"$REGISTRY/base:$base" "$REGISTRY/out:as-$format"
		is_all $format "$REGISTRY/out:as-$format"
		judge "$REGISTRY/out:as-$format"
	done
done

t "a base that is mixed itself"
expect "$OHC" push --no-check --payload "$REGISTRY/p:docker-gzip" "$REGISTRY/base:oci-mixed" "$REGISTRY/out:mixed"
is_all oci "$REGISTRY/out:mixed"
judge "$REGISTRY/out:mixed"
expect "$OHC" push --no-check --payload "$REGISTRY/p:oci-gzip" "$REGISTRY/base:docker-mixed" "$REGISTRY/out:mixed"
is_all docker "$REGISTRY/out:mixed"
judge "$REGISTRY/out:mixed"

t "BuildKit's and containerd's zstd layers in Docker's manifests are read"
run "$OHC" verify -q "$REGISTRY/base:docker-zstd"
expect_status 0
run "$OHC" inspect --tree "$REGISTRY/base:docker-zstd"
expect_out ' /bin/sh$'
expect "$OHC" push --format oci --no-check --payload "$REGISTRY/p:oci-gzip" "$REGISTRY/base:docker-zstd" "$REGISTRY/out:bz"
is_all oci "$REGISTRY/out:bz"
judge "$REGISTRY/out:bz"
expect "$OHC" copy --format oci "$REGISTRY/base:docker-zstd" "$REGISTRY/out:cz"
is_all oci "$REGISTRY/out:cz"
judge "$REGISTRY/out:cz"

t "a base that has them keeps them, and what is added is gzip; they are made of nothing else"
expect "$OHC" push --no-check --payload "$REGISTRY/p:oci-gzip" "$REGISTRY/base:docker-zstd" "$REGISTRY/out:kept"
is_all docker "$REGISTRY/out:kept"
expect_eq "$("$OHC" inspect --raw "$REGISTRY/out:kept" |
	json '[l["mediaType"].split(".")[-1] for l in j["layers"]][:2]' /dev/stdin)" '["zstd", "gzip"]' types
run "$OHC" verify -q "$REGISTRY/out:kept"
expect_status 0
expect "$OHC" copy "$REGISTRY/base:docker-zstd" oci:kept:1
expect_eq "$(image digest oci:kept:1)" "$(image digest "$REGISTRY/base:docker-zstd")" "digest of a copy"
for way in "$REGISTRY/base:docker --compression zstd" "$REGISTRY/base:oci --format docker --compression zstd"; do
	# shellcheck disable=SC2086
	run "$OHC" push --no-check --payload tree $way "$REGISTRY/never:1"
	expect_message 1 'no media type for zstd layers that all engines take: use --format oci or --compression gzip'
done

t "copy --format sees each layer"
expect "$OHC" copy --format docker "$REGISTRY/base:docker-mixed" "$REGISTRY/out:c1"
is_all docker "$REGISTRY/out:c1"
judge "$REGISTRY/out:c1"
expect "$OHC" copy --format oci "$REGISTRY/base:oci-mixed" "$REGISTRY/out:c2"
is_all oci "$REGISTRY/out:c2"
judge "$REGISTRY/out:c2"
for tag in oci docker; do
	expect "$OHC" copy --format $tag "$REGISTRY/base:$tag" "$REGISTRY/out:c3"
	expect_eq "$("$OHC" inspect --raw "$REGISTRY/out:c3" | sha256sum)" \
		"$("$OHC" inspect --raw "$REGISTRY/base:$tag" | sha256sum)" "bytes of what needs nothing"
done
expect "$OHC" copy "$REGISTRY/base:docker-mixed" "$REGISTRY/out:c4"
expect_eq "$("$OHC" inspect --raw "$REGISTRY/out:c4" | sha256sum)" \
	"$("$OHC" inspect --raw "$REGISTRY/base:docker-mixed" | sha256sum)" "bytes without --format"
run "$OHC" verify -q "$REGISTRY/out:c4"
expect_status 3

finish
