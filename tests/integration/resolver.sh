#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How names of registries and proxies become addresses: by /etc/hosts and by the servers of
# /etc/resolv.conf, here ones on loopback in a network of this test's own.  The static program, where it
# was made, must do the same, although its C library has no nsswitch.

# A network and mounts of its own, as root or as root of a user namespace.
if [ -z "${OHC_OWN_NETWORK:-}" ]; then
	for how in '' --map-root-user; do
		if unshare --net --mount $how true 2>/dev/null; then
			OHC_OWN_NETWORK=1 exec unshare --net --mount $how "$0"
		fi
	done
fi
. "$(dirname "$0")/../lib.sh"

[ -n "${OHC_OWN_NETWORK:-}" ] || skip_all "no network namespace can be made"
py -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1 | 64))'

# over FILE: standard input lies over it from now on
over()
{
	cat >"$tmp/.lib/$(basename "$1")"
	umount "$1" 2>/dev/null || true
	mount --bind "$tmp/.lib/$(basename "$1")" "$(realpath "$1")"
}

names()
{
	py -c 'import json, sys; json.dump(json.loads(sys.argv[1]), open("names.new", "w"))' "$1"
	mv names.new names.json
	: >dns.log
}

for f in /etc/resolv.conf /etc/hosts /etc/nsswitch.conf; do
	[ -e "$f" ] || skip_all "no $f"
done
names '{}'
"$top/tests/stub/dns.py" names.json dns.log 127.0.0.1 127.0.0.2 2>dns.err &
_pids+=("$!")
wait_for 10 grep -q ready dns.log || skip_all "no name server on port 53: $(cat dns.err)"
echo 'nameserver 127.0.0.1' | over /etc/resolv.conf
echo '127.0.0.1 localhost' | over /etc/hosts
echo 'hosts: files dns' | over /etc/nsswitch.conf

start_registry
port=${REGISTRY#*:}
mkdir -p layer && echo text >layer/file
make_layout one:a --layer layer >/dev/null

programs=("$OHC")
static=$top/build/static/$(uname -m)/ohcompose
if [ -x "$static" ] && ! is_static "$OHC"; then
	programs+=("$static")
fi

# push_to HOST [OPTION...]
push_to()
{
	run "$program" copy --insecure --timeout 20 "${@:2}" oci:one:a "$1:$port/x:1"
}

for program in "${programs[@]}"; do
	what=$(is_static "$program" && echo static || echo dynamic)

	t "$what: an address of either family"
	names '{"four.test": {"A": ["127.0.0.1"]}, "both.test": {"A": ["127.0.0.1"], "AAAA": ["::1"]}}'
	push_to four.test
	expect_status 0
	push_to both.test
	expect_status 0

	t "$what: a name behind another one, and one address of two that answers"
	names '{"alias.test": {"CNAME": "real.test"}, "real.test": {"A": ["127.0.0.9", "127.0.0.1"]}}'
	push_to alias.test
	expect_status 0

	t "$what: an answer that is too long for a datagram"
	names '{"long.test": {"A": ["127.0.0.1"], "truncated": true}}'
	push_to long.test
	expect_status 0
	expect_true grep -q '^tcp 127.0.0.1 A long.test' dns.log

	t "$what: /etc/hosts before any server"
	printf '127.0.0.1 localhost\n127.0.0.1 hosts.test\n' | over /etc/hosts
	names '{}'
	push_to hosts.test
	expect_status 0
	expect_false grep -q hosts.test dns.log

	t "$what: the search list, and a second server where the first is silent"
	printf 'nameserver 127.0.0.3\nnameserver 127.0.0.2\nsearch cluster.test\noptions timeout:1\n' |
		over /etc/resolv.conf
	names '{"registry.cluster.test": {"A": ["127.0.0.1"]}}'
	push_to registry
	expect_status 0
	expect_true grep -q '^udp 127.0.0.2 A registry.cluster.test' dns.log
	echo 'nameserver 127.0.0.1' | over /etc/resolv.conf

	t "$what: localhost needs neither"
	: | over /etc/hosts
	names '{}'
	push_to localhost
	expect_status 0
	echo '127.0.0.1 localhost' | over /etc/hosts

	t "$what: a name that is not there, and a server that fails"
	names '{"broken.test": {"rcode": 2}}'
	push_to nowhere.test --retry 0
	expect_message 6 "'nowhere.test(:$port)?'"
	push_to broken.test --retry 0
	expect_message 6 "'broken.test(:$port)?'"

	t "$what: a proxy by its name, and who needs none"
	names '{"proxy.test": {"A": ["127.0.0.1"]}, "direct.test": {"A": ["127.0.0.1"]}}'
	HTTP_PROXY=http://proxy.test:9 HTTPS_PROXY=http://proxy.test:9 push_to far.test --retry 0
	expect_message 6 "by the proxy 'proxy.test:9'"
	expect_true grep -q 'A proxy.test' dns.log
	expect_false grep -q far.test dns.log
	HTTP_PROXY=http://proxy.test:9 HTTPS_PROXY=http://proxy.test:9 NO_PROXY=direct.test push_to direct.test
	expect_status 0
done

t "static: modules of nsswitch.conf are not asked for"
if [ ${#programs[@]} = 1 ] && ! is_static "$OHC"; then
	skip "no static program: make static"
else
	echo 'hosts: nosuchmodule [!UNAVAIL=return]' | over /etc/nsswitch.conf
	names '{"four.test": {"A": ["127.0.0.1"]}}'
	push_to four.test
	expect_status 0
fi

finish
