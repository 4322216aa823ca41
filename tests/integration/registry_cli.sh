#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 240
# The program itself against a registry that asks for tokens and misbehaves.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

hidden="hush|$(printf u:hush | base64)|token-[0-9a-f]"
make_base base:1 >/dev/null
small_payload payload
head -c 30000000 /dev/urandom >payload/share/large
start_stub

# bearer [MEMBERS] [RULES]
bearer()
{
	stub_config "{\"auth\": {\"kind\": \"bearer\", \"user\": \"u\", \"password\": \"hush\" ${1:+, $1}},
		\"rules\": [${2:-}]}"
}

# ohc COMMAND ARGUMENT...: with -vv, and looks for secrets
ohc()
{
	run "$OHC" "$@" -vv --progress plain
	expect_no_err "$hidden"
	expect_no_out "$hidden"
}

t "push through tokens"
bearer
ohc push --creds u:hush --payload payload oci:base:1 "$STUB/out:1"
expect_status 0
first=${out##*@}
expect_eq "$(stub_log '" ".join(r["scopes"]) if r["path"] == "/token" else None')" \
	"repository:out:pull,push"

t "the same with --creds-stdin"
bearer
run_in "$OHC" push --creds-stdin --payload payload oci:base:1 "$STUB/out:2" <<<u:hush
expect_status 0
expect_eq "${out##*@}" "$first"

t "a base beside it is mounted with one token for both"
bearer
ohc push --creds u:hush --payload payload "$STUB/out:1" "$STUB/next:1"
expect_status 0
expect_eq "$(stub_log '" ".join(sorted(r["scopes"])) if r["path"] == "/token" and len(r["scopes"]) > 1 else None' | sort -u)" \
	"repository:next:pull,push repository:out:pull"

t "a wrong password: 5, the registry, and where it came from"
bearer
ohc push --creds u:wrong --payload payload oci:base:1 "$STUB/out:1"
expect_message 5 "registry '$STUB' refused the credentials of 'u' from --creds"
mkdir -p "$HOME/.docker"
printf '{"auths": {"%s": {"auth": "%s"}}}' "$STUB" "$(printf u:wrong | base64)" >"$HOME/.docker/config.json"
ohc push --payload payload oci:base:1 "$STUB/out:1"
expect_message 5 "registry '$STUB' refused the credentials of 'u' from '$HOME/.docker/config.json'"
rm -r "$HOME/.docker"

t "a payload's upload that is cut goes on, and gives the same image"
bearer '' '{"match": {"method": "PATCH"}, "do": {"cut_request": 9000000}, "times": 3}'
ohc push --no-cache --creds u:hush --payload payload oci:base:1 "$STUB/cut:1"
expect_status 0
expect_eq "${out##*@}" "$first"
expect_err 'goes on at byte [0-9]+'
expect_err 'the connection to .* broke: .*; waiting [0-9.]+ s before try 2'
ohc verify --creds u:hush "$STUB/cut:1"
expect_status 0

t "a session that is forgotten: the payload is read again"
bearer '' '{"match": {"method": "PATCH"}, "do": {"cut_request": 25000000}, "times": 1},
	{"match": {"method": "GET", "path": ".*/uploads/.*"}, "do": {"forget_session": true}, "times": 1}'
ohc push --no-cache --creds u:hush --payload payload oci:base:1 "$STUB/forgotten:1"
expect_status 0
expect_eq "${out##*@}" "$first"
ohc verify --creds u:hush "$STUB/forgotten:1"
expect_status 0

t "a signal long after the first one ends the program at once"
stub_config '{"rules": [{"match": {"method": "PATCH|PUT"}, "do": {"stall_request": 1000, "stall_for": 30}},
	{"match": {"method": "DELETE"}, "do": {"delay": 30}}]}'
env --default-signal=INT "$OHC" push -q --no-cache --payload payload oci:base:1 "$STUB/stuck:1" 2>stuck.err &
pid=$!
has_session()
{
	[ "$(stub_sessions)" != 0 ]
}
wait_for 10 has_session
sleep 0.3
begin=$(date +%s%N)
kill -INT $pid
sleep 1.3
kill -INT $pid
rc=0
wait $pid || rc=$?
expect_eq $rc 130
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -lt 2700 ] || fail "took $took ms"
stub_config '{}'

t "bodies over a megabyte are refused: chunks"
stub_config '{"max_body": 1000000}'
ohc push --no-cache --payload payload oci:base:1 "$STUB/chunks:1"
expect_status 0
expect_eq "${out##*@}" "$first"

t "copy from a registry that breaks off to one that does"
stub_config '{"rules": [{"match": {"method": "GET", "path": ".*/blobs/.*"}, "do": {"cut": 5000000}, "times": 4},
	{"match": {"method": "PUT|PATCH", "path": ".*/uploads/.*"}, "do": {"cut_request": 7000000}, "times": 4},
	{"match": {"method": "POST", "query": "mount=.*"}, "do": {"status": 500, "headers": {"Retry-After": "0"}}}]}'
ohc copy "$STUB/out:1" "$STUB/copied:1"
expect_status 0
stub_config '{}'
ohc verify "$STUB/copied:1"
expect_status 0

t "--retry 0 gives up at once"
bearer '' '{"match": {"path": "/v2/out/.*"}, "do": {"status": 503}}'
ohc inspect --retry 0 --creds u:hush "$STUB/out:1"
expect_message 6 'HTTP 503'
expect_eq "$(stub_log '"x" if r["status"] == 503 else None' | wc -l)" 1

t "inspect --tags, over pages"
stub_config '{"page": 1}'
run "$OHC" inspect --tags "$STUB/out"
expect_status 0
expect_out_is "1
2"

t "a web page is no registry"
stub_config '{"rules": [{"match": {}, "do": {"status": 200, "body": "<html>welcome</html>", "headers": {"Content-Type": "text/html"}}}]}'
ohc inspect "$STUB/out:1"
expect_message 3 "'$STUB' answers with a web page"
stub_config '{"rules": [{"match": {}, "do": {"status": 403, "body": "<html>welcome</html>", "headers": {"Content-Type": "text/html"}}}]}'
ohc inspect "$STUB/out:1"
expect_message 5 "a web page, not what a registry answers"

t "a mirror, and none"
stub_config '{}'
ohc inspect --mirror "registry.example=http://$STUB_OTHER" registry.example/out:1
expect_status 0
expect_eq "$(stub_log 'r["port"]' | sort -u)" 1

finish
