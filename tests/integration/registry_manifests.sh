#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Putting manifests: tags that cannot be moved, answers that come late or never; and what a registry says
# beside its answers.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
oci=application/vnd.oci.image.manifest.v1+json
printf '{}' >empty
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}' \
	$oci >manifest
sed 's/"layers"/"annotations":{"a":"b"},"layers"/' manifest >other
sed 's/"layers":\[\]/"layexs":[]/' manifest >twin # another one of the same length
stub_config '{}'
run "$driver" write "$STUB/repo" empty
run "$driver" put "$STUB/repo:tag" manifest $oci
[ "$status" = 0 ]

# put ARGUMENT...
put()
{
	run "$driver" "$@" put "$STUB/repo:${to:-tag}" "${what:-manifest}" $oci
}

# puts: how often a manifest was put
puts()
{
	stub_log '"x" if r["method"] == "PUT" else None' | wc -l
}

# ---- tags that cannot be moved ----

for code in 400 403 405 409 412 422; do
	t "an immutable tag ($code) that names the image already"
	stub_config "{\"immutable\": $code}"
	put
	expect_status 0
	expect_eq "$(puts)" 1 PUTs
	put -v
	expect_err "'$STUB/repo:tag' is there already"

	t "an immutable tag ($code) that names another image"
	stub_config "{\"immutable\": $code}"
	what=other put
	[ "$status" != 0 ] || fail "went well"
	expect_err "HTTP $code: DENIED: the tag is immutable"
	expect_eq "$(puts)" 1 PUTs
	what=twin put
	[ "$status" != 0 ] || fail "went well"
done

t "a new tag beside it"
to=second what=other put
expect_status 0

t "whoever may not ask is told so, and nothing is looked for"
for code in 401 404; do
	stub_config "{\"immutable\": $code}"
	put
	[ "$status" != 0 ] || fail "went well"
	expect_eq "$(stub_log '"x" if r["method"] == "GET" and "/manifests/" in r["path"] else None')" '' "looks"
done

t "nor is a mirror asked what the tag names"
stub_config '{"immutable": 409}'
what=other put --mirror "$STUB=http://$STUB_OTHER"
expect_status 1
expect_eq "$(stub_log 'r["port"] if r["port"] else None')" ''

# ---- reading ----

t "a manifest that does not come as the registry says that it is: an error, by its tag, too"
at=$(grep -bo '"layers"' manifest | cut -d: -f1)
stub_config "{\"rules\": [{\"match\": {\"method\": \"GET\", \"path\": \"/v2/repo/manifests/.*\"}, \"do\": {\"flip\": $((at + 3))}}]}"
for ref in :tag "@sha256:$(sha256sum <manifest | cut -d' ' -f1)"; do
	run "$OHC" copy "$STUB/repo$ref" oci:read:1
	expect_status 3
	expect_err "'$STUB/repo.* digest is"
done
run "$driver" get "$STUB/repo:tag"
expect_status 3
expect_err "'$STUB/repo:tag' did not come as it is in the registry, where its digest is sha256:[0-9a-f]{64}: .*"

t "... and a mirror's is read elsewhere"
stub_config "{\"rules\": [{\"match\": {\"method\": \"GET\", \"path\": \"/v2/repo/manifests/.*\"}, \"times\": 1, \"do\": {\"flip\": $((at + 3))}}]}"
run "$driver" --mirror "$STUB=http://$STUB_OTHER" get "$STUB/repo:tag"
expect_status 0

# ---- late and lost answers ----

t "an answer that comes after --timeout"
stub_config '{"rules": [{"match": {"method": "PUT"}, "do": {"silence": 4}}]}'
what=other to=late put --timeout 2
expect_status 0
expect_eq "$(puts)" 1 PUTs
expect_err "'$STUB' has not answered for 2 seconds: it gets 900 before it counts as broken"

t "an answer that is lost: the tag is there"
stub_config '{"rules": [{"match": {"method": "PUT"}, "do": {"lose_reply": true}}]}'
what=other to=lost put
expect_status 0
expect_eq "$(puts)" 1 PUTs

t "and a proxy's 504 after the registry was done"
for code in 500 502 503 504 524; do
	stub_config "{\"rules\": [{\"match\": {\"method\": \"PUT\"}, \"do\": {\"status\": $code}}]}"
	put
	expect_status 0
	expect_eq "$(puts)" 1 PUTs
done

t "after a limit nobody looks: a 403 may be one"
for code in 429 403; do
	stub_config "{\"rules\": [{\"match\": {\"method\": \"PUT\"}, \"times\": 1,
		\"do\": {\"status\": $code, \"body\": \"toomanyrequests: retry-after: 100ms\"}}]}"
	put
	expect_status 0
	expect_eq "$(stub_log 'r["method"] + " " + str(r["status"]) if "/manifests/" in r["path"] else None' | paste -sd,)" \
		"PUT $code,PUT 201"
