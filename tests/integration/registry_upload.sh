#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Uploads to a registry that misbehaves.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
head -c 3000000 /dev/urandom >blob
head -c 40000000 /dev/urandom >large
digest=sha256:$(sha256sum blob | cut -d' ' -f1)

# put ARGUMENT...: the blob to a repository that has nothing yet
put()
{
	n=$((${n:-0} + 1))
	rm -f "$STUB_DIR"/blob-*
	run "$driver" "$@" write "$STUB/repo$n" blob
}

# arrived: the blob is there, whole, no session is left, and nothing secret went to the other port
arrived()
{
	expect_status 0
	expect_out_is "$digest 3000000"
	cmp blob "$STUB_DIR/blob-${digest/:/-}" || fail "the blob is another one"
	expect_eq "$(stub_sessions)" 0 "open sessions"
	expect_no_secrets_at_other
}

# rule JSON-OF-MATCH JSON-OF-DO [SKIP [TIMES]]
rule()
{
	printf '{"match": %s, "do": %s, "skip": %s, "times": %s}' "$1" "$2" "${3:-0}" "${4:-1}"
}

post='{"method": "POST"}' patch='{"method": "PATCH"}' put='{"method": "PUT"}'

t "the stub by itself: known"
stub_config '{}'
put
arrived
expect_requests 'GET ping 200' 'POST blobs/uploads/ 202' 'PUT blobs/uploads/* 201'

t "the stub by itself: unknown"
stub_config '{}'
put --unknown --once
arrived
expect_requests 'GET ping 200' 'POST blobs/uploads/ 202' 'PATCH blobs/uploads/* 202' \
	'PUT blobs/uploads/* 201'

for how in relative other more_query; do
	t "Location: $how"
	stub_config "{\"auth\": {\"kind\": \"basic\", \"user\": \"u\", \"password\": \"p\"},
		\"rules\": [$(rule '{"method": "POST|PATCH"}' "{\"location\": \"$how\"}" 0 9)]}"
	[ $how != other ] || stub_config "{\"rules\": [$(rule '{"method": "POST|PATCH"}' "{\"location\": \"$how\"}" 0 9)]}"
	put --creds u:p --unknown
	arrived
	put --creds u:p
	arrived
done

t "blanks behind the values of headers are none of them"
stub_config '{"auth": {"kind": "bearer", "user": "u", "password": "p"},
	"rules": [{"do": {"blanks": " \t "}}]}'
put --creds u:p --unknown
arrived
run "$driver" read "$STUB/repo$n" "$digest" 3000000 --creds u:p
expect_status 0

t "Location on another host: credentials stay here"
stub_config '{"auth": {"kind": "basic", "user": "u", "password": "p"},
	"rules": ['"$(rule "$post" '{"location": "other"}' 0 1)"']}'
put --creds u:p
expect_status 5
expect_no_secrets_at_other

t "Location without its _state is used as it is, and refused in the end"
stub_config "{\"rules\": [$(rule "$post" '{"location": "lost_state"}' 0 99)]}"
put --retry 1
expect_status 1
expect_err 'BLOB_UPLOAD_INVALID'

t "Location of another kind"
for url in ftp://x/ 'http://u:hush@127.0.0.1/' 'http://a b/' ''; do
	stub_config "{\"rules\": [$(rule "$post" "{\"location\": \"$url\", \"headers\": {}}")]}"
	put
	[ "$status" != 0 ] || fail "went well"
	expect_no_err hush
done

t "no Location at all"
stub_config "{\"rules\": [$(rule "$post" '{"headers": {"Location": null}}')]}"
put
expect_status 3
expect_err 'without a Location'

t "a body that is cut goes on where the session stands"
stub_config "{\"rules\": [$(rule "$put" '{"cut_request": 1000000}')]}"
put
arrived
expect_requests 'GET ping 200' 'POST blobs/uploads/ 202' 'PUT blobs/uploads/* 0' \
	'GET blobs/uploads/* 204' 'PATCH blobs/uploads/* 202' 'PUT blobs/uploads/* 201'
expect_eq "$(stub_log 'r["headers"].get("content-range") if r["method"] == "PATCH" else None')" \
	1000000-2999999 Content-Range

t "what counts as uploaded is what went over the wire"
stub_config '{}'
put --stats
expect_err 'uploaded 3000000$'
put --stats --unknown --once
expect_err 'uploaded 3000000$'
run "$driver" --stats mount "$STUB/mounted" "$STUB/repo$n" "$digest" 3000000
expect_err 'uploaded 0$'
stub_config "{\"rules\": [$(rule "$put" '{"status": 503}' 0 2)]}"
put --stats
expect_err 'uploaded 6000000$' # the second time it is asked before

t "the same for a stream that can be read once"
stub_config "{\"rules\": [$(rule "$patch" '{"cut_request": 1000000}')]}"
put --unknown --once
arrived
expect_requests 'GET ping 200' 'POST blobs/uploads/ 202' 'PATCH blobs/uploads/* 0' \
	'GET blobs/uploads/* 204' 'PATCH blobs/uploads/* 202' 'PUT blobs/uploads/* 201'

