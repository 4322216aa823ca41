#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether a destination may be written to is known before what would go there is read, and how many
# requests and tokens that takes.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
make_base base:1
small_payload payload
"$OHC" copy -q oci:base:1 "$STUB/base:1" >/dev/null
"$OHC" pack -q payload oci:packed:1 >/dev/null
"$OHC" copy -q oci:packed:1 "$STUB/payload:1" >/dev/null

# asked: the requests, but the first for what the registry wants to see: METHOD REPO/WHAT STATUS
asked()
{
	stub_log '"%s %s %s" % (r["method"], __import__("re").sub("[0-9a-f]{32,64}", "*", r["path"].replace("/v2/", "", 1)), r["status"]) if r["path"] != "/v2/" else None'
}

# reads: what was read of images
reads()
{
	{ asked | grep -E '^GET .*/(blobs/sha|manifests)' || true; } | sort | paste -sd,
}

# no_push CODE: nobody may push
no_push()
{
	stub_config "{\"rules\": [{\"match\": {\"method\": \"POST\", \"path\": \"/v2/.*\"}, \"do\": {\"status\": $1}}]}"
}

for code in 401 403 404 405; do
	t "no right to push ($code): nothing of the base is read"
	no_push $code
	run "$OHC" push --payload payload --no-cache "$STUB/base:1" "$STUB/out:1"
	expect_status $([ $code = 404 ] && echo 4 || echo 5)
	expect_err "'$STUB/out'"
	expect_eq "$(reads)" ''

	t "nor does copy read the source, nor pack a payload ($code)"
	run "$OHC" copy "$STUB/base:1" "$STUB/out:1"
	expect_status $([ $code = 404 ] && echo 4 || echo 5)
	expect_eq "$(reads)" ''
	run "$OHC" pack payload "$STUB/out:1"
	expect_status $([ $code = 404 ] && echo 4 || echo 5)
	expect_no_err 'in [0-9.]+ s$'
done

t "... nor is it said of layers that are not mounted that they are uploaded"
stub_config '{}'
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/near:1"
expect_status 0 # the cache knows the base now
no_push 403
run "$OHC" push -q --profile none "$STUB/base:1" "$STUB/out:1"
expect_status 5
expect_no_err 'does not mount'

t "a registry that is not there"
run "$OHC" push --retry 0 --payload payload "$STUB/base:1" "127.0.0.1:$(closed_port)/out:1"
expect_status 6
expect_eq "$(reads)" ''

t "a dry run begins nothing"
no_push 403
run "$OHC" push --payload payload --dry-run "$STUB/base:1" "$STUB/out:1"
expect_status 0
expect_eq "$(asked | grep -c POST || true)" 0

t "the question is the first request of the first upload"
stub_config '{}'
run "$OHC" push -q --no-cache --payload payload "$STUB/base:1" "$STUB/new:1"
expect_status 0
expect_eq "$(asked | sed -n 1p)" "POST new/blobs/uploads/ 202"
expect_eq "$(stub_log '"x" if r["method"] == "POST" and "mount" not in r["query"] else None' | wc -l)" \
	"$(stub_log '"x" if r["method"] == "PUT" and "/uploads/" in r["path"] else None' | wc -l)" "uploads"
expect_eq "$(stub_sessions)" 0 "open sessions"

t "where nothing is read nobody is asked"
sleep 2.1 # a directory that was written to just now is not remembered
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/new:1"
stub_config '{}'
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/new:1"
expect_status 0
expect_eq "$(asked | cut -d' ' -f1 | paste -sd' ')" "HEAD HEAD"

t "where nothing is uploaded it is given up"
stub_config '{}'
run "$OHC" copy -q "$STUB/base:1" "$STUB/copied:1"
expect_status 0
expect_eq "$(asked | grep -c DELETE)" 1
expect_eq "$(stub_sessions)" 0 "open sessions"

t "and where reading fails"
run "$OHC" push -q --payload payload "$STUB/none:1" "$STUB/new:1"
expect_status 4
expect_eq "$(stub_sessions)" 0 "open sessions"

