#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Reading from a registry that misbehaves: blobs, manifests, lists, redirects.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
stub_image
stub_config '{}'
run "$driver" write "$STUB/repo" blob config
[ "$status" = 0 ]
run "$driver" put "$STUB/repo:tag" manifest $oci
[ "$status" = 0 ]

blob_path='/v2/repo/blobs/.*' manifest_path='/v2/repo/manifests/.*'

# on PATH DO [TIMES [CONFIG]]: a rule for GET
on()
{
	stub_config "{${4:-} \"rules\": [{\"match\": {\"method\": \"GET\", \"path\": \"$1\"},
		\"do\": $2, \"times\": ${3:-1}}]}"
}

# read_blob ARGUMENT...: into the file back
read_blob()
{
	status=0
	_cmd="read $*"
	"$driver" "$@" read "$STUB/repo" "$digest" 3000000 >back 2>err </dev/null || status=$?
	out=''
	err=$(cat err)
}

# came: the blob did, whole
came()
{
	expect_status 0
	cmp blob back || fail "the blob is another one"
	expect_no_secrets_at_other
}

# ranges: the Range headers of the requests for blobs
ranges()
{
	stub_log 'r["headers"].get("range", "-") if "/blobs/" in r["path"] else None' | tr '\n' ' '
}

t "a body that is cut goes on where it broke"
on "$blob_path" '{"cut": 1000000}'
read_blob -v
came
expect_eq "$(ranges)" "- bytes=1000000-2999999 "
expect_err "blob sha256:.* of '$STUB/repo': the connection to '$STUB' broke.*; waiting 0\.[0-9] s before try 2"

t "cut many times, with progress"
on "$blob_path" '{"cut": 250000}' 11
read_blob
came
expect_eq "$(ranges | wc -w)" 12 requests

t "cut for ever"
on "$blob_path" '{"cut": 0}' 99
read_blob --retry 2
expect_status 6
expect_err "the connection to '$STUB' broke"

t "a server that knows no ranges"
on "$blob_path" '{"cut": 1000000}' 2 '"ranges": false,'
read_blob
came

t "a server that wants both ends of a range, as go-containerregistry's"
on "$blob_path" '{"cut": 1000000}' 1 '"ranges": "closed",'
read_blob
came
expect_eq "$(stub_log 'r["status"] if "/blobs/" in r["path"] else None' | tr '\n' ' ')" "200 206 "