t "cut before the first byte"
stub_config "{\"rules\": [$(rule "$patch" '{"cut_request": 0}' 0 2)]}"
put --unknown --once
arrived

t "cut again and again, with a little progress each time"
stub_config "{\"rules\": [$(rule "$patch" '{"cut_request": 200000}' 0 10)]}"
put --unknown --once -v
arrived

t "cut for ever: gives up, and tidies up"
stub_config "{\"rules\": [$(rule '{"method": "PATCH|PUT"}' '{"cut_request": 0}' 0 999)]}"
put --unknown --once --retry 2
expect_status 6
expect_err "upload to '$STUB/repo[0-9]*': the connection to '$STUB' broke"
expect_eq "$(stub_sessions)" 0 "open sessions"

t "a session that is forgotten: a file starts over"
stub_config "{\"rules\": [$(rule "$put" '{"cut_request": 1000000}'),
	$(rule '{"method": "GET", "path": ".*/uploads/.*"}' '{"forget_session": true}')]}"
put
arrived

t "and a short stream too, from memory"
stub_config "{\"rules\": [$(rule "$patch" '{"forget_session": true}')]}"
put --unknown --once
arrived

t "the answer to the last PUT is lost"
stub_config "{\"rules\": [$(rule "$put" '{"lose_reply": true}')]}"
put
expect_status 0
stub_config "{\"rules\": [$(rule "$put" '{"lose_reply": true}')]}"
put --unknown
expect_status 0

t "a connection that stalls"
stub_config "{\"rules\": [$(rule "$patch" '{"stall_request": 500000, "stall_for": 30}')]}"
begin=$(date +%s)
run "$driver" --unknown --once --timeout 2 write "$STUB/stall" large # more than the kernel takes
expect_status 0
expect cmp large "$STUB_DIR/blob-$(sha256sum large | sed 's/ .*//; s/^/sha256-/')"
[ $(($(date +%s) - begin)) -lt 20 ] || fail "took too long"

t "a registry that takes its time to put a blob together is waited for"
stub_config "{\"rules\": [$(rule "$put" '{"delay": 4}')]}"
put --unknown --timeout 2
arrived
expect_eq "$(stub_log 'r["status"] if r["method"] == "PUT" else None')" 201

t "a kept connection that dies under a body is told as that"
head -c 500000 blob >small # the kernel takes all of it
stub_config "{\"rules\": [$(rule "$put" '{"delay": 0.3, "hang_up": true}')]}"
run "$driver" -v write "$STUB/small" small
expect_status 0
expect_err 'broke: it was closed before the answer to what was sent; waiting'

for code in 408 429 500 502 503 504; do
	t "$code at each step passes"
	stub_config "{\"rules\": [$(rule "$post" "{\"status\": $code}"),
		$(rule "$patch" "{\"status\": $code}"), $(rule "$put" "{\"status\": $code}")]}"
	put --unknown --once -v
	arrived
	expect_err "HTTP $code; waiting [0-9.]+ s before try 2"
done

t "Retry-After in seconds"
stub_config "{\"rules\": [$(rule "$post" '{"status": 429, "headers": {"Retry-After": "2"}}')]}"
begin=$(date +%s%N)
put
arrived
[ $((($(date +%s%N) - begin) / 1000000)) -ge 2000 ] || fail "did not wait"

t "Retry-After as a date"
stub_config "{\"rules\": [$(rule "$post" "{\"status\": 503, \"headers\": {\"Retry-After\": \"$(LC_ALL=C date -u -d '3 seconds' '+%a, %d %b %Y %T GMT')\"}}")]}"
begin=$(date +%s%N)
put
arrived
[ $((($(date +%s%N) - begin) / 1000000)) -ge 1500 ] || fail "did not wait"

t "more than we would wait for is not waited for"
stub_config "{\"rules\": [$(rule "$post" '{"status": 429, "headers": {"Retry-After": "86400"}}' 0 9)]}"
put
expect_status 6
expect_err 'HTTP 429'

t "GHCR's hint in the body, and its limit in disguise"
stub_config "{\"rules\": [$(rule "$post" '{"status": 403, "json": {"errors": [{"code": "TOOMANYREQUESTS", "message": "retry-after: 300.5ms, allowed: 2000/minute"}]}}')]}"
put -v
arrived
expect_err 'waiting 0\.[34] s'

for code in 400 403 404 405; do
	t "$code is not tried again"
	stub_config "{\"rules\": [$(rule "$post" "{\"status\": $code, \"json\": {\"errors\": [{\"code\": \"X\", \"message\": \"no way\\n\\u001b[31m\"}]}}" 0 9)]}"
	put
	expect_err 'X: no way \?\[31m'
	expect_requests 'GET ping 200' "POST blobs/uploads/ $code"
done
expect_status 5
expect_err "registry '$STUB' does not allow pushing to '$STUB/repo[0-9]*'"

