#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Files that a profile places, and the contract of agent-server today: config, wrappers of ACP
# providers, settings, account and workspace.
. "$(dirname "$0")/../lib.sh"

mkdir -p base/etc base/bin payload/bin acp/bin
echo 'root:x:0:0::/:/bin/sh' >base/etc/passwd
echo own >base/etc/own
echo sh >base/bin/sh
chmod +x base/bin/sh
make_layout base:1 --layer base --config '{"Env": ["PATH=/bin"]}' >/dev/null
echo x >payload/x

cat >profile.json <<'EOF'
{"name": "mine", "prefix": "/p", "links": {"/usr/bin/there": "/elsewhere/x"}, "files": {
	"/etc/new/file": {"content": "new\n", "mode": "0600"},
	"/etc/own": {"content": "profile's\n"},
	"/etc/passwd": {"content": "replaced\n", "replace": true},
	"/etc/with": {"content": "with\n", "if": "/p/x"},
	"/etc/without": {"content": "without\n", "if": "/p/y"},
	"/usr/bin/x": {"link": "/p/x", "if": "/p/x"},
	"/usr/bin/y": {"link": "/p/y", "if": "/p/y"},
	"/bin/sh": {"link": "/p/x"},
	"/etc/base": {"content": "base\n", "if": "/bin/sh"}}}
EOF

t "placed where the base has none, replaced when it says so, and only with what they go with"
run "$OHC" push --no-check --profile profile.json --payload payload oci:base:1 oci:out:1
expect_status 0
image layer -1 oci:out:1 >adapter.tar
expect_eq "$(tar -tf adapter.tar | grep -v '/$' | sort | tr '\n' ' ')" \
	'etc/base etc/new/file etc/passwd etc/with usr/bin/there usr/bin/x '
expect_eq "$(tar -tvf adapter.tar usr/bin/x | sed 's/.* -> //')" /p/x
expect_eq "$(tar -xOf adapter.tar etc/new/file etc/passwd)" "$(printf 'new\nreplaced')"
expect_eq "$(tar -tvf adapter.tar --numeric-owner etc/new/file etc/with | awk '{ print $1, $2 }' | tr '\n' ' ')" \
	'-rw------- 0/0 -rw-r--r-- 0/0 '

t "the history names a dozen entries of the adapter layer, and counts the others"
py -c 'import json
print(json.dumps({"name": "mine", "prefix": "/p", "files": {"/etc/new/%02d" % i: {"content": "x"} for i in range(20)}}))' >many.json
run "$OHC" push --no-check --profile many.json --payload payload oci:base:1 oci:out:many
expect_status 0
run "$OHC" inspect --config oci:out:many
names=$(json 'j["history"][-1]["created_by"]')
expect_true grep -qE '^ohcompose push: adapter( /[^ ]+){12} and [0-9]+ more$' <<<"$names"
entries=$(image layer -1 oci:out:many | tar -tf - | wc -l)
expect_eq "${names##*and }" "$((entries - 12)) more"

t "entries stand in bytewise order, however a profile lists its files"
for order in a:b:c c:b:a; do
	py -c 'import json, sys
print(json.dumps({"name": "mine", "prefix": "/p", "files": {"/etc/" + n: {"content": "x"} for n in sys.argv[1].split(":")}}))' \
		$order >"$order.json"
	run "$OHC" push --no-check --profile "$order.json" --payload payload oci:base:1 "oci:out:${order%%:*}"
	expect_status 0
done
expect_eq "$(image layer -1 oci:out:c | tar -tf - | grep -v '/$' | tr '\n' ' ')" 'etc/a etc/b etc/c '
expect_eq "$(image layer -1 oci:out:a | sha256sum)" "$(image layer -1 oci:out:c | sha256sum)"

t "an image that is packed with a profile's file does not name it"
run "$OHC" pack --profile ./profile.json payload oci:packed:1
expect_status 0
expect_err "the image does not tell of the profile: it is a file"
run "$OHC" inspect --config oci:packed:1
expect_no_out 'payload.profile|profile.json'

t "a directory of the base is not replaced"
echo '{"name": "mine", "prefix": "/p", "files": {"/etc": {"content": "x", "replace": true}}}' >wrong.json
run "$OHC" push --profile wrong.json --payload payload oci:base:1 oci:x:1
expect_message 7 "'/etc' should be a file of the profile's, but the base has something else there"

t "what is no profile"
for files in '"x"' '{"etc": {"content": ""}}' '{"/etc": 1}' '{"/a": {}}' '{"/a": {"content": "", "mode": "9"}}' \
	'{"/a": {"content": "", "mode": "64"}}' '{"/a": {"content": "", "mode": "12345"}}' \
	'{"/a": {"link": "x"}}' '{"/a": {"content": "", "link": "/x"}}' '{"/a": {"link": "/x", "replace": true}}' \
	'{"/a": {"content": "", "mode": 420}}' '{"/a": {"content": "", "if": "x"}}' '{"/a": {"content": "", "x": 1}}'; do
	echo "{\"name\": \"x\", \"files\": $files}" >wrong.json
	run "$OHC" push --profile wrong.json --payload payload oci:base:1 oci:x:1
	expect_message 3 "profile 'wrong.json'"