for code in 416 400 405 406 412 413 501; do
	t "a server that answers $code to a range is asked for everything"
	stub_config "{\"rules\": [{\"match\": {\"path\": \"$blob_path\", \"headers\": {\"Range\": \".*\"}}, \"do\": {\"status\": $code}},
		{\"match\": {\"path\": \"$blob_path\"}, \"do\": {\"cut\": 1000000}, \"times\": 2}]}"
	read_blob
	came
	expect_eq "$(ranges)" "- bytes=1000000-2999999 - - " # no range after it refused one
done

t "a server that gives less than the range"
stub_config "{\"rules\": [{\"match\": {\"path\": \"$blob_path\", \"headers\": {\"Range\": \"bytes=1000000-.*\"}},
	\"do\": {\"raw\": \"HTTP/1.1 206 Part\\r\\nContent-Range: bytes 1000000-1000009/3000000\\r\\nContent-Length: 10\\r\\n\\r\\n$(printf '0%.0s' 1 2 3 4 5 6 7 8 9 0)\"}},
	{\"match\": {\"path\": \"$blob_path\"}, \"do\": {\"cut\": 1000000}, \"times\": 1}]}"
read_blob
expect_status 3 # these are not the blob's ten bytes
expect_eq "$(ranges)" "- bytes=1000000-2999999 bytes=1000010-2999999 "

t "a server whose blob is of another size"
stub_config "{\"rules\": [{\"match\": {\"path\": \"$blob_path\", \"headers\": {\"Range\": \".*\"}},
	\"do\": {\"headers\": {\"Content-Range\": \"bytes 1000000-2999999/3000001\"}}},
	{\"match\": {\"path\": \"$blob_path\"}, \"do\": {\"cut\": 1000000}}]}"
read_blob
expect_status 3
expect_err 'has 3000001 bytes of blob'

t "a body without a length that ends too early"
on "$blob_path" '{"cut": 1000000, "no_length": true}'
read_blob
came

t "a server that sends another part than was asked for"
stub_config "{\"rules\": [{\"match\": {\"path\": \"$blob_path\", \"headers\": {\"Range\": \".*\"}},
	\"do\": {\"headers\": {\"Content-Range\": \"bytes 5-2999999/3000000\"}}},
	{\"match\": {\"path\": \"$blob_path\"}, \"do\": {\"cut\": 1000000}}]}"
read_blob
expect_status 6
expect_err 'another part of blob'

t "a body that stands still"
on "$blob_path" '{"stall": 1000000, "stall_for": 30}'
begin=$(date +%s)
read_blob --timeout 2
came
[ $(($(date +%s) - begin)) -lt 15 ] || fail "took too long"

t "a length that is not the blob's"
for by in 1 -1 1000000000000; do
	on "$blob_path" "{\"length\": $by}" 9
	read_blob
	expect_status 3
	expect_err 'where 3000000 were promised'
done

t "more bytes than were promised, without a length"
on "$blob_path" '{"endless_body": 10000000000, "no_length": true}' 9
read_blob
expect_status 3
expect_err 'more bytes than the 3000000'

t "a wrong byte"
on "$blob_path" '{"flip": 2999999}' 9
read_blob
expect_status 3
expect_err 'is not what its name promises'

for code in 408 429 500 502 503 504; do
	t "$code passes"
	on "$blob_path" "{\"status\": $code}" 2
	read_blob
	came
done

t "not after so many times"
on "$blob_path" '{"status": 503, "headers": {"Retry-After": "0"}}' 99
read_blob
expect_status 6
expect_eq "$(ranges | wc -w)" 6 requests
read_blob --retry 1
expect_status 6

t "a connection that is reset before the answer"
on "$blob_path" '{"hang_up": true}' 2
read_blob
came

t "something that is not HTTP"
for raw in 'SSH-2.0-OpenSSH_9.2\r\n' 'HTTP/1.1 zweihundert\r\n\r\n' '\u0000\u0000\u0000'; do
	on "$blob_path" "{\"raw\": \"$raw\"}" 99
	read_blob
	expect_status 6
done

t "headers without end"
on "$blob_path" '{"headers": {"X": "'"$(head -c 60000 /dev/zero | tr '\0' x)"'", "Y": "'"$(head -c 60000 /dev/zero | tr '\0' y)"'"}}' 99
read_blob
[ "$status" = 3 ] || [ "$status" = 6 ] || fail "status $status"

# ---- redirects ----

auth='"auth": {"kind": "basic", "user": "u", "password": "hush"},'

t "a redirect to storage carries no credentials"
stub_config "{\"rules\": [
	{\"match\": {\"port\": 0, \"headers\": {\"Authorization\": null}, \"path\": \"/v2/.*\"},
	 \"do\": {\"status\": 401, \"headers\": {\"WWW-Authenticate\": \"Basic realm=x\"}}},
	{\"match\": {\"port\": 0, \"path\": \"$blob_path\"},
	 \"do\": {\"redirect\": \"{other}/v2/repo/blobs/$digest?signature=hush\"}}]}"
read_blob --creds u:hush -v -v
came
expect_eq "$(stub_log 'r["port"] if "/blobs/" in r["path"] else None' | tr '\n' ' ')" "0 1 "
expect_no_err 'hush|dTpodXNo'

t "a redirect that stays may be asked for credentials again"
stub_config "{$auth \"rules\": [{\"match\": {\"query\": \"\", \"path\": \"$blob_path\"},
	\"do\": {\"redirect\": \"/v2/repo/blobs/$digest?again\"}}]}"
read_blob --creds u:hush
came

t "a broken body behind a redirect goes on from the registry"
stub_config "{\"rules\": [{\"match\": {\"port\": 0, \"path\": \"$blob_path\"},
	\"do\": {\"redirect\": \"{other}{path}?n={n}\"}},
	{\"match\": {\"port\": 1}, \"do\": {\"cut\": 1000000}, \"times\": 1}]}"
read_blob
came
expect_eq "$(stub_log 'str(r["port"]) + r["query"] if "/blobs/" in r["path"] else None' | tr '\n' ' ')" \
	"0 1n=0 0 1n=1 "

t "five redirects are followed, six are not"
on "$blob_path" '{"redirect": "{path}?n={n}"}' 5
read_blob
came
on "$blob_path" '{"redirect": "{path}?n={n}"}' 6
read_blob
expect_status 6
expect_err "'http://$STUB/v2/repo/blobs/$digest' redirects more than 5 times"

t "a redirect to another kind of URL"
for to in ftp://127.0.0.1/x file:///etc/passwd 'http://u:hush@127.0.0.1/' 'http://127.0.0.1 /'; do
	on "$blob_path" "{\"redirect\": \"$to\"}" 9
	read_blob
	expect_status 3
	expect_no_err hush
done

t "a challenge of a host that it was redirected to is not answered"
stub_config "{\"rules\": [{\"match\": {\"port\": 0, \"path\": \"$blob_path\"},
	\"do\": {\"redirect\": \"{other}{path}\"}}, {\"match\": {\"port\": 1},
	\"do\": {\"status\": 401, \"headers\": {\"WWW-Authenticate\": \"Basic realm=x\"}}}]}"
read_blob --creds u:hush
expect_status 5
expect_no_secrets_at_other

# ---- manifests ----

# get ARGUMENT...
get()
{
	run "$driver" "$@" get "$STUB/repo:tag"
}

t "a manifest"
stub_config '{}'
get
expect_status 0
expect_eq "$out" "$(cat manifest)"
expect_eq "$(stub_log '"yes" if all(x in r["headers"].get("accept", "") for x in ("oci.image.manifest.v1", "oci.image.index.v1", "docker.distribution.manifest.v2", "docker.distribution.manifest.list.v2")) else None')" \
	yes "all types accepted"

t "a manifest of 10 GB"
on "$manifest_path" '{"endless_body": 10000000000}' 9
get
expect_status 3
expect_err 'larger than the limit of 4194304 bytes'
on "$manifest_path" '{"endless_body": 10000000000, "no_length": true}' 9
get
expect_status 3

t "a manifest that is cut"
on "$manifest_path" '{"cut": 100}' 2
get
expect_status 0
on "$manifest_path" '{"cut": 100}' 99
get --retry 1
expect_status 6

t "a manifest of another type than it is sent as"
on "$manifest_path" '{"headers": {"Content-Type": "application/vnd.oci.image.index.v1+json"}}' 9
get
expect_status 3
on "$manifest_path" '{"headers": {"Content-Type": "application/vnd.oci.image.manifest.v1+json; charset=utf-8"}}' 9
get
expect_status 0

t "another manifest than its digest names"
on "$manifest_path" '{"replace_body": "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}"}' 9
run "$driver" get "$STUB/repo@sha256:$(sha256sum manifest | cut -d' ' -f1)"
expect_status 3
expect_err 'is not what its name promises'

t "a web page instead of a manifest"
on "$manifest_path" '{"replace_body": "<html>login</html>", "headers": {"Content-Type": "text/html; charset=utf-8"}}' 9
get
expect_status 3
expect_err "'$STUB' answers with a web page"

t "rubbish instead of a manifest"
for body in '' '[]' '{' 'x' '{\"schemaVersion\":1}'; do
	on "$manifest_path" "{\"replace_body\": \"$body\"}" 9
	get
	expect_status 3
done

# ---- lists ----

for i in 1 2 3 4 5 6 7; do
	run "$driver" put "$STUB/repo:t$i" manifest $oci
done

t "tags, two a page"
stub_config '{"page": 2}'
run "$driver" tags "$STUB/repo"
expect_out_is "$(printf '%s\n' t1 t2 t3 t4 t5 t6 t7 tag)"
expect_eq "$(stub_log 'r["status"] if "/tags/" in r["path"] else None' | wc -l)" 4 pages

t "tags that come in no order, and twice"
stub_config '{"rules": [{"match": {"path": "/v2/repo/tags/list", "query": "n=1000"}, "do": {"status": 200,
	"json": {"tags": ["c", "b"]}, "headers": {"Link": "<{path}?n=2>; rel=\"next\""}}},
	{"match": {"path": "/v2/repo/tags/list"}, "do": {"status": 200, "json": {"tags": ["b", "a"]}}}]}'
run "$driver" tags "$STUB/repo"
expect_out_is "$(printf '%s\n' a b c)"

t "a list that never ends: the same page"
on '/v2/repo/tags/list' '{"status": 200, "json": {"tags": ["a"]}, "headers": {"Link": "</v2/repo/tags/list?n=1000>; rel=\"next\""}}' 100000
run "$driver" tags "$STUB/repo"
expect_status 3
expect_err "does not end"

t "a list that never ends: empty pages, or the same tags at ever new places"
for tags in '[]' '["a", "b"]' null; do
	on '/v2/repo/tags/list' "{\"status\": 200, \"json\": {\"tags\": $tags}, \"headers\": {\"Link\": \"</v2/repo/tags/list?page={n}>; rel=\\\"next\\\"\"}}" 100000
	run "$driver" tags "$STUB/repo"
	expect_status 3
	expect_err "does not end"
done

t "a registry that gives no page so long"
for most in 1000 999 100 99; do
	stub_config "{\"max_tags\": $most}"
	run "$driver" tags "$STUB/repo"
	if [ $most = 99 ]; then # it refuses its own default, too
		expect_status 1
		expect_err 'PAGINATION_NUMBER_INVALID'
	else
		expect_out_is "$(printf '%s\n' t1 t2 t3 t4 t5 t6 t7 tag)"
	fi
done
stub_config '{"max_tags": 99, "rules": [{"match": {"query": ""}, "do": {"status": 200, "json": {"tags": ["a"]}}}]}'
run "$driver" tags "$STUB/repo"
expect_out_is a
expect_eq "$(stub_log 'r["query"] + " " + str(r["status"]) if "/tags/" in r["path"] else None')" \
	"$(printf 'n=1000 400\nn=100 400\n 200')"
for code in 403 404 429; do
	on '/v2/repo/tags/list' "{\"status\": $code}" 9
	run "$driver" --retry 0 tags "$STUB/repo"
	[ "$status" != 0 ] || fail "went well"
	expect_eq "$(stub_log '"x" if "/tags/" in r["path"] else None' | wc -l)" 1 "requests after $code"
done

t "a full page without a Link: the tags behind its last are asked for"
py - "$STUB_URL/v2/many/manifests/" $oci <<'PY'
import sys, urllib.request
data = open("manifest", "rb").read().replace(b"\"layers\"", b"\"none\"").replace(b"\"config\"", b"\"conf\"")
for i in range(1201):
    r = urllib.request.Request(sys.argv[1] + "t%04d" % i, data, {"Content-Type": sys.argv[2]}, method="PUT")
    urllib.request.urlopen(r).read()
PY
for setting in '{"links": false}' '{"links": false, "max_tags": 100}' '{"page": 7}' '{}'; do
	stub_config "$setting"
	run "$driver" tags "$STUB/many"
	expect_eq "$(wc -l <<<"$out")" 1201 "tags with $setting"
done

t "what is no tag is refused, wherever it would lead"
for tag in '"../../victim/manifests/prod"' '"x?y=1"' '""' '"\u001b[31m"' 1 null; do
	stub_config "{\"rules\": [{\"match\": {\"path\": \".*/tags/list\"}, \"do\": {\"status\": 200, \"json\": {\"tags\": [\"good\", $tag]}}}]}"
	run "$driver" tags "$STUB/repo"
	expect_status 3
	expect_err "the list of tags of '$STUB/repo' has an entry that is no tag at index 1"
done

t "and where there are none behind it, or the registry does not look at that"
py -c 'import json
page = {"status": 200, "json": {"tags": ["t%04d" % i for i in range(1000)]}}
print(json.dumps({"rules": [{"match": {"path": ".*/tags/list"}, "do": page}]}))' >config.json
stub_config @config.json
run "$driver" tags "$STUB/repo"
expect_eq "$(wc -l <<<"$out")" 1000 tags
expect_eq "$(stub_log 'r["query"] if "/tags/" in r["path"] else None' | tr '\n' ' ')" "n=1000 n=1000&last=t0999 "

t "all Link fields, and all links in them"
for link in '["</v2/x>; rel=\"prev\"", "</v2/repo/tags/list?p2>; rel=\"next\""]' \
	'"</v2/x>; rel=\"first\", </v2/y>; title=\"; rel=next\", <?p2>; rel=next"'; do
	stub_config "{\"rules\": [{\"match\": {\"query\": \"p2\"}, \"do\": {\"status\": 200, \"json\": {\"tags\": [\"b\"]}}},
		{\"match\": {\"path\": \"/v2/repo/tags/list\"}, \"do\": {\"status\": 200, \"json\": {\"tags\": [\"a\"]}, \"headers\": {\"Link\": $link}}}]}"
	run "$driver" tags "$STUB/repo"
	expect_out_is "$(printf 'a\nb')"
done

t "a list that was cut is an error"
for link in '"/v2/repo/tags/list?p2; rel=\"next\""' '"</v2/repo/tags/list?p2; rel=next"' \
	'["</v2/x>; rel=prev", "<ftp://x/>; rel=next"]' '"</v2/repo/gone>; rel=next"'; do
	on '/v2/repo/tags/list' "{\"status\": 200, \"json\": {\"tags\": [\"a\"]}, \"headers\": {\"Link\": $link}}" 9
	run "$driver" tags "$STUB/repo"
	[ "$status" != 0 ] || fail "went well with $link"
	expect_out_is ''
	[[ $link != *p2* ]] || expect_err 'a list goes on, but its Link does not say where'
done
for how in '"cut": 20' '"cut": 20, "no_length": true'; do
	on '/v2/repo/tags/list' "{$how}" 9
	run "$driver" --retry 0 tags "$STUB/repo"
	[ "$status" != 0 ] || fail "went well with $how"
done

t "a page on another host"
on '/v2/repo/tags/list' '{"status": 200, "json": {"tags": ["a"]}, "headers": {"Link": "<{other}/v2/repo/tags/list?x>; rel=\"next\""}}'
run "$driver" tags "$STUB/repo"
expect_status 3
expect_err "another host"

t "tags that are none"
for tags in '["a/../b"]' '["\u001b[2J"]' '[5]' '{}' '"a"'; do
	on '/v2/repo/tags/list' "{\"status\": 200, \"json\": {\"tags\": $tags}}"
	run "$driver" tags "$STUB/repo"
	expect_status 3
done

subject=sha256:$(sha256sum manifest | cut -d' ' -f1)
for i in 1 2 3; do
	printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"a/b%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":37},"layers":[],"annotations":{"n":"%s"},"subject":{"mediaType":"%s","digest":"%s","size":%s}}' \
		$oci $i "$config" $i $oci "$subject" "$(stat -c %s manifest)" >ref$i
done

t "referrers, from the API, over pages"
stub_config '{"page": 1}'
for i in 1 2 3; do
	run "$driver" put "$STUB/repo" ref$i $oci
	expect_status 0
done
run "$driver" referrers "$STUB/repo" "$subject"
expect_status 0
expect_eq "$(json 'sorted(m["digest"] for m in j["manifests"])')" \
	"$(sha256sum ref? | sed 's/ .*//; s/.*/"sha256:&"/' | sort | paste -sd, | sed 's/,/, /g; s/.*/[&]/')"
expect_eq "$(stub_log 'r["path"] if r["method"] == "PUT" and "sha256-" in r["path"] else None')" '' \
	"fallback tag"

t "referrers of what has none"
run "$driver" referrers "$STUB/repo" "$digest"
expect_status 0
expect_eq "$(json 'j["manifests"]')" '[]'

t "referrers, where the registry has no API for them"
stub_config '{"referrers": false}'
run "$driver" referrers "$STUB/repo" "$subject"
expect_eq "$(json 'j["manifests"]')" '[]'
for i in 1 2 2; do
	run "$driver" put "$STUB/repo:r$i" ref$i $oci
	expect_status 0
done
run "$driver" referrers "$STUB/repo" "$subject"
expect_status 0
expect_eq "$(json '[(m["artifactType"], m["annotations"]) for m in j["manifests"]]')" \
	'[["a/b1", {"n": "1"}], ["a/b2", {"n": "2"}]]'
run "$driver" get "$STUB/repo:${subject/:/-}"
expect_status 0

t "referrers that never end"
on '/v2/repo/referrers/.*' '{"status": 200, "json": {"schemaVersion": 2, "manifests": []}, "headers": {"Content-Type": "application/vnd.oci.image.index.v1+json", "Link": "<{path}?page={n}>; rel=\"next\""}}' 100000
run "$driver" referrers "$STUB/repo" "$subject"
expect_status 3
expect_err "does not end"

t "a manifest is deleted, or not"
stub_config '{"delete": false}'
run "$driver" delete "$STUB/repo:t7"
expect_status 5
expect_err 'does not allow deleting'
stub_config '{}'
run "$driver" delete "$STUB/repo:t7"
expect_status 0
run "$driver" delete "$STUB/repo:t7"
expect_status 4

# ---- mounts ----

t "a mount that is done"
stub_config '{}'
run "$driver" mount "$STUB/mounted" "$STUB/repo" "$digest" 3000000
expect_out_is mounted

n=0
for answer in 202 200 204 400 401 403 404 405 500; do
	t "a mount that is answered $answer becomes an upload"
	n=$((n + 1))
	do="{\"status\": $answer, \"headers\": {\"Retry-After\": \"0\"}}"
	[ $answer != 202 ] || do='{}'
	stub_config "{\"rules\": [{\"match\": {\"method\": \"POST\", \"query\": \"mount=.*\"}, \"do\": $do}]}"
	[ $answer = 202 ] && from=nowhere || from=repo
	run "$driver" --retry 1 mount "$STUB/m$n" "$STUB/$from" "$digest" 3000000
	expect_out_is "not mounted"
	expect_eq "$(stub_sessions)" 0 "open sessions"
	if [ $from = repo ]; then
		run "$driver" --retry 1 copy "$STUB/m$n" "$STUB/repo" "$digest" 3000000
		expect_status 0
		expect_eq "$(stub_sessions)" 0 "open sessions"
	fi
done

t "a second repository to mount from is tried, each once"
stub_config '{}'
for repo in second third; do
	run "$driver" mount "$STUB/$repo" "$STUB/repo" "$digest" 3000000
done
stub_config '{"rules": [{"match": {"method": "POST", "query": ".*from=repo"}, "do": {"status": 400}}]}'
run "$driver" mount "$STUB/m-second" "$STUB/repo,$STUB/nowhere,$STUB/repo,$STUB/second,$STUB/third" "$digest" 3000000
expect_out_is mounted
expect_eq "$(stub_log 'r["query"].split("from=")[1] + str(r["status"]) if r["method"] == "POST" else None' | paste -sd' ')" \
	"repo400 nowhere202 second201"
expect_eq "$(stub_sessions)" 0 "open sessions"

t "the upload goes on in the session that the mount was answered with"
stub_config '{"rules": [{"match": {"method": "POST", "query": "mount=.*from=repo"},
	"do": {"redirect": "/v2/session2/blobs/uploads/?mount=x", "status": 307}}]}'
run "$driver" copy "$STUB/session2" "$STUB/repo" "$digest" 3000000
expect_status 0
expect_eq "$(stub_log 'r["method"] + " " + str(r["status"]) if "/session2/" in r["path"] else None' | tr '\n' ' ')" \
	"POST 307 POST 202 PUT 201 "

finish
