#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Uploads to hosts that do not take the usual requests: other methods, bodies with a length, redirects.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
head -c 3000000 /dev/urandom >blob
head -c 40000000 /dev/urandom >large
digest=sha256:$(sha256sum blob | cut -d' ' -f1)
export TMPDIR=$tmp

# put ARGUMENT...: the blob to a repository that has nothing yet
put()
{
	n=$((${n:-0} + 1))
	rm -f "$STUB_DIR"/blob-*
	run "$driver" "$@" write "$STUB/repo$n" "${what:-blob}"
}

# arrived: the blob is there, whole; no session is left
arrived()
{
	expect_status 0
	cmp "${what:-blob}" "$STUB_DIR/blob-$(sha256sum "${what:-blob}" | sed 's/ .*//; s/^/sha256-/')" ||
		fail "the blob is another one"
	expect_eq "$(stub_sessions)" 0 "open sessions"
	expect_no_secrets_at_other
}

# sent: methods and statuses of the requests of an upload
sent()
{
	stub_log 'r["method"] + " " + str(r["status"]) if r["path"] != "/v2/" else None' | paste -sd,
}

# refuses CODE MATCH: from now on
refuses()
{
	stub_config "{\"rules\": [{\"match\": $2, \"do\": {\"status\": $1}}]}"
}

patch='{"method": "PATCH"}' put='{"method": "PUT", "path": ".*/uploads/.*", "headers": {"Content-Length": "[1-9].*"}}'
stream='{"method": "PATCH", "headers": {"Content-Length": null}}'

for code in 405 411 501; do
	t "PATCH is refused ($code): a blob of unknown size goes by PUT"
	refuses $code "$patch"
	put --unknown --once -v
	arrived
	expect_err "takes no blobs by PATCH \(HTTP $code\): uploading in another way"

	t "whole blobs are refused ($code): they go by PATCH"
	refuses $code "$put"
	put -v
	arrived
	expect_eq "$(sent)" "POST 202,PUT $code,PATCH 202,PUT 201"
	expect_err "takes no blobs by PUT \(HTTP $code\): uploading in another way"

	t "both are refused ($code)"
	refuses $code '{"method": "PUT|PATCH", "path": ".*/uploads/.*"}'
	put
	[ "$status" != 0 ] || fail "went well"
	expect_err "HTTP $code"
	expect_eq "$(stub_sessions)" 0 "open sessions"
	put --unknown --once
	[ "$status" != 0 ] || fail "went well"
	expect_err "HTTP $code"
	expect_eq "$(stub_sessions)" 0 "open sessions"
done

for code in 411 501; do
	t "a body without a length is refused ($code): chunks with one"
	refuses $code "$stream"
	put --unknown --once
	arrived
	expect_eq "$(sent)" "POST 202,PATCH $code,PATCH 202,PUT 201"
	stub_config "{\"rules\": [{\"match\": $stream, \"do\": {\"status\": $code, \"leave_body\": true}}]}"
	what=large put --unknown --once
	what=large arrived
done

t "405 for that is a no to PATCH"
refuses 405 "$stream"
put --unknown --once
arrived
expect_eq "$(sent)" "POST 202,PATCH 405,PUT 201"

t "what one blob found out is known to the next"
refuses 405 "$patch"
split -n 3 blob part.
run "$driver" --jobs 1 --unknown --once write "$STUB/three" part.??
expect_status 0
expect_eq "$(sent)" "POST 202,PATCH 405,PUT 201,POST 202,PUT 201,POST 202,PUT 201"

t "more than is kept of a stream: the answer comes in time"
stub_config "{\"rules\": [{\"match\": $patch, \"do\": {\"status\": 405, \"leave_body\": true}}]}"
what=large put --unknown --once
what=large arrived

t "or too late, which is said"
stub_config "{\"rules\": [{\"match\": $patch, \"do\": {\"status\": 405}}]}"
what=large put --unknown --once
[ "$status" != 0 ] || fail "went well"
expect_err 'wants the upload to .* in another way, and its input can be read only once: HTTP 405'
expect_eq "$(stub_sessions)" 0 "open sessions"