t "a web page"
stub_config "{\"rules\": [$(rule "$post" '{"status": 404, "body": "<!DOCTYPE html><html>lots</html>", "headers": {"Content-Type": "text/html"}}')]}"
put
expect_err 'a web page, not what a registry answers'

t "413 in the middle of everything: chunks"
stub_config '{"max_body": 1000000}'
put
arrived
put --unknown --once
arrived
[ "$(stub_log 'r["body"] if r["method"] == "PATCH" and r["status"] == 202 else None' | sort -n | tail -n 1)" -le 1000000 ] ||
	fail "a chunk is too large"

t "413 for whatever is sent"
stub_config '{"max_body": 10}'
put
expect_status 1
expect_err 'takes no body of'
expect_eq "$(stub_sessions)" 0 "open sessions"

# chunks MIN: how many PATCHes there were
chunks()
{
	stub_config "{\"chunk_min\": \"$1\"}"
	put
	arrived
	stub_log 'r["body"] if r["method"] == "PATCH" else None' | tr '\n' ' '
}

t "OCI-Chunk-Min-Length is obeyed, and cannot lead astray"
stub_config '{"chunk_min": 5000000}'
run "$driver" write "$STUB/repo" large
expect_status 0
expect_eq "$(stub_log 'r["body"] if r["method"] == "PATCH" else None' | tr '\n' ' ')" \
	"16777216 16777216 6445568 "
stub_config '{"chunk_min": 20000000}'
run "$driver" write "$STUB/repo" large
expect_eq "$(stub_log 'r["body"] if r["method"] == "PATCH" else None' | tr '\n' ' ')" \
	"20000000 20000000 "
stub_config '{"chunk_min": 20000000}'
run "$driver" --unknown --once write "$STUB/repo" large
expect_eq "$(stub_log 'r["body"] if r["method"] == "PATCH" else None' | tr '\n' ' ')" "40000000 "
stub_config '{"chunk_min": 5000000}'
run "$driver" --unknown --once write "$STUB/repo" large
expect_eq "$(stub_log 'r["body"] if r["method"] == "PATCH" else None' | tr '\n' ' ')" \
	"16777216 16777216 6445568 "
for absurd in 1 0 -5 99999999999999999999999999 nonsense 18446744073709551615; do
	chunks "$absurd" >/dev/null
done

t "a stall in the middle of a whole PUT"
stub_config "{\"rules\": [$(rule "$put" '{"stall_request": 500000, "stall_for": 60}')]}"
begin=$(date +%s)
run "$driver" --timeout 2 write "$STUB/stall" large
expect_status 0
[ $(($(date +%s) - begin)) -lt 30 ] || fail "took too long"

t "chunks that are cut go on"
stub_config "{\"chunk_min\": 5000000, \"rules\": [$(rule "$patch" '{"cut_request": 100000}' 0 2),
	$(rule "$patch" '{"hang_up": true}' 1 1)]}"
run "$driver" --unknown --once write "$STUB/repo" large
expect_status 0
expect cmp large "$STUB_DIR/blob-$(sha256sum large | sed 's/ .*//; s/^/sha256-/')"

t "a wrong byte on the way through is found before the registry takes the blob"
stub_config '{}'
run "$driver" write "$STUB/other" blob
stub_config "{\"rules\": [$(rule '{"method": "GET", "path": ".*/other/blobs/.*"}' '{"flip": 2999999}'),
	$(rule '{"method": "POST", "query": "mount=.*"}' '{"status": 404}')]}"
run "$driver" copy "$STUB/fresh" "$STUB/other" "$digest" 3000000
expect_status 3
expect_err "is not what its name promises"
stub_config '{}'
run "$driver" has "$STUB/fresh" "$digest"
expect_out_is no

t "the ten cuts: 400 MB arrive whole"
truncate -s 0 blob
for i in 1 2 3 4 5 6; do
	head -c 25000000 large >>blob
	head -c 10000000 /dev/urandom >>blob
done
cat blob blob >huge
truncate -s 400000000 huge
digest=sha256:$(sha256sum huge | cut -d' ' -f1)
stub_config "{\"rules\": [$(rule '{"method": "PATCH|PUT", "path": ".*/uploads/.*"}' '{"cut_request": 30000000}' 0 10)]}"
run "$driver" -v write "$STUB/repo" huge
expect_status 0
expect_eq "$(stub_log 'r["body"] if r["body"] == 30000000 else None' | wc -l)" 10 cuts
expect cmp huge "$STUB_DIR/blob-${digest/:/-}"

t "the ten cuts, for a stream that can be read once"
rm "$STUB_DIR/blob-${digest/:/-}"
stub_config "{\"rules\": [$(rule '{"method": "PATCH|PUT", "path": ".*/uploads/.*"}' '{"cut_request": 30000000}' 0 10)]}"
run "$driver" -v --unknown --once write "$STUB/repo" huge
expect_status 0
expect_eq "$(stub_log 'r["body"] if r["body"] == 30000000 else None' | wc -l)" 10 cuts
expect cmp huge "$STUB_DIR/blob-${digest/:/-}"

finish
