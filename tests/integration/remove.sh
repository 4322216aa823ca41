#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --remove: what is hidden of a base, as umoci and ourselves see it.
. "$(dirname "$0")/../lib.sh"

mkdir -p payload base/etc base/repo/.git/objects base/usr/lib base/var/cache/x base/other
echo p >payload/p
echo 'root:x:0:0::/:/bin/sh' >base/etc/passwd
echo later >base/repo/.git/objects/1
echo code >base/repo/code
echo kept >base/var/cache/kept
echo gone >base/var/cache/x/y
echo target >base/usr/lib/target
ln -s usr/lib base/lib
ln -s usr/lib/target base/link
chmod 2711 base/repo
make_layout base:1 --layer base --config '{"Cmd": ["x"]}' >/dev/null

# push ARGUMENT...: as oci:out:1
push()
{
	rm -rf out
	run "$OHC" push --no-check --profile none --payload payload:/p "$@" oci:base:1 oci:out:1
}

# tree: the paths of the image
tree()
{
	"$OHC" inspect --tree --json oci:out:1 | json '"\n".join(sorted(e["path"] for e in j))' /dev/stdin
}

t "files, directories, through symlinks, and a symlink itself"
push
before=$(tree)
push --remove /repo/.git --remove /var/cache/x --remove /lib/target --remove /link
expect_status 0
expect_eq "$(comm -23 <(echo "$before" | sort) <(tree | sort))" "$(printf '%s\n' /link /repo/.git \
	/repo/.git/objects /repo/.git/objects/1 /usr/lib/target /var/cache/x /var/cache/x/y)"
expect_eq "$(comm -13 <(echo "$before" | sort) <(tree | sort))" ""

t "the directories above stay as they are"
run "$OHC" inspect --tree oci:out:1
expect_out '^drwx--s--x .* /repo$'

if command -v umoci >/dev/null; then
	t "as umoci unpacks it"
	umoci_unpack out:1 bundle
	expect_not test -e bundle/rootfs/repo/.git
	expect_not test -e bundle/rootfs/var/cache/x
	expect_not test -e bundle/rootfs/usr/lib/target
	expect_not test -L bundle/rootfs/link
	expect_true test -e bundle/rootfs/repo/code
	expect_true test -e bundle/rootfs/var/cache/kept
	expect_true test -e bundle/rootfs/p/p
	chmod -R u+rwX bundle
else
	t "as umoci unpacks it"
	skip "no umoci"
fi

t "the image is sound, says it, and can be made again"
run "$OHC" verify oci:out:1
expect_status 0
run "$OHC" inspect --format '{{json .Composition}}' oci:out:1
expect_out '/repo/.git'

t "the checks see what is left"
make_layout cmd:1 --layer base --config '{"Cmd": ["/repo/code"]}' >/dev/null
for command in "push --remove /repo/code" "push"; do
	# shellcheck disable=SC2086
	run "$OHC" $command --payload payload:/p --profile none oci:cmd:1 oci:cmd:2
	expect_message 7 "'/repo/code'"
	case $command in
	*remove*) expect_err command-missing ;;
	*) expect_no_err command-missing ;;
	esac
done

t "what is not there is a warning"
push --remove /none --remove /repo/none
expect_status 0
expect_err "warning: remove-missing: '/none' is to be removed, and is not in the base"
expect_err "'/repo/none'"

t "what is put there is refused"
push --remove /p
expect_status 0
push --payload payload:/repo/app --remove /repo
expect_message 2 "--remove '/repo': '/repo/app' is put into the image there"
push --payload payload:/repo/app --remove /repo/app/p
expect_status 0
push --payload payload:/repo --remove /repo/code
expect_message 2 "--remove '/repo/code': what the payload that goes to '/repo' has there would be hidden"
push --profile openhands --remove /etc
expect_message 2 "--remove '/etc': '/etc/[a-z-]*' is put into the image there"
for path in / '' etc /etc/ /etc/../x //etc /./etc; do
	push --remove "$path"
	expect_message 2 "--remove '$path': a path of the base is wanted"
done

t "bake: in a list, too"
echo '{"payload": "payload:/p", "profile": "none", "no_check": true, "remove": "/repo/.git",
	"images": [{"base": "oci:base:1", "dest": "oci:out:1"}]}' >list.json
rm -rf out
run "$OHC" bake list.json
expect_status 0
expect_eq "$(tree | grep -c '^/repo/.git' || true)" 0

finish