t "a session that the registry dropped meanwhile is begun anew"
stub_config '{"rules": [{"match": {"method": "PUT|PATCH", "path": ".*/uploads/.*"}, "do": {"forget_session": true}, "times": 1}]}'
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/dropped:1"
expect_status 0
expect_eq "$(stub_sessions)" 0 "open sessions"

# ---- tokens ----

# bearer MEMBERS: a registry that wants tokens
bearer()
{
	printf '{"auth": {"kind": "bearer", "user": "u", "password": "p"%s}, "rules": [%s]}' "$1" "${2:-}"
}

# scopes: of each token that was asked for
scopes()
{
	stub_log '" ".join(r["scopes"]) if "scopes" in r else None'
}

t "one token is for the base and the destination"
stub_config "$(bearer '')"
run "$OHC" push -q --no-cache --payload payload "$STUB/base:1" "$STUB/tokens:1"
expect_status 0
expect_eq "$(scopes)" "repository:tokens:pull,push repository:base:pull"

t "and for both ends of a copy"
stub_config "$(bearer '')"
run "$OHC" copy -q "$STUB/base:1" "$STUB/tokens2:1"
expect_status 0
expect_eq "$(scopes)" "repository:tokens2:pull,push repository:base:pull"

t "a limit that says 403 is not about the token: it is waited for, and no other one is got"
stub_config "$(bearer '' '{"match": {"method": "GET", "path": "/v2/base/manifests/.*"}, "times": 1,
	"do": {"status": 403, "body": "TOOMANYREQUESTS retry-after: 200ms"}}')"
run "$OHC" copy -q "$STUB/base:1" "$STUB/tokens3:1"
expect_status 0
expect_eq "$(scopes)" "repository:tokens3:pull,push repository:base:pull"

t "layers that are known, and may not be mounted, are not read either"
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/known:1"
expect_status 0
for what in '"method": "POST"' '"method": "POST", "query": "mount=.*"'; do
	stub_config "{\"rules\": [{\"match\": {$what}, \"do\": {\"status\": 403}}]}"
	run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/known${#what}:1"
	if [[ $what == *query* ]]; then
		expect_status 0
	else
		expect_status 5
		expect_eq "$(reads)" ''
	fi
done

t "who may read the base only gets to know that without reading"
stub_config "$(bearer ', "grant": "pull"')"
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/tokens3:1"
expect_status 5
expect_eq "$(reads)" ''

t "who may only read: no image after the first asks again, and each is told why"
stub_config "$(bearer ', "grant": "pull"')"
for i in $(seq 40); do echo "{\"base\": \"$STUB/base:1\", \"dest\": \"$STUB/many:$i\"}"; done |
	paste -sd, | sed 's/.*/{"payload": "payload", "images": [&]}/' >many.json
run "$OHC" bake -q --no-check --creds u:p --jobs 1 --report report many.json
expect_status 5
expect_true test "$(asked | grep -c '^POST many/blobs/uploads/')" -le 32 # four tries of each blob and mount of the first image, at once
expect_eq "$(grep -c "no right to that: HTTP 401" report)" 40 "reasons in the report"

t "nor is a layer said to be read that nobody may begin, and a bake ends as its images do"
dd if=/dev/urandom of=big bs=1M count=2 2>/dev/null
mkdir large && mv big large/
make_layout large:1 --layer large --config "$BASE_CONFIG"
stub_config '{}'
"$OHC" copy -q oci:large:1 "$STUB/large:1" >/dev/null
stub_config "$(bearer ', "grant": "pull"')"
printf '{"payload": "payload", "images": [{"base": "%s", "dest": "%s:1"}, {"base": "%s", "dest": "%s:2"}]}' \
	"$STUB/large:1" "$STUB/few" "$STUB/large:1" "$STUB/few" >few.json
run "$OHC" bake --no-check --creds u:p --jobs 1 few.json
expect_status 5
expect_err "^ohcompose: 2 of 2 images failed"
expect_no_err "^read "
expect_err "2 × push to '$STUB/few:1': .*\(also '$STUB/few:2'\)"

t "of a single image the reason is told once, as push tells it"
echo "$STUB/large:1" >one
run "$OHC" bake --no-check --creds u:p --payload payload --bases one --dest "$STUB/few:1"
expect_status 5
expect_err "^ohcompose: push to '$STUB/few:1': cannot upload to '$STUB/few': registry '$STUB' gives the credentials of 'u'"
expect_eq "$(grep -c 'cannot upload' <<<"$err")" 1 "times that it is told"

t "a base that may not be read"
stub_config '{"rules": [{"match": {"path": "/v2/large/.*"}, "do": {"status": 403}}]}'
run "$OHC" bake --no-check few.json
expect_status 5
expect_err "^ohcompose: 2 of 2 images failed"
expect_no_err "^read "
sed "s|large:1|none:1|2" few.json >mixed.json
run "$OHC" bake -q --no-check mixed.json
expect_status 1 # one is not there
stub_config '{"rules": [{"match": {"path": "/v2/large/blobs/.*"}, "do": {"status": 403}}]}'
run "$OHC" bake --no-check --no-cache few.json
expect_status 5
expect_err "^ohcompose: 2 of 2 images failed"
expect_no_err "^read "

t "a token server that gives none for several repositories"
stub_config "$(bearer '' '{"match": {"path": "/token", "query": ".*scope=.*scope=.*"}, "do": {"status": 403}}')"
run "$OHC" push -q --no-cache --payload payload "$STUB/base:1" "$STUB/tokens4:1"
expect_status 0
expect_eq "$(scopes)" "repository:tokens4:pull,push
repository:base:pull"

for code in 401 403; do
	t "a token server that looks at one scope only, and a registry that says $code then"
	stub_config "$(bearer ", \"one_scope\": true, \"denial\": $code")"
	run "$OHC" push -q --no-cache --payload payload "$STUB/base:1" "$STUB/tokens5$code:1"
	expect_status 0