done

t "a limit in disguise is told as one, not as a refusal of the user"
stub_config '{"rules": [{"match": {"path": "/v2/.*/manifests/.*"}, "do": {"status": 403, "body": "You have exceeded a rate limit"}}]}'
run "$driver" --retry 0 get "$STUB/repo:tag"
expect_status 6
expect_err "cannot get '$STUB/repo:tag': HTTP 403"
expect_no_err refused

# unknown DIGEST TIMES: manifests are refused so often, because this blob is not known
unknown()
{
	stub_config "{\"rules\": [{\"match\": {\"method\": \"PUT\", \"path\": \".*/manifests/.*\"}, \"times\": $2,
		\"do\": {\"status\": 400, \"json\": {\"errors\": [{\"code\": \"MANIFEST_BLOB_UNKNOWN\",
		\"message\": \"blob unknown to registry\", \"detail\": {\"digest\": \"$1\"}}]}}}]}"
}

manifest_puts()
{
	stub_log '"x" if r["method"] == "PUT" and "/manifests/" in r["path"] else None' | wc -l
}

t "a blob that is not known for a moment, as at distribution 2.8 while another upload of it ends: put again"
mkdir one && echo one >one/file
make_layout base:1 --layer one >/dev/null
small_payload tree
config=$(image manifest oci:base:1 | json 'j["config"]["digest"]' /dev/stdin)
layer=$(image manifest oci:base:1 | json 'j["layers"][0]["digest"]' /dev/stdin)
unknown "$config" 2
run "$OHC" copy oci:base:1 "$STUB/moment:1"
expect_status 0
expect_eq "$(manifest_puts)" 3 PUTs
unknown "$layer" 1
run "$OHC" push -v --no-check --payload tree --tag 2 oci:base:1 "$STUB/moment/push:1"
expect_status 0
expect_no_err 'asking for each blob'
unknown sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a 2
run "$OHC" attach --type text/plain "$STUB/moment:1" manifest
expect_status 0
expect_eq "$(manifest_puts)" 3 PUTs

t "one that nobody saw there is not waited for, and one that stays away is told"
unknown "$layer" 9
run "$driver" put "$STUB/repo:one" manifest $oci
expect_status 1
expect_err "MANIFEST_BLOB_UNKNOWN"
expect_eq "$(manifest_puts)" 1 PUTs
unknown "$config" 9
run "$OHC" copy oci:base:1 "$STUB/moment/stays:1"
expect_message 1 "MANIFEST_BLOB_UNKNOWN"
expect_eq "$(manifest_puts)" 4 PUTs

t "a tag that is not there after a lost answer is put again"
stub_config '{"rules": [{"match": {"method": "PUT"}, "do": {"hang_up": true}, "times": 2}]}'
what=other to=again put
expect_status 0
expect_eq "$(puts)" 3 PUTs

t "a lost answer, for an image without a tag"
run "$driver" put "$STUB/fresh" manifest $oci
expect_status 1
stub_config '{"rules": [{"match": {"method": "PUT", "path": ".*/manifests/.*"}, "do": {"lose_reply": true}}]}'
run "$driver" write "$STUB/fresh" empty
run "$driver" put "$STUB/fresh" manifest $oci
expect_status 0

t "reading waits, too: a proxy cache may take minutes for its first answer"
stub_config '{"rules": [{"match": {"path": "/v2/repo/.*"}, "do": {"delay": 4}}]}'
run "$driver" --timeout 2 get "$STUB/repo:tag"
expect_status 0
expect_out_is "$(cat manifest)"
run "$driver" --timeout 2 read "$STUB/repo" sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a 2
expect_out_is '{}'
run "$driver" --timeout 2 tags "$STUB/repo"
expect_status 0
run "$driver" --timeout 2 mount "$STUB/slow" "$STUB/repo" sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a 2
expect_status 0

t "so does each step of an upload whose body was sent"
head -c 3000000 /dev/urandom >blob
stub_config '{"rules": [{"match": {"method": "PATCH|PUT", "path": "/v2/up/.*"}, "do": {"silence": 4}}]}'
run "$driver" --timeout 2 --unknown --once write "$STUB/up" blob
expect_status 0
expect_eq "$(stub_log 'r["method"]' | tail -n +2 | tr '\n' ' ')" "POST PATCH PUT "

t "a mount that takes its time"
stub_config '{"rules": [{"match": {"method": "POST", "query": "mount=.*"}, "do": {"delay": 4}}]}'
run "$driver" --timeout 2 mount "$STUB/slowly" "$STUB/repo" sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a 2
expect_out_is mounted

t "but who begins an upload does not wait that long"
stub_config '{"rules": [{"match": {"method": "POST"}, "do": {"delay": 20}}]}'
begin=$(date +%s)
run "$driver" --timeout 2 --retry 0 write "$STUB/dead" blob
expect_status 6
[ $(($(date +%s) - begin)) -lt 15 ] || fail "took too long"

