#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# probe: what registries can do, and that nothing is left behind.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

can()
{
	json "j['can']['$1']"
}

t "a registry that deletes: all is tried, and nothing stays"
start_registry
run "$OHC" probe --json "$REGISTRY/a/b"
expect_status 0
expect_eq "$(can push)" true
expect_eq "$(can chunks)" true
expect_eq "$(can referrers)" false
expect_eq "$(can delete-blob)" true
expect_eq "$(can mount)" true
expect_eq "$(can mount-without-from)" false
expect_eq "$(can post-digest)" false
expect_eq "$(json 'j["authorization"]')" none
expect_eq "$(registry_uploads)" 0 "open upload sessions"
expect_eq "$(find "$REGISTRY_ROOT/repositories" -path '*_layers*' -name link | wc -l)" 0 "blobs that stayed"
expect_eq "$(curl -s "http://$REGISTRY/v2/_catalog" | py -c 'import json, sys; print(*json.load(sys.stdin)["repositories"])')" \
	"a/b a/b-probe" "the names that stay"
expect_eq "$(json 'j["left"]')" "[\"the name '$REGISTRY/a/b', empty, if the registry lists such\", \"the name '$REGISTRY/a/b-probe', empty, if the registry lists such\"]"

t "... and no name is said to stay that was there before"
mkdir file
echo file >file/file
make_layout there:1 --layer file >/dev/null
for name in a/b a/b-probe; do
	expect "$OHC" copy -q oci:there:1 "$REGISTRY/$name:1"
done
run "$OHC" probe --json "$REGISTRY/a/b"
expect_status 0
expect_eq "$(json 'j["left"]')" '[]'

t "one that deletes nothing: what would stay is not tried"
REGISTRY_STORAGE_DELETE_ENABLED=false start_registry
run "$OHC" probe --json "$REGISTRY/a/b"
expect_status 0
expect_eq "$(can delete-blob)" false
expect_eq "$(can mount)" null
expect_true grep -q leave-blob <<<"$(json 'j["unknown"]["mount"]')"
expect_eq "$(find "$REGISTRY_ROOT" -name link | wc -l)" 0 "links"
expect_eq "$(json 'j["left"]')" '[]'
expect_false grep -q a/b <<<"$(curl -s "http://$REGISTRY/v2/_catalog")"
run "$OHC" probe "$REGISTRY/a/b"
expect_status 0
expect_out '^push +yes$'
expect_out '^mount +unknown: '

t "... and is tried when asked; then it is said what stays"
run "$OHC" probe --json --leave-blob "$REGISTRY/a/b"
expect_status 0
expect_eq "$(can mount)" true
expect_eq "$(json 'len(j["left"])')" 2
expect_eq "$(registry_uploads)" 0 "open upload sessions"

t "bodies are tried up to the size that was given"
run "$OHC" probe --json --body 5 "$REGISTRY/a/b"
expect_status 0
expect_eq "$(json 'j["largestBody"]')" 4194304

t "the stub: referrers, a least chunk, a body limit"
start_stub
stub_config '{"chunk_min": 2048, "max_body": 2000000}'
run "$OHC" probe --json --body 64 "$STUB/repo"
expect_status 0
expect_eq "$(can referrers)" true
expect_eq "$(can chunks)" true
expect_eq "$(json 'j["chunkMinLength"]')" 2048
expect_eq "$(json 'j["largestBody"]')" 1048576
expect_eq "$(json 'j["refusedBody"]')" 4194304
expect_eq "$(stub_sessions)" 0 "open upload sessions"

t "who may not push is told so, and the rest is unknown"
stub_config '{"auth": {"kind": "basic", "user": "me", "password": "secret"}}'
run "$OHC" probe --json "$STUB/repo"
expect_status 0
expect_eq "$(json 'j["authorization"]')" basic
expect_eq "$(can push)" false
expect_eq "$(can mount)" null
expect_true grep -q 'not allowed' <<<"$(json 'j["unknown"]["mount"]')"

t "credentials that are refused are an error, as they are to push"
run "$OHC" probe --creds me:wrong "$STUB/repo"
expect_message 5 "refused the credentials of 'me' from --creds: HTTP 401"
start_registry htpasswd
run "$OHC" probe --creds user:wrong "$REGISTRY/a/b"
expect_message 5 "refused the credentials of 'user' from --creds: HTTP 401"
run "$OHC" probe --json --creds user:secret "$REGISTRY/a/b"
expect_status 0
expect_eq "$(can push)" true
stub_config '{"auth": {"kind": "bearer", "user": "me", "password": "secret"}}'
run "$OHC" probe --creds me:wrong "$STUB/repo"
expect_message 5 "refused the credentials of 'me' from --creds \(token server"

t "... good ones without the right to push are not, nor is it to have none"
stub_config '{"auth": {"kind": "bearer", "user": "me", "password": "secret", "grant": "pull"}}'
run "$OHC" probe --json --creds me:secret "$STUB/repo"
expect_status 0
expect_eq "$(can push)" false
stub_config '{"auth": {"kind": "bearer", "user": "me", "password": "secret", "anonymous": false}}'
run "$OHC" probe --json "$STUB/repo"
expect_status 0
expect_eq "$(can push)" false
expect_eq "$(json 'j["unknown"]["referrers"]')" "the registry gave no answer"