done

t "credentials of the destination are for it alone, until it is to mount from the base"
stub_config "$(bearer '')"
run "$OHC" push -q --no-cache --creds u:p --payload payload "$STUB/base:1" "$STUB/tokens6:1"
expect_status 0
expect_eq "$(scopes)" "repository:tokens6:pull,push
repository:base:pull
repository:tokens6:pull,push repository:base:pull"

if have openssl; then
	t "a token that says push is answer enough: no upload is begun for nothing"
	make_certificate "$tmp" >/dev/null 2>&1 || make_certificate "$tmp"
	mint=", \"mint\": {\"key\": \"$tmp/key.pem\", \"cert\": \"$tmp/cert.pem\", \"issuer\": \"i\", \"service\": \"stub\"}"
	stub_config "$(bearer "$mint")"
	run "$OHC" copy -q "$STUB/base:1" "$STUB/minted:1"
	expect_status 0
	run "$OHC" copy -q "$STUB/base:1" "$STUB/minted:1"
	expect_status 0
	expect_eq "$(asked | grep -c DELETE || true)" 0
	expect_eq "$(stub_log '"x" if r["method"] == "POST" and "mount" not in r["query"] else None')" '' "uploads begun"

	t "one that does not say so is tried out"
	stub_config "$(bearer "$mint, \"grant\": \"pull\"")"
	run "$OHC" copy -q "$STUB/base:1" "$STUB/minted2:1"
	expect_status 5
	expect_eq "$(reads)" ''
	expect_eq "$(asked | grep -c 'POST minted2')" 2 # and again with a token for it alone
else
	t "tokens that say what they are for"
	skip "no openssl"
fi

# ---- a second source of a mount ----

t "a payload that was seen in two repositories is mounted from the second when the first refuses"
stub_config '{}'
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/one/a:1"
run "$OHC" push -q --payload payload "$STUB/base:1" "$STUB/one/b:1"
expect_status 0
for first in a b; do
	stub_config "{\"rules\": [{\"match\": {\"method\": \"POST\", \"query\": \"mount=.*from=one%2F$first\"}, \"do\": {\"status\": 403}}]}"
	run "$OHC" push -q --json --payload payload "$STUB/base:1" "$STUB/one/c$first:1"
	expect_status 0
	expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["mounted"]'
done

finish