t "an interrupt ends the waiting"
stub_config '{"rules": [{"match": {"method": "GET", "path": "/v2/repo/.*"}, "do": {"delay": 30}}]}'
begin=$(date +%s)
status=0
timeout -s INT 2 "$driver" get "$STUB/repo:tag" 2>err || status=$?
[ $(($(date +%s) - begin)) -lt 10 ] || fail "took too long"

# ---- what is said ----

t "waiting because the server asks for it is said to everybody"
stub_config '{"rules": [{"match": {"path": "/v2/repo/.*"}, "do": {"status": 429, "headers": {"Retry-After": "2"}}, "times": 1}]}'
run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_err "^1: GET http://$STUB/v2/repo/manifests/tag: HTTP 429; waiting 2\.[0-9] s before try 2, as the server asks for"

t "so is what a body asks for"
stub_config '{"rules": [{"match": {"path": "/v2/repo/.*"}, "do": {"status": 403, "body": "TOOMANYREQUESTS retry-after: 1.5s"}, "times": 1}]}'
run "$driver" get "$STUB/repo:tag"
expect_err "^1: .*HTTP 403; waiting 1\.[56] s before try 2, as the server asks for"

t "a short wait of our own is not"
stub_config '{"rules": [{"match": {"path": "/v2/repo/.*"}, "do": {"status": 502}, "times": 1}]}'
run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_no_err .

t "a silence of more than 5 seconds is said: who, how long, and what it gets"
stub_config '{"rules": [{"match": {"path": "/v2/repo/.*"}, "do": {"delay": 6}, "times": 1}]}'
run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_eq "$err" "1: '$STUB' has not answered for 5 seconds: it gets 900 before it counts as broken"
stub_config '{"rules": [{"match": {"path": "/v2/repo/blobs/.*"}, "do": {"stall": 1, "stall_for": 6}, "times": 1}]}'
run "$driver" read "$STUB/repo" sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a 2
expect_status 0
expect_eq "$err" "1: '$STUB' has not moved a byte for 5 seconds: it gets 60 before it counts as broken"

t "so is that a host gets no request for a while, once, and why"
stub_config '{"rate": {"requests": 6, "seconds": 7, "says": ["draft"]}}'
run "$OHC" copy "oci:base:1" "$STUB/waits:1"
expect_status 0
expect_err "'$STUB' is asked for nothing for [5-7] s: the requests that it allows are used up"
expect_eq "$(grep -c 'asked for nothing' <<<"$err")" 1

# warned HEADER...: from now on with each answer
warned()
{
	stub_config "{\"rules\": [{\"match\": {\"path\": \"/v2/.*\"}, \"do\": {\"headers\": {\"Warning\": $1}}}]}"
}

t "a warning is shown once, whatever brings it"
warned '"299 - \"Your auth token will expire in 30 seconds.\""'
run "$driver" write "$STUB/warned" blob empty
expect_status 0
expect_eq "$(grep -c . <<<"$err")" 1 lines
expect_err "^0: registry '$STUB' says: Your auth token will expire in 30 seconds\.$"

t "several, in one header and in more"
warned '["299 - \"one, \\\"quoted\\\"\", 299 - \"two\" \"Sat, 25 Aug 2012 23:34:45 GMT\"", "299 - \"three\""]'
run "$driver" get "$STUB/repo:tag"
expect_eq "$(grep -c . <<<"$err")" 3 lines
expect_err "says: one, \"quoted\"$"
expect_err "says: two$"
expect_err "says: three$"

t "what is no warning to the user"
for value in '110 - \"Response is Stale\"' '299 - none' '299' '' '299 - \"open' 'x' '299 - \"\"'; do
	warned "\"$value\""
	run "$driver" get "$STUB/repo:tag"
	expect_status 0
	expect_no_err .
done

t "a warning is one printable line, and not endless"
warned '"299 - \"a\u001b[31mb\u0007c\""'
run "$driver" get "$STUB/repo:tag"
expect_err 'says: a\?\[31mb\?c$'
warned "\"299 - \\\"$(head -c 5000 /dev/zero | tr '\0' x)\\\"\""
run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_no_err .
warned "\"299 - \\\"$(head -c 4096 /dev/zero | tr '\0' x)\\\"\""
run "$driver" get "$STUB/repo:tag"
expect_err 'says: x*\.\.\.$'

t "a warning beside an error"
stub_config '{"rules": [{"match": {"path": "/v2/repo/.*"}, "do": {"status": 404, "headers": {"Warning": "299 - \"closing down\""}}}]}'
run "$driver" get "$STUB/repo:tag"
expect_status 4
expect_err "registry '$STUB' says: closing down"

finish