done

t "openhands-v0 wants bash: the payload's, where the base has none"
mkdir -p v0/bin v0/etc/ssl/certs
echo bash >v0/bin/bash
chmod +x v0/bin/bash
echo certificates >v0/etc/ssl/certs/ca-certificates.crt
run "$OHC" push --no-check --profile openhands-v0 --payload v0 oci:base:1 oci:out:v0
expect_status 0
expect_eq "$(image layer -1 oci:out:v0 | tar -tvf - | sed -n 's/.* \(.* -> .*\)/\1/p')" \
	"bin/bash -> /openhands/bin/bash
etc/ssl/certs/ca-certificates.crt -> /openhands/etc/ssl/certs/ca-certificates.crt"

# The contract of openhands-agent-server 1.58.2's image: those of its catalogue, and two that they bring.
wrappers='claude-agent-acp claude codex-acp codex gemini kimi opencode pi-acp'
for name in $wrappers; do
	echo "$name" >acp/bin/$name
	chmod +x acp/bin/$name
done
mkdir -p server/bin server/.venv/bin
for file in bin/tini bin/openhands-agent-server bin/chromium .venv/bin/python; do
	echo program >server/$file
	chmod +x server/$file
done
run "$OHC" pack --profile none --prefix /acp-node acp oci:acp-packed:1
expect_status 0

# has_contract ENTRYPOINT IMAGE
has_contract()
{
	run "$OHC" inspect --config "$2"
	expect_eq "$(json 'j["config"]["Entrypoint"]')" "$1"
	expect_eq "$(json 'j["config"]["User"]')" openhands
	expect_eq "$(json 'j["config"]["WorkingDir"]')" /
	expect_eq "$(json 'sorted(j["config"]["ExposedPorts"])')" '["8000/tcp"]'
	expect_eq "$(json 'sorted(e for e in j["config"]["Env"] if not e.startswith("PATH="))')" \
		'["ACP_NODE_DIR=/acp-node", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LOG_JSON=true", "OH_ACP_SKILL_SOURCING=openhands_managed", "OH_ENABLE_VSCODE=true", "OPENHANDS_BUILD_GIT_REF=unknown", "OPENHANDS_BUILD_GIT_SHA=unknown"]'
	image layer -1 "$2" >adapter.tar
	for name in $wrappers; do
		expect_eq "$(tar -xOf adapter.tar usr/local/bin/$name)" "#!/bin/sh
PATH=/acp-node/bin:\$PATH
export PATH
exec /acp-node/bin/$name \"\$@\""
	done
	expect_eq "$(tar -xOf adapter.tar etc/claude-code/managed-settings.json)" \
		'{"permissions":{"allow":["Edit","Read","Bash"]}}'
	expect_eq "$(tar -tvf adapter.tar --numeric-owner etc/claude-code/managed-settings.json usr/local/bin/codex | awk '{ print $1, $2 }' | tr '\n' ' ')" \
		'-rw-r--r-- 0/0 -rwxr-xr-x 0/0 '
	expect_eq "$(tar -tvf adapter.tar usr/bin/chromium | sed 's/.* -> //')" /agent-server/bin/chromium
	expect_eq "$(tar -xOf adapter.tar etc/passwd | tail -n 1)" 'openhands:*:10001:10001::/home/openhands:/bin/sh'
	expect_eq "$(tar -tvf adapter.tar --numeric-owner workspace/project/ | awk '{ print $1, $2 }')" 'drwxr-xr-x 10001/10001'
}

t "agent-server with ACP providers, as a directory and packed"
for acp in acp:/acp-node oci:acp-packed:1; do
	run "$OHC" push --no-check --profile agent-server --payload server --payload "$acp" oci:base:1 oci:image:1
	expect_status 0
	has_contract '["tini", "--", "/agent-server/.venv/bin/python", "-m", "openhands.agent_server"]' oci:image:1
done

t "agent-server-binary"
run "$OHC" push --no-check --profile agent-server-binary --payload server --payload oci:acp-packed:1 oci:base:1 oci:image:binary
expect_status 0
has_contract '["tini", "--", "/usr/local/bin/openhands-agent-server"]' oci:image:binary
expect_eq "$(tar -tvf adapter.tar usr/local/bin/openhands-agent-server | sed 's/.* -> //')" /agent-server/bin/openhands-agent-server

t "without the providers and a browser none of their files"
rm server/bin/chromium
run "$OHC" push --no-check --profile agent-server --payload server oci:base:1 oci:image:2
expect_status 0
image layer -1 oci:image:2 >adapter.tar
expect_eq "$(tar -tf adapter.tar | grep -c 'claude\|codex\|gemini\|kimi\|opencode\|pi-acp\|chromium' || true)" 0

finish