t "PATCH is refused after a PUT broke off: everything again, by PUT"
stub_config "{\"rules\": [{\"match\": $patch, \"do\": {\"status\": 405}},
	{\"match\": $put, \"do\": {\"cut_request\": 1000000}, \"times\": 1}]}"
put
arrived
put
arrived

t "a host that wants no PATCH, and whose PUT breaks off: from the start"
stub_config "{\"rules\": [{\"match\": $patch, \"do\": {\"status\": 405}}, {\"match\": $put, \"do\": {\"cut_request\": 1000000}, \"times\": 1}]}"
run "$driver" --jobs 1 --unknown --once write "$STUB/cut" blob
expect_status 0

for code in 400 404 409 412 415 416 422; do
	t "a whole that is refused with $code goes by PATCH in the end"
	refuses $code "$put"
	put
	arrived
	t "a part that is refused with $code, once"
	stub_config "{\"rules\": [{\"match\": $patch, \"do\": {\"status\": $code}, \"times\": 1}]}"
	put --unknown --once
	arrived
	t "a rest that is refused with $code goes with everything"
	stub_config "{\"rules\": [{\"match\": $patch, \"do\": {\"status\": $code}},
		{\"match\": $put, \"do\": {\"cut_request\": 1000000}, \"times\": 1}]}"
	put
	arrived
done

for code in 401 403; do
	t "who may not is not asked for another form ($code)"
	refuses $code "$put"
	put
	expect_status 5
	expect_eq "$(stub_log '"x" if r["method"] == "PUT" else None' | wc -l)" 1 PUTs
	expect_eq "$(stub_sessions)" 0 "open sessions"
done

t "a PUT that is refused because the blob came in the meantime"
stub_config '{}'
put
for code in 403 409 412 500; do
	stub_config "{\"rules\": [{\"match\": $put, \"do\": {\"status\": $code}}]}"
	run "$driver" --retry 1 write "$STUB/repo$n" blob
	expect_status 0
done

# ---- redirects ----

auth='"auth": {"kind": "basic", "user": "u", "password": "hush"},'
away='{"redirect": "{other}{path}?{query}"'

for code in 307 308; do
	t "a body that is redirected ($code) goes there, without credentials"
	stub_config "{\"rules\": [{\"match\": {\"port\": 0, \"method\": \"PUT|PATCH\", \"path\": \".*/uploads/.*\"}, \"do\": $away, \"status\": $code}},
		{\"match\": {\"port\": 0, \"headers\": {\"Authorization\": null}}, \"do\": {\"status\": 401, \"headers\": {\"WWW-Authenticate\": \"Basic realm=x\"}}}]}"
	put --creds u:hush
	arrived
	expect_eq "$(stub_log 'str(r["port"]) + r["method"] + str(r["body"]) if r["method"] == "PUT" else None' | paste -sd,)" \
		"0PUT3000000,1PUT3000000"
	put --creds u:hush --unknown --once -vv
	arrived
	expect_no_err 'hush|dTpodXNo'
	what=large put --creds u:hush
	what=large arrived
done

t "a redirect that stays has credentials"
stub_config "{$auth \"rules\": [{\"match\": {\"method\": \"PUT|PATCH\", \"query\": \"_state=[0-9]*(&digest=[^&]*)?\"}, \"do\": {\"redirect\": \"{path}?{query}&again\"}}]}"
put --creds u:hush
arrived
put --creds u:hush --unknown --once
arrived

t "the last PUT, without a body, is followed too"
stub_config "{\"rules\": [{\"match\": {\"port\": 0, \"method\": \"PUT\"}, \"do\": $away}}]}"
put --unknown --once
arrived

t "a chunk is as long as the registry asks, where that is more than we would send"
head -c 20000000 /dev/zero >long
for least in 1000000 17825792; do
	stub_config "{\"chunk_min\": $least}"
	run "$driver" --once write "$STUB/long$least" long
	expect_status 0
	expect_eq "$(stub_log 'str(r["body"]) if r["method"] in ("PATCH", "PUT") and r["body"] else None' | head -n 1)" \
		$((least > 16 << 20 ? least : 16 << 20))
done

t "each of several chunks"
stub_config "{\"chunk_min\": 5000000, \"rules\": [{\"match\": {\"port\": 0, \"method\": \"PATCH\"}, \"do\": $away}}]}"
what=large put --unknown --once
what=large arrived

t "five redirects are followed, six are not"
for times in 5 6; do
	stub_config "{\"rules\": [{\"match\": $put, \"do\": {\"redirect\": \"{path}?{query}\"}, \"times\": $times}]}"
	put
	[ $times = 5 ] && arrived || expect_status 6
done
expect_err 'redirects an upload more than 5 times'
expect_eq "$(stub_sessions)" 0 "open sessions"

t "a redirect that comes too late for its body is named"
stub_config "{\"rules\": [{\"match\": {\"port\": 0, \"method\": \"PATCH\"}, \"do\": $away}}]}"
what=large put --unknown --once
[ "$status" != 0 ] || fail "went well"
expect_err "its input can be read only once: HTTP 307, which leads to 'http://$STUB_OTHER/v2/repo[0-9]*/blobs/uploads/[0-9a-f]*'"

t "a redirect to another kind of URL is refused"
for to in ftp://127.0.0.1/x file:///etc/passwd 'http://u:hush@127.0.0.1/'; do
	stub_config "{\"rules\": [{\"match\": $put, \"do\": {\"redirect\": \"$to\"}}]}"
	put
	expect_status 3
	expect_no_err hush
done

for code in 301 302 303 300; do
	t "other redirects of a body are named ($code)"
	stub_config "{\"rules\": [{\"match\": $put, \"do\": $away, \"status\": $code}}]}"
	put
	expect_status 1
	expect_err "HTTP $code, which leads to 'http://$STUB_OTHER/"
	expect_eq "$(stub_sessions)" 0 "open sessions"
	stub_config "{\"rules\": [{\"match\": {\"method\": \"PUT\"}, \"do\": $away, \"status\": $code}}]}"
	printf '{"schemaVersion":2,"config":{},"layers":[]}' >manifest
	run "$driver" put "$STUB/repo:tag" manifest application/vnd.oci.image.manifest.v1+json
	[ "$status" != 0 ] || fail "went well"
done

t "a manifest is redirected, too, without credentials"
printf '{}' >empty
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}' >manifest
stub_config '{}'
run "$driver" write "$STUB/repo" empty
stub_config "{\"rules\": [{\"match\": {\"port\": 0, \"method\": \"PUT\"}, \"do\": $away}}]}"
run "$driver" --creds u:hush put "$STUB/repo:tag" manifest application/vnd.oci.image.manifest.v1+json
expect_status 0
expect_no_secrets_at_other

# ---- answers before their time ----

for code in 405 411 413; do
	t "a host that says $code and closes the connection while the body comes"
	stub_config "{\"rules\": [{\"match\": $put, \"do\": {\"status\": $code, \"leave_body\": true}}]}"
	what=large put
	what=large arrived
done

t "a host that does not understand the question before a body"
stub_config "{\"rules\": [{\"match\": $put, \"do\": {\"cut_request\": 1000000}, \"times\": 1},
	{\"match\": {\"headers\": {\"Expect\": \".*\"}}, \"do\": {\"status\": 417}}]}"
what=large put
what=large arrived

for body in PUT PATCH; do
	args=
	[ $body = PUT ] || args="--unknown --once"
	t "a success before the end of an upload is none: $body"
	stub_config "{\"rules\": [{\"match\": {\"method\": \"$body\", \"path\": \".*/uploads/.*\"}, \"do\": {\"status\": 201, \"leave_body\": true}}]}"
	# shellcheck disable=SC2086
	what=large put --retry 1 $args
	expect_status 6
	expect_err "'$STUB' answered an upload before its end \(HTTP 201\)|broke"

	t "and is made up for: $body"
	stub_config "{\"rules\": [{\"match\": {\"method\": \"$body\", \"path\": \".*/uploads/.*\"}, \"do\": {\"status\": 201, \"leave_body\": true}, \"times\": 1}]}"
	# shellcheck disable=SC2086
	what=blob put $args
	arrived
done

finish