t "a registry without a repository is not taken for a repository of Docker Hub"
for name in "$STUB" localhost localhost:5000 registry.example.com; do
	run "$OHC" probe "$name"
	expect_message 2 "'$name' is a registry: name a repository in it that may be tried, '$name/REPO'"
done

t "rate limits are shown as the registry tells them"
stub_config '{"rules": [{"match": {"path": "/v2/.*"}, "do": {"headers": {"RateLimit-Remaining": "76;w=21600"}}}]}'
run "$OHC" probe "$STUB/repo"
expect_status 0
expect_out 'RateLimit-Remaining: 76;w=21600'

t "an answer about something else is not taken for a no"
for answer in '"status": 500' '"status": 429' '"status": 403, "body": "rate limit"'; do
	stub_config "{\"rules\": [{\"match\": {\"method\": \"PATCH\"}, \"do\": {$answer}},
		{\"match\": {\"path\": \".*/referrers/.*\"}, \"do\": {$answer}}]}"
	run "$OHC" probe --retry 0 --json "$STUB/repo"
	expect_status 0
	expect_eq "$(can chunks) $(can referrers)" "null null"
done

# push CONFIG: two tags to a stub that is set so; $sent: blobs by POST, manifests with tags in the query, and
# bodies that are too large, each with how often
push()
{
	n=$((${n:-0} + 1))
	stub_config "$1"
	run "$OHC" push -q --no-check --profile none --payload tree:/tree --env "N=$n" --tag "b$n" oci:base:1 "$STUB/sent/$n:a$n"
	expect_status 0
	sent=$(stub_log '("post %d" % r["status"] if r["method"] == "POST" and r["query"].startswith("digest=") else
		"tags %d" % r["status"] if r["query"].startswith("tag=") else "refused" if r["status"] == 413 else None)' | sort | uniq -c | sed 's/^ *//' | paste -sd, -)
}

t "a push begins with what is known, and finds out the rest"
mkdir base tree
echo payload >tree/file
head -c 200000 /dev/urandom >base/file # more than is sent by POST where nobody knows yet
make_layout base:1 --layer base --config '{"Cmd": ["x"]}' >/dev/null
forms='{"post_digest": true, "tag_query": true}'
unknown='^[12] post 201,1 tags 201,1 tags 400$' # the larger one, too, where its turn comes after the other's answer
rm -rf "$XDG_CACHE_HOME"
push "$forms"
expect_true grep -qE "$unknown" <<<"$sent"
rm -rf "$XDG_CACHE_HOME"
run "$OHC" probe --json "$STUB/repo"
expect_eq "$(can post-digest) $(can tag-query)" "true true"
push "$forms"
expect_eq "$sent" "2 post 201,1 tags 201"
rm -rf "$XDG_CACHE_HOME"
run "$OHC" probe --no-cache "$STUB/repo"
push "$forms"
expect_true grep -qE "$unknown" <<<"$sent"

t "... what a registry refuses, too"
rm -rf "$XDG_CACHE_HOME"
stub_config '{}'
run "$OHC" probe --json "$STUB/repo"
expect_eq "$(can post-digest) $(can tag-query)" "false false"
push '{}'
expect_eq "$sent" ""
head -c 3000000 /dev/urandom >base/large
make_layout base:1 --layer base --config '{"Cmd": ["x"]}' >/dev/null
rm -rf "$XDG_CACHE_HOME"
push '{"max_body": 2000000}'
expect_true grep -q refused <<<"$sent"
rm -rf "$XDG_CACHE_HOME"
run "$OHC" probe --body 64 "$STUB/repo"
push '{"max_body": 2000000}'
expect_false grep -q refused <<<"$sent"

t "what was not answered, or not asked any more, is not called a no"
stub_config '{"rules": [{"match": {"method": "POST", "query": ".*mount=.*"}, "do": {"status": 500}}]}'
run "$OHC" probe --retry 0 --json "$STUB/repo"
expect_status 0
expect_eq "$(can mount) $(can mount-without-from)" "null null"
expect_eq "$(json 'j["unknown"]["mount"]')" "the registry answered 500 to a mount"
stub_config '{"rules": [{"match": {"method": "POST", "query": "mount=.*"}, "do": {"delay": 5}, "times": 1}]}'
uploaded()
{
	[ -n "$(stub_log '1 if r["method"] == "PUT" and r["path"].startswith("/v2/repo-probe/") else None')" ]
}
"$OHC" probe --no-cache "$STUB/repo" >stopped.out 2>stopped.err &
pid=$!
wait_for 30 uploaded
sleep 0.3
kill -TERM $pid
status=0
wait $pid || status=$?
expect_status 130
expect_eq "$(cat stopped.out)" '' "what it says"
expect_true grep -q '^ohcompose: probe .*interrupted' stopped.err
expect_eq "$(stub_log '1 if r["method"] == "DELETE" and "/repo-probe/blobs/sha" in r["path"] and r["status"] == 202 else None')" 1 "blobs that were removed"

t "a certificate that is not checked"
if have openssl; then
	make_certificate "$tmp"
	start_stub --tls cert.pem key.pem
	run "$OHC" probe "$STUB/repo"
	expect_message 6 "is not trusted.*--insecure goes on without a check"
	run "$OHC" probe --json --insecure "$STUB/repo"
	expect_status 0
	expect_eq "$(can push)" true
else
	skip "no openssl"
fi

t "what is no registry"
run "$OHC" probe "127.0.0.1:$(closed_port)/a"
expect_status 6
run "$OHC" probe oci:dir
expect_status 2

finish
