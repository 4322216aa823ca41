#!/usr/bin/env bash
# time limit: 300
# SPDX-License-Identifier: Apache-2.0
# A directory as a payload: one walk serves its fingerprint, the facts for the preflight, its layer.
. "$(dirname "$0")/../lib.sh"

can_trace || skip_all "$no_trace"

mkdir -p payload/bin payload/lib/deep
cp /bin/true payload/bin/x
echo text >payload/lib/deep/file
ln -s ../bin/x payload/lib/link
find payload -exec touch -h -d '2024-02-03 04:05:06 UTC' {} +
sleep 4

# names_read: how often the names of each directory were read to their end
names_read()
{
	sed -n 's|.*getdents64([0-9]*<[^>]*/\(payload\(/[^>]*\)\{0,1\}\)>.*= 0$|\1|p' walks | sort | uniq -c |
		awk '{ print $1, $2 }'
}

# opened FILE: how often it was opened
opened()
{
	grep -cE "openat\(.*\"(.*/)?$1\".*= [0-9]" walks || true
}

# traced ARG...: push, with what it asked of directories in walks
traced()
{
	run strace -f -qq -e trace=getdents64,openat -y -o walks "$OHC" push --check=warn "$@"
	expect_status 0
}

once='1 payload
1 payload/bin
1 payload/lib
1 payload/lib/deep'

t "cold: each directory's names are read once, a file that has no facts is opened once"
traced --payload payload:/opt/x scratch oci:out:1
expect_eq "$(names_read)" "$once"
expect_eq "$(opened file)" 1

t "without a cache: the same"
traced --no-cache --payload payload:/opt/x scratch oci:out:2
expect_eq "$(names_read)" "$once"

t "again: the walk is all, no file is opened"
traced --payload payload:/opt/x scratch oci:out:3
expect_eq "$(names_read)" "$once"
expect_eq "$(opened file)" 0
expect_eq "$(opened x)" 0

finish
