#!/usr/bin/env bash
# time limit: 1200
# SPDX-License-Identifier: Apache-2.0
# Peak memory is bounded by a formula, not by the payload's bytes: under 64 MiB for 1 GB, for 5 GB, and for
# images of 500,000 files.  What pack and a check keep of a directory grows with the number of its files.
. "$(dirname "$0")/../lib.sh"

can_peak || skip_all "$no_peak"
start_registry
load_base base:1 >/dev/null
make_base base:1 >/dev/null

limit=$((64 * 1024))

mkdir -p payload/many
key=$(printf '0%.0s' {1..32})
for i in $(seq 16); do
	head -c 60000000 /dev/zero |
		openssl enc -aes-128-ctr -K "$key" -iv "$(printf '%032x' "$i")" >"payload/file-$i"
done
py -c 'import os
for d in range(100):
    os.mkdir(f"payload/many/{d}")
    for f in range(200):
        with open(f"payload/many/{d}/a-file-with-a-name-of-some-length-{f}", "w") as o:
            o.write("content %d %d\n" % (d, f) * 100)'

t "1 GB that does not compress, to a registry"
peak "$OHC" push --no-check --payload payload "$REGISTRY/base:1" "$REGISTRY/out:1"
expect_status 0
expect_true test "$peak" -lt $limit

t "the same to a layout, zstd, with eight threads"
peak "$OHC" push --no-check --jobs 8 --compression zstd --payload payload oci:base:1 oci:out:1
expect_status 0
expect_true test "$peak" -lt $limit
rm -rf out

t "5 GB"
mkdir big
truncate -s 5G big/sparse
peak "$OHC" push --no-check --payload big oci:base:1 oci:out:1
expect_status 0
expect_true test "$peak" -lt $limit

t "what pack keeps of a tree of 29,200 files: 0.7 kB for each, beside 17 MB"
py -c 'import os
for d in range(146):
    path = f"tree/lib/python3.13/site-packages/package_{d:03d}/subpackage"
    os.makedirs(path)
    for f in range(200):
        open(f"{path}/module_{f:03d}.py", "w").write("x")'
peak "$OHC" pack --closure tree oci:packed:1
expect_status 0
expect_true test "$peak" -lt $(((17000000 + 29200 * 700) / 1024))

rm -rf tree payload big

t "500,000 files: a push of them as a tar and of an image, with its preflight; inspect --tree, check"
py - many.tar.gz <<'END'
import gzip, sys

def header(path, kind, mode):
    h = bytearray(512)
    for at, field in ((0, path), (100, b"%07o" % mode), (108, b"0000000"), (116, b"0000000"), (124, b"0" * 11),
                      (136, b"14526152000"), (148, b" " * 8), (156, kind), (257, b"ustar\00000")):
        h[at : at + len(field)] = field
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h)

with gzip.open(sys.argv[1], "wb", 1) as tar:
    tar.write(header(b"openhands/", b"5", 0o755) + header(b"openhands/lib/", b"5", 0o755))
    for d in range(5000):
        tar.write(header(b"openhands/lib/package%05d/" % d, b"5", 0o755) + b"".join(
            header(b"openhands/lib/package%05d/module_%02d.py" % (d, f), b"0", 0o644) for f in range(100)))
    tar.write(bytes(1024))
END
peak "$OHC" push --no-cache --check=warn --payload many.tar.gz oci:base:1 oci:of-tar:1
expect_status 0
expect_true test "$peak" -lt $limit
rm -r of-tar
make_layout many:1 --layer many.tar.gz --keep >/dev/null
rm many.tar.gz
peak "$OHC" inspect -q --no-cache --tree oci:many:1
expect_status 0
expect_true test "$peak" -lt $limit
expect_eq "$(wc -l <<<"$out")" 505003
peak "$OHC" check --no-cache --profile none oci:many:1
expect_true test "$peak" -lt $limit
peak "$OHC" check --no-cache --payload oci:many:1 oci:base:1
expect_true test "$peak" -lt $limit
"$OHC" copy -q oci:many:1 "$REGISTRY/many:1" >/dev/null
peak "$OHC" push --no-cache --check=warn --payload "$REGISTRY/many:1" "$REGISTRY/base:1" "$REGISTRY/of-many:1"
expect_status 0
expect_true test "$peak" -lt $limit

finish
