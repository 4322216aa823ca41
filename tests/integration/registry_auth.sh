#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Basic and Bearer, tokens that expire, realms that must not be trusted, and a real registry with
# a token server in front of it.  Secrets here hold the word "hush", which nothing may show.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
head -c 1000000 /dev/urandom >blob
digest=sha256:$(sha256sum blob | cut -d' ' -f1)
hidden="hush|$(printf u:hush | base64)|token-[0-9a-f]"

# bearer MEMBERS [RULES]: a registry that wants tokens
bearer()
{
	stub_config "{\"auth\": {\"kind\": \"bearer\", \"user\": \"u\", \"password\": \"hush\",
		\"identity_token\": \"hush-identity\", \"registry_token\": \"hush-registry\" ${1:+, $1}},
		\"rules\": [${2:-}]}"
}

# drive ARGUMENT...: and look for secrets in all that it says
drive()
{
	run "$driver" -vv "$@"
	expect_no_err "$hidden"
	expect_no_out "$hidden"
}

# tokens: the scopes of each token that was asked for
tokens()
{
	stub_log '" ".join(r.get("scopes", [])) if r["path"] == "/token" else None'
}

# authfile JSON: as --authfile for the stub
authfile()
{
	printf '{"auths": {"%s": %s}}' "$STUB" "$1" >auth.json
}

t "a token for what is done, once"
bearer
drive --creds u:hush write "$STUB/a/b" blob
expect_status 0
expect_eq "$(tokens)" "repository:a/b:pull,push"
expect_eq "$(stub_log 'r["headers"]["authorization"].split()[0] if r["path"].startswith("/v2/a") and "authorization" in r["headers"] else None' | sort | uniq -c | tr -s ' ')" " 2 Bearer"

t "many uploads share a token"
for i in 1 2 3 4 5 6; do head -c $((100000 + i)) blob >part$i; done
bearer
drive --creds u:hush --jobs 6 write "$STUB/a/b" part*
expect_status 0
expect_eq "$(tokens)" "repository:a/b:pull,push"

t "one token for a mount: pull there, push here"
bearer
drive --creds u:hush mount "$STUB/c" "$STUB/a/b" "$digest" 1000000
expect_out_is mounted
expect_eq "$(tokens)" "repository:c:pull,push repository:a/b:pull"

t "a token is not used for more than it was got for"
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
bearer
drive --creds u:hush write "$STUB/a/b" config
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[]}' \
	"$(sha256sum config | cut -d' ' -f1)" "$(stat -c %s config)" >small
drive --creds u:hush put "$STUB/a/b:small" small application/vnd.oci.image.manifest.v1+json
run "$OHC" attach -q --creds u:hush --type text/plain "$STUB/a/b:small" config
expect_status 0
bearer
run "$OHC" detach -q --creds u:hush --all "$STUB/a/b:small"
expect_status 0
expect_eq "$(tokens)" "$(printf 'repository:a/b:%s\n' pull,push pull,push,delete)"

t "nor is one account's for what another one reads"
authfile "$(printf '{}, "%s/a": {"username": "u", "password": "hush"}' "$STUB")"
bearer '' '{"match": {"method": "POST", "query": ".*mount=.*"}, "do": {"status": 400}}'
drive --authfile auth.json copy "$STUB/d" "$STUB/a/b" "$digest" 1000000
expect_status 0
expect_eq "$(stub_log 'r["headers"].get("authorization", "nobody").split()[0] + " " + " ".join(r["scopes"]) if "scopes" in r else None')" \
	"nobody repository:d:pull,push repository:a/b:pull
Basic repository:a/b:pull"

t "reading asks for reading only"
bearer
drive --creds u:hush read "$STUB/a/b" "$digest" 1000000 >/dev/null 2>&1 || true
drive get "$STUB/a/b:none"
expect_status 4
expect_eq "$(tokens | sort -u)" "repository:a/b:pull"

