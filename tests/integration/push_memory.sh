#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# Peak memory is bounded by a formula, not by the payload: under 64 MiB for 1 GB and for 5 GB.  What
# pack keeps grows with the number of files, not with their bytes.
. "$(dirname "$0")/../lib.sh"

[ -z "${SANITIZE:-}" ] || skip_all "sanitizers need memory of their own"
[ -x /usr/bin/time ] || skip_all "no /usr/bin/time"
start_registry
load_base base:1 >/dev/null
make_base base:1 >/dev/null

limit=$((64 * 1024))
# peak CMD...: runs it; $peak is its largest resident set in KiB
peak()
{
	run /usr/bin/time -q -f 'peak %M' "$@"
	peak=$(sed -n 's/^peak //p' <<<"$err")
	echo "# peak $peak KiB: $_name"
}

mkdir -p payload/many
key=$(printf '0%.0s' {1..32})
for i in $(seq 16); do
	head -c 60000000 /dev/zero |
		openssl enc -aes-128-ctr -K "$key" -iv "$(printf '%032x' "$i")" >"payload/file-$i"
done
"$PYTHON" -c 'import os
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

t "what pack keeps of a tree of 73,000 files"
"$PYTHON" -c 'import os
for d in range(365):
    path = f"tree/lib/python3.13/site-packages/package_{d:03d}/subpackage"
    os.makedirs(path)
    for f in range(200):
        open(f"{path}/module_{f:03d}.py", "w").write("x")'
peak "$OHC" pack --closure tree oci:packed:1
expect_status 0
expect_true test "$peak" -lt $limit

finish
