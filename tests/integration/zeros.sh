#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# A gigabyte of zeros packs 1000 times with gzip and 30,000 times with zstd: what push makes of it,
# every command reads, up to the limit that is asked for.
. "$(dirname "$0")/../lib.sh"

small_payload payload
mkdir -p payload/data
truncate -s 1300M payload/data/disk.img

for compression in gzip zstd; do
	t "our own layer of zeros is read by every command: $compression"
	run "$OHC" push --json --profile none --payload payload:/openhands --compression $compression scratch oci:l:$compression
	expect_status 0
	layer=$(json '[l["digest"] for l in j["layers"]][0]')
	size=$(stat -c %s "l/blobs/sha256/${layer#sha256:}")
	[ "$size" -lt 5000000 ] || fail "the layer has $size bytes: it is no test"
	run "$OHC" inspect --tree --no-cache "oci:l:$compression"
	expect_status 0
	expect_out ' 1363148800 +0 /openhands/data/disk.img$'
	run "$OHC" verify "oci:l:$compression"
	expect_status 0
	run "$OHC" check --no-cache --payload payload "oci:l:$compression"
	[ "$status" != 3 ] || fail "check cannot read it"
	expect "$OHC" push --no-cache --no-check --payload payload/bin:/more "oci:l:$compression" "oci:l:on-$compression"

	t "the limit is that of the option: $compression"
	for command in "inspect --tree --no-cache" verify "check --no-cache --payload payload"; do
		# shellcheck disable=SC2086
		run "$OHC" $command --max-layer-size 1G "oci:l:$compression"
		expect_status 3
		# shellcheck disable=SC2086
		run "$OHC" $command --max-layer-size 2G "oci:l:$compression"
		[ "$status" != 3 ] || fail "$command refuses what is below the limit"
	done
	run "$OHC" push --no-cache --max-layer-size 1G --payload payload/bin:/more "oci:l:$compression" oci:l:never
	expect_message 3 'larger than the limit of 1073741824 bytes when unpacked: --max-layer-size raises it'
done

t "a tar of zeros as a payload"
tar cf - -C payload data | gzip >zeros.tar.gz
expect "$OHC" push --no-check --profile none --payload zeros.tar.gz:/data scratch oci:l:tar
run "$OHC" push --no-check --profile none --max-layer-size 1G --payload zeros.tar.gz:/data scratch oci:l:tar2
expect_message 3 'larger than the limit of 1073741824 bytes'

t "a tar with a sparse file, which takes no room in it"
truncate -s 1200M sparse
if tar -S -cf sparse.tar sparse && [ "$(stat -c %s sparse.tar)" -lt 100000 ]; then
	run "$OHC" push --no-check --profile none --payload sparse.tar:/data scratch oci:l:sparse
	expect_message 3 'has sparse files of more than 200 times its size, .*--max-layer-size raises'
	run "$OHC" push --no-check --profile none --max-layer-size 2G --payload sparse.tar:/data scratch oci:l:sparse
	expect_status 0
else
	skip "no holes here"
fi

t "what the options take"
for bad in 0 x 5X -1 99999999999999T; do
	run "$OHC" verify --max-layer-size=$bad oci:l:gzip
	expect_message 2 "max-layer-size"
done
run "$OHC" verify --max-layer-entries 2000001 oci:l:gzip
expect_message 2 "'--max-layer-entries': takes at most 2000000"
run "$OHC" inspect --tree --no-cache --max-layer-entries 5 oci:l:gzip
expect_message 3 'has more than the limit of 5 entries'

finish