t "an anonymous token"
bearer
drive has "$STUB/a/b" "$digest"
expect_out_is yes
expect_eq "$(stub_log 'r["query"] if r["path"] == "/token" else None')" \
	"service=stub&scope=repository%3Aa%2Fb%3Apull%2Cpush"
expect_eq "$(stub_log '"x" if r["path"] == "/token" and "authorization" in r["headers"] else None')" ''

t "no token without credentials"
bearer '"anonymous": false'
drive has "$STUB/a/b" "$digest"
expect_status 5
expect_err "registry '$STUB' gives no access without credentials"

t "wrong credentials: the registry, the user, and where they came from"
bearer
drive --creds u:wrong has "$STUB/a/b" "$digest"
expect_status 5
expect_err "registry '$STUB' refused the credentials of 'u' from --creds"
authfile '{"username": "u", "password": "wrong"}'
drive --authfile auth.json has "$STUB/a/b" "$digest"
expect_status 5
expect_err "registry '$STUB' refused the credentials of 'u' from 'auth.json'"

t "a token that lacks the right to write"
bearer '"grant": "pull"'
drive --creds u:hush write "$STUB/a/b" blob
expect_status 5
expect_err "registry '$STUB' gives the credentials of 'u' from --creds no right to that: HTTP 401: UNAUTHORIZED"
[ "$(tokens | wc -l)" -le 3 ] || fail "asked for $(tokens | wc -l) tokens"

t "who may only read can still look whether a blob is there"
stub_config '{"auth": {"kind": "bearer", "user": "u", "password": "hush"}, "rules": [
	{"match": {"path": "/token", "query": ".*push.*"}, "do": {"status": 403,
	"json": {"errors": [{"code": "DENIED", "message": "no"}]}}}]}'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_out_is yes

bearer '' '{"match": {"method": "HEAD", "path": ".*/blobs/.*"}, "do": {"status": 403}, "times": 1}'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_out_is yes

t "access_token, and an identity token by POST"
bearer '"token_field": "access_token"'
authfile '{"identitytoken": "hush-identity"}'
drive --authfile auth.json has "$STUB/a/b" "$digest"
expect_out_is yes
expect_eq "$(stub_log 'r["method"] if r["path"] == "/token" else None')" POST

t "a wrong identity token"
authfile '{"identitytoken": "hush-other"}'
drive --authfile auth.json has "$STUB/a/b" "$digest"
expect_status 5
expect_err "refused the credentials from 'auth.json'"

t "a registry token goes to the registry itself"
bearer
authfile '{"registrytoken": "hush-registry"}'
drive --authfile auth.json has "$STUB/a/b" "$digest"
expect_out_is yes
expect_eq "$(tokens)" ''

t "one that would be a header of its own is none"
bearer
authfile '{"registrytoken": "hush-registry\r\nX-Header: hush"}'
drive --authfile auth.json has "$STUB/a/b" "$digest"
expect_status 3
expect_err "auth.json'?, auths of '$STUB': 'registrytoken' is no token"
expect_no_err hush
expect_eq "$(stub_log '"x" if "x-header" in r["headers"] else None')" ''

t "a challenge without scope, and a registry that wants another one than we think"
bearer '"say_scope": false'
drive --creds u:hush write "$STUB/a/b" blob
expect_status 0

t "several challenges in one line, in two lines"
for challenge in '"Basic realm=\"x, y\", Bearer realm=\"{self}/token\",service=\"stub\""' \
	'["Negotiate", "Bearer realm=\"{self}/token\", service=\"stub\"", "Basic realm=x"]'; do
	bearer "\"challenge\": $challenge"
	drive --creds u:hush has "$STUB/a/b" "$digest"
	expect_out_is yes
done

# ---- tokens that end ----

t "a token that lives for a second is renewed between requests"
bearer '"expires_in": 1'
drive --creds u:hush --slow 40 --once --unknown write "$STUB/a/b" blob
expect_status 0

