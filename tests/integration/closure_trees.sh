#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trees that are not from the root: what they open by name, and what only the machine that runs them has.
. "$(dirname "$0")/../lib.sh"

have cc || skip_all "no C compiler"

# The root, with a library for each name; and a tree of others' programs.
mkdir -p root/bin root/usr/lib tree/lib tree/bin
cp "$(readlink -f /bin/sh)" root/bin/sh
{ ldd /bin/sh || true; } | grep -o '/[^ ]*' | while read -r f; do
	install -D -m 755 "$f" "root$f"
done
echo 'int one(void) { return 1; }' >one.c
echo 'int one(void); int two(void) { return one(); }' >two.c
cc -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so.1 one.c
cc -shared -fPIC -Wl,-soname,libicuuc.so.72 -o root/usr/lib/libicuuc.so.72 one.c
cc -shared -fPIC -o tree/lib/libtorch.so two.c ./libcuda.so.1
cp root/bin/sh tree/bin/sh

t "a driver's library stays out, and is no fault"
run "$OHC" pack --profile none --closure --root root --compression none tree oci:out:1
expect_status 0
expect_err "libtorch.so' needs 'libcuda.so.1', which comes with the driver of the machine that runs it"
run "$OHC" check --profile none --cmd '["/openhands/bin/sh"]' --payload oci:out:1 scratch
expect_status 0
expect_out "^warning library-missing libcuda.so.1: .* comes with the driver of the machine"

t "... also where the root has one"
cp libcuda.so.1 root/usr/lib/
run "$OHC" pack --profile none --closure --root root --compression none tree oci:out:2
expect_status 0
expect_err "libtorch.so' needs 'libcuda.so.1', which comes with the driver of the machine that runs it"
mkdir unpacked
unpack_image oci:out:2 unpacked
expect_true test ! -e unpacked/openhands/lib/libcuda.so.1 -a -e unpacked/openhands/lib/libtorch.so

t "a runtime that is not from the root opens libraries by name, too"
cc -shared -fPIC -Wl,-soname,libcoreclr.so -o tree/lib/libcoreclr.so one.c
run "$OHC" pack -v --profile none --closure --root root --compression none tree oci:out:3
expect_status 0
expect_err "libcoreclr.so' opens files by name: the set 'dotnet' comes along"
rm -rf unpacked
mkdir unpacked
unpack_image oci:out:3 unpacked
expect_true test -e unpacked/openhands/lib/libicuuc.so.72

finish
