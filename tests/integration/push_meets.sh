#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Payloads that go where their base has something already.  The judge is the tree that umoci unpacks.
. "$(dirname "$0")/../lib.sh"

have umoci || skip_all "no umoci"
[ "$(id -u)" = 0 ] || skip_all "owners show only to root"

# base NAME: the directory NAME as oci:bases:NAME
base()
{
	make_layout "bases:$1" --layer "$1" --config "$BASE_CONFIG" >/dev/null
}

# kept PATH MODE_AND_OWNER
kept()
{
	expect_eq "$(stat -c '%a %u:%g' "bundle/rootfs$1")" "$2" "mode and owner of $1"
}

payload_layer()
{
	json '[l["digest"] for l in j["layers"] if l["role"] == "payload"]'
}

push()
{
	run "$OHC" push --json --profile none --owner 1000:1000 "$@"
}

busybox_rootfs plain
rm -f plain/bin/x
chmod 711 plain/bin
mkdir -p plain/opt/shared
chmod 2775 plain/opt/shared
base plain
cp -a plain merged
mv merged/bin/* merged/usr/bin/
rmdir merged/bin
ln -s usr/bin merged/bin
ln -s opt merged/openhands
base merged
mkdir tools
printf '#!/bin/sh\necho the tool speaks\n' >tools/x
chmod 755 tools/x
mkdir tree
cp tools/x tree/
mkdir tree/shared tree/new
echo data >tree/shared/data

t "a base that is not merged into /usr: /bin/x is added, and /bin stays as it is"
push --payload tools:/bin oci:bases:plain oci:out:plain
expect_status 0
layer=$(payload_layer)
umoci_unpack out:plain bundle
kept /bin '711 0:0'
kept /bin/x '755 1000:1000'
expect_true test -L bundle/rootfs/bin/sh
expect_eq "$(chroot bundle/rootfs /bin/x)" "the tool speaks"
push --payload tools:/bin scratch oci:out:alone
expect_eq "$(payload_layer)" "$layer" "the payload's layer on another base"
push --no-check --payload tools:/bin oci:bases:plain oci:out:unchecked
umoci_unpack out:unchecked bundle
kept /bin '711 0:0'

t "directories below stay as they are, too"
push --payload tree:/opt oci:bases:plain oci:out:tree
expect_status 0
umoci_unpack out:tree bundle
kept /opt '755 0:0'
kept /opt/shared '2775 0:0'
kept /opt/shared/data '644 1000:1000'
kept /opt/new '755 1000:1000'

t "a payload image is no different"
push --payload tree:/opt scratch oci:payloads:tree
push --payload oci:payloads:tree:/opt oci:bases:plain oci:out:image
expect_status 0
expect_eq "$(json 'j["layers"][-1]["role"]')" adapter
umoci_unpack out:image bundle
kept /opt '755 0:0'
kept /opt/shared '2775 0:0'

t "a directory that the base does not have is the payload's, and needs no adapter"
push --payload tree:/srv/deep/er oci:bases:plain oci:out:new
expect_status 0
expect_eq "$(json 'j["layers"][-1]["role"]')" payload
umoci_unpack out:new bundle
kept /srv/deep/er '755 1000:1000'

t "files of the base that the payload replaces are named"
mkdir over
for f in ls cat sh; do cp tools/x over/$f; done
run "$OHC" check --profile none --payload over:/bin oci:bases:plain
expect_status 0
expect_out "^warning payload-shadows /bin/cat: is a symlink of the base, which the payload replaces \\(and 2 more like it\\)$"
run "$OHC" check -v --profile none --payload over:/bin oci:bases:plain
expect_eq "$(grep -c ' payload-shadows ' <<<"$out")" 3 "findings with -v"
run "$OHC" check --json --profile none --payload over:/bin oci:bases:plain
expect_eq "$(json '[f["subject"] for f in j if f["code"] == "payload-shadows"]')" \
	'["/bin/cat", "/bin/ls", "/bin/sh"]'
push --payload over:/bin oci:bases:plain oci:out:over
expect_status 0
expect_err "warning: payload-shadows: '/bin/cat'"

t "a symlink of the base where the payload goes is refused"
for target in /bin /bin/tools /openhands /openhands/x; do
	push --payload "tools:$target" oci:bases:merged oci:refused:1
	expect_status 7
	expect_err "prefix-symlink: '$target' leads to '/(usr/bin|opt)(/tools|/x)?' through a symlink of the base"
	expect_false test -e refused
	run "$OHC" check --profile none --payload "tools:$target" oci:bases:merged
	expect_status 7
	expect_out "^error prefix-symlink $target: .*let the payload go to '/(usr/bin|opt)(/tools|/x)?'$"
done
push --payload tools:/usr/bin oci:bases:merged oci:out:merged
expect_status 0
umoci_unpack out:merged bundle
expect_eq "$(chroot bundle/rootfs /bin/x)" "the tool speaks"
kept /usr/bin "$(stat -c '%a %u:%g' merged/usr/bin)"

t "and who says --no-check or --check=warn gets what the engine makes of it"
for option in --no-check --check=warn; do
	push $option --payload tools:/bin/tools oci:bases:merged "oci:forced:${option//[-=]/}"
	expect_status 0
	expect_err "prefix-symlink: '/bin/tools'"
done

t "a directory of the payload on a symlink of the base is refused, too"
mkdir -p deep/bin
cp tools/x deep/bin/
mkdir merged/usr/local
ln -s ../bin merged/usr/local/bin
base merged
push --payload deep:/usr/local oci:bases:merged oci:refused:1
expect_message 7 "'/usr/local/bin' leads to '/usr/bin' through a symlink of the base"

t "what is no directory is in the way"
push --payload tools:/etc/passwd/x oci:bases:plain oci:refused:1
expect_message 7 "'/etc/passwd/x' cannot be made: '/etc/passwd' of the base is no directory"
expect_false test -e refused

finish
