#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 1800
# Whole commands under valgrind: no byte is used before it is set or after it is freed, and none is lost.
. "$(dirname "$0")/../lib.sh"

have valgrind || skip_all "no valgrind"
! is_static "$OHC" || skip_all "valgrind does not know the string functions of a static program"

# checked ARGUMENT...: as run, and no error of memory
checked()
{
	run "$top/tests/valgrind/under" "$OHC" "$@"
	expect_status 0
	expect_no_err '^==[0-9]+=='
}

start_registry
small_payload payload
load_base base:1 >/dev/null
load_base other:1 --config '{"Env": ["A=b"]}' >/dev/null
mkdir -p tool/bin
cp "$(command -v env)" tool/bin/tool
printf '%s\n' "$REGISTRY/base:1" "$REGISTRY/other:1" >bases

t "push"
checked push --no-cache --payload payload "$REGISTRY/base:1" "$REGISTRY/out:1"

t "pack --closure"
checked pack --closure tool "$REGISTRY/packed:1"

t "check"
checked check --no-cache --profile none --payload "$REGISTRY/packed:1" --cmd '["/openhands/bin/tool"]' "$REGISTRY/base:1"

t "bake"
checked bake --bases bases --profile none --payload "$REGISTRY/packed:1" --cmd '["/openhands/bin/tool"]' \
	--dest "$REGISTRY/baked:{base.slug}" --journal journal

t "upgrade"
checked upgrade --no-check --payload payload:/openhands "$REGISTRY/out:1"

t "copy"
checked copy "$REGISTRY/out:1" oci:copied:1

t "verify --rebuild"
checked verify --rebuild "$REGISTRY/out:1"

t "inspect --tree, unpack"
checked inspect --no-cache --tree "$REGISTRY/out:1"
checked unpack "$REGISTRY/packed:1" unpacked

finish