expired='"headers": {"WWW-Authenticate": "Bearer realm=\"{self}/token\",service=\"stub\",scope=\"repository:a/b:pull,push\""}'

t "a token that ends in the middle of an upload: only what was refused is repeated"
bearer '"expires_in": 3600' "{\"match\": {\"method\": \"PATCH\"}, \"do\": {\"status\": 401, $expired}, \"times\": 1},
	{\"match\": {\"method\": \"PUT\"}, \"do\": {\"status\": 401, $expired}, \"times\": 1}"
drive --creds u:hush --unknown --once write "$STUB/a/b" blob
expect_status 0
expect_eq "$(stub_log 'r["method"] + " " + str(r["status"]) if "/uploads/" in r["path"] else None' | tr '\n' ' ')" \
	"POST 202 PATCH 401 GET 204 DELETE 204 POST 202 PATCH 202 PUT 401 PUT 201 "
expect_eq "$(tokens | wc -l)" 3 tokens

t "the same where the answer comes before the body was read"
bearer '"expires_in": 3600' "{\"match\": {\"method\": \"PATCH\"}, \"do\": {\"status\": 401, $expired, \"leave_body\": true}, \"times\": 1}"
drive --creds u:hush --unknown --once write "$STUB/a/b" blob
expect_status 0

t "the same for a whole PUT, of a file"
bearer '"expires_in": 3600' "{\"match\": {\"method\": \"PUT\"}, \"do\": {\"status\": 401, $expired}, \"times\": 1}"
drive --creds u:hush write "$STUB/a/b" blob
expect_status 0

t "one that ends while the first request with it waits, or is answered, is no refusal of who asks"
bearer '"expires_in": 1' '{"match": {"method": "POST", "path": ".*/uploads/"}, "do": {"delay": 1.5}, "times": 1}'
drive --creds u:hush write "$STUB/a/b" blob
expect_status 0
bearer '"expires_in": 1' '{"match": {"method": "POST", "path": ".*/uploads/"}, "do": {"delay": 1.5}}'
drive --creds u:hush write "$STUB/a/b" blob
expect_status 5
expect_err "the token that registry '$STUB' gave the credentials of 'u' from --creds had ended before the answer came: HTTP 401"
expect_eq "$(stub_log '1 if r["method"] == "POST" else None' | wc -l)" 4 "requests, and no more"

t "nor one that ends while a request waits for its turn: each has a token when it goes"
bearer '"expires_in": 1'
echo "$STUB/a/b:small" >one
run "$OHC" bake -q --jobs 1 --rate 1/s --creds u:hush --no-check --profile none --bases one --dest oci:rated:1
expect_status 0
expect_eq "$(stub_log '1 if r["status"] == 401 else None' | wc -l)" 1 "the one that asks for a token"

t "a token is got in a turn that came, when the host lets two requests through at a time"
bearer '"expires_in": 1' '{"match": {"path": "/token"}, "do": {"delay": 0.2}}'
drive --creds u:hush --jobs 8 write "$STUB/a/b" part* blob
expect_status 0

t "tokens that end at once do not make an endless upload"
bearer '"expires_in": 3600, "uses": 1'
drive --creds u:hush --unknown --once write "$STUB/a/b" blob
expect_status 5
[ "$(tokens | wc -l)" -le 20 ] || fail "asked for $(tokens | wc -l) tokens"

t "400 instead of 401 for an expired token"
bearer '"expires_in": 3600' '{"match": {"method": "PATCH"}, "do": {"status": 400}, "times": 1},
	{"match": {"method": "PUT"}, "do": {"status": 400}, "times": 1}'
drive --creds u:hush --unknown --once write "$STUB/a/b" blob
expect_status 0
expect_eq "$(tokens | wc -l)" 3 tokens

t "a real 400 stays one"
bearer '' '{"match": {"method": "POST"}, "do": {"status": 400, "body": "no"}}'
drive --creds u:hush write "$STUB/a/b" blob
expect_status 1
expect_err 'HTTP 400: no'

t "a token server that is busy"
bearer '' '{"match": {"path": "/token"}, "do": {"status": 503}, "times": 2}'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_out_is yes

t "a token server that talks rubbish"
for body in '' '{}' '[]' 'x' '{"token": ""}' '{"token": 5}' '{"token": "a\\r\\nX: y"}' '<html>'; do
	bearer '' "{\"match\": {\"path\": \"/token\"}, \"do\": {\"status\": 200,
		\"body\": $(py -c 'import json,sys; print(json.dumps(sys.argv[1].encode().decode("unicode_escape")))' "$body")}}"
	drive --creds u:hush has "$STUB/a/b" "$digest"
	expect_status 3
	expect_err "the answer of the token server of '$STUB'"
done

t "a token answer without end"
bearer '' '{"match": {"path": "/token"}, "do": {"endless_body": 10000000000}}'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_status 3

t "a registry that refuses every token is not asked for ever"
bearer '"uses": 0'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_status 5
[ "$(tokens | wc -l)" -le 6 ] || fail "asked for $(tokens | wc -l) tokens"

# ---- redirects ----

printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":1000000},"layers":[]}' "$digest" >manifest
type=application/vnd.oci.image.manifest.v1+json
stub_config '{}'
run "$driver" write "$STUB/a/b" blob
run "$driver" put "$STUB/a/b:t" manifest $type

away='{"match": {"port": 0, "path": "/v2/a/b/.*", "headers": {"Authorization": ".*"}}, "do": {"redirect": "{other}{path}?{query}"}}'
basic_auth='"kind": "basic", "user": "u", "password": "hush"'
bearer_auth='"kind": "bearer", "user": "u", "password": "hush", "identity_token": "hush-identity", "registry_token": "hush-registry"'

# Each kind of secret, in each kind of request that is redirected to another host.
while read -r kind credentials; do
	t "a redirect takes no secret along: $kind"
	authfile "$credentials"
	for operation in "get $STUB/a/b:t" "has $STUB/a/b $digest" "read $STUB/a/b $digest 1000000" \
		"tags $STUB/a/b" "referrers $STUB/a/b $digest" "delete $STUB/a/b:none" \
		"put $STUB/a/b:u manifest $type" "write $STUB/a/b manifest"; do
		auth=${kind}_auth
		[ "$kind" = basic ] || auth=bearer_auth
		stub_config "{\"auth\": {${!auth}}, \"rules\": [$away]}"
		# shellcheck disable=SC2086
		status=0 _cmd=$operation out=''
		# shellcheck disable=SC2086
		"$driver" -vv --authfile auth.json $operation >out 2>err </dev/null || status=$?
		err=$(cat err)
		expect_no_err "$hidden"
		expect_no_secrets_at_other
		[ -n "$(stub_log '"x" if r["port"] == 0 and "authorization" in r["headers"] else None')" ] ||
			fail "the registry itself was shown nothing: $operation"
	done
done <<'END'
basic {"username":"u","password":"hush"}
password {"username":"u","password":"hush"}
identity {"identitytoken":"hush-identity"}
registry {"registrytoken":"hush-registry"}
END

# ---- realms ----

t "a realm on another host is the registry's choice"
bearer '"realm": "{other}/token"'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_out_is yes

t "but a redirect of it takes no credentials along"
bearer '' '{"match": {"path": "/token", "port": 0}, "do": {"redirect": "{other}/token?{query}"}}'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_no_secrets_at_other

t "nor an identity token"
bearer '' '{"match": {"path": "/token", "port": 0}, "do": {"redirect": "{other}/token?{query}"}}'
authfile '{"identitytoken": "hush-identity"}'
drive --authfile auth.json has "$STUB/a/b" "$digest"
expect_status 5
expect_err 'refused to send credentials on to another host'
expect_eq "$(stub_log 'r["path"] if r["port"] == 1 else None')" '' "requests at the other host"

t "a realm that is not https"
bearer '"realm": "http://tokens.example/token"'
drive --creds u:hush has "$STUB/a/b" "$digest"
expect_status 5
expect_err "names the token server 'tokens.example', which is not https: nothing is sent there"

t "a realm that is no URL"
for realm in '' ftp://127.0.0.1/ file:///etc/passwd http://u:hush@127.0.0.1/ nonsense; do
	bearer "\"realm\": \"$realm\""
	drive --creds u:hush has "$STUB/a/b" "$digest"
	[ "$status" != 0 ] || fail "went well"
done

# ---- a real registry, with this token server ----

have openssl || skip_all "no openssl"
have docker-registry || skip_all "no docker-registry"
openssl req -x509 -newkey rsa:2048 -nodes -keyout token.key -out token.crt -days 2 \
	-subj /CN=token-server 2>openssl.log

# token_registry REALM: docker-registry that wants tokens of the stub
token_registry()
{
	local i

	cat >token.yml <<-END
	version: 0.1
	log: {level: info, accesslog: {disabled: true}}
	storage: {filesystem: {rootdirectory: $tmp/token-root}, delete: {enabled: true}}
	http: {addr: "127.0.0.1:0", secret: none}
	auth:
	  token: {realm: "$STUB_URL/token", service: stub, issuer: test, rootcertbundle: $tmp/token.crt}
	END
	: >token.log
	docker-registry serve token.yml >token.log 2>&1 </dev/null &
	_pids+=("$!")
	for ((i = 0; i < 200; i++)); do
		REGISTRY=$(sed -n 's/.*msg="listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' token.log)
		[ -z "$REGISTRY" ] || return 0
		sleep 0.05
	done
	return 1
}

# mint SECONDS [MEMBERS]
mint()
{
	bearer "\"expires_in\": $1, \"mint\": {\"key\": \"$tmp/token.key\", \"cert\": \"$tmp/token.crt\",
		\"issuer\": \"test\", \"service\": \"stub\", \"seconds\": $1} ${2:+, $2}"
}

token_registry
mint 300
t "docker-registry with tokens: push, mount, read"
drive --creds u:hush write "$REGISTRY/a/b" blob
expect_status 0
drive --creds u:hush mount "$REGISTRY/c" "$REGISTRY/a/b" "$digest" 1000000
expect_out_is mounted
"$driver" --creds u:hush read "$REGISTRY/c" "$digest" 1000000 >back
expect cmp blob back

t "docker-registry with tokens: no rights, wrong password, nobody"
mint 300 '"grant": "pull"'
drive --creds u:hush write "$REGISTRY/a/b" blob
expect_status 5
expect_err "gives the credentials of 'u' from --creds no right to that"
drive --creds u:wrong write "$REGISTRY/a/b" blob
expect_status 5
expect_err "refused the credentials of 'u' from --creds"
mint 300 '"anonymous": false'
drive write "$REGISTRY/a/b" blob
expect_status 5

t "docker-registry with tokens that end while the blob is on its way"
mint 2
head -c 2000000 /dev/urandom >slow
drive --creds u:hush --slow 120 --once --unknown write "$REGISTRY/a/b" slow
expect_status 0

t "login checks the token server's word"
mint 300 '"anonymous": false'
run_in "$OHC" login -u u --password-stdin --authfile login.json "$REGISTRY" <<<hush
expect_status 0
drive --authfile login.json has "$REGISTRY/a/b" "$digest"
expect_out_is yes
run_in "$OHC" login -u u --password-stdin --authfile login.json "$REGISTRY" <<<wrong
expect_message 5 "registry '$REGISTRY' refused the credentials of 'u'"

finish
