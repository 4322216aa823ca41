#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The memory of a host between runs, and that it does no harm when it is wrong.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
oci=application/vnd.oci.image.manifest.v1+json
printf '{}' >empty
digest=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[]}' \
	$oci $digest >manifest
stub_config '{}'
run "$driver" write "$STUB/repo" empty
run "$driver" put "$STUB/repo:tag" manifest $oci
[ "$status" = 0 ]

# get ARGUMENT...: with a memory
get()
{
	run "$driver" --cache cache "$@" get "$STUB/repo:tag"
}

# asked: methods and paths, in order
asked()
{
	stub_log 'r["method"] + " " + r["path"] + " " + str(r["status"])' | paste -sd,
}

manifest="GET /v2/repo/manifests/tag 200"

t "the scheme is found out once"
stub_config '{}'
get
expect_status 0
expect_eq "$(asked)" "GET /v2/ 200,$manifest"
get --stats
expect_eq "$(asked)" "GET /v2/ 200,$manifest,$manifest"
expect_err '^requests 1,'

t "not without a memory"
stub_config '{}'
run "$driver" get "$STUB/repo:tag"
run "$driver" get "$STUB/repo:tag"
expect_eq "$(asked)" "GET /v2/ 200,$manifest,GET /v2/ 200,$manifest"

t "what a host wants to see is remembered, too: Basic"
rm -rf cache
stub_config '{"auth": {"kind": "basic", "user": "u", "password": "p"}}'
get --creds u:p
expect_status 0
stub_config '{"auth": {"kind": "basic", "user": "u", "password": "p"}}'
get --creds u:p
expect_eq "$(asked)" "$manifest"
get --creds u:wrong
expect_status 5
expect_eq "$(grep -rlE 'dTpw|u:p' cache || true)" '' "secrets in the cache"

t "and a token server"
rm -rf cache
stub_config '{"auth": {"kind": "bearer"}}'
get
stub_config '{"auth": {"kind": "bearer"}}'
get
expect_status 0
expect_eq "$(asked)" "GET /token 200,$manifest"
expect_eq "$(grep -rl 'token-' cache || true)" '' "tokens in the cache"

t "a token server that went elsewhere is asked for"
stub_config '{"auth": {"kind": "bearer", "realm": "{self}/new/token"}, "rules": [
	{"match": {"path": "/token"}, "do": {"status": 404}},
	{"match": {"path": "/new/token"}, "do": {"status": 200, "json": {"token": "x"}}},
	{"match": {"headers": {"Authorization": "Bearer x"}, "path": "/v2/repo/.*"}, "do": {"status": 200,
	 "body": '"$(py -c 'import json; print(json.dumps(open("manifest").read()))')"', "headers": {"Content-Type": "'$oci'"}}}]}'
get
expect_status 0
expect_eq "$(asked)" "GET /token 404,GET /v2/repo/manifests/tag 401,GET /new/token 200,$manifest"
get
expect_eq "$(asked | tr , '\n' | tail -n 2 | paste -sd,)" "GET /new/token 200,$manifest"

t "a registry that wants nothing any more"
stub_config '{}'
get
expect_status 0

t "a registry that wants something now"
rm -rf cache
stub_config '{}'
get
stub_config '{"auth": {"kind": "basic", "user": "u", "password": "p"}}'
get --creds u:p
expect_status 0
expect_eq "$(asked)" "GET /v2/repo/manifests/tag 401,$manifest"

t "forms of uploads that a host refuses"
head -c 300000 /dev/urandom >blob
rm -rf cache
refused='{"max_body": 262144, "rules": [{"match": {"method": "PUT", "headers": {"Content-Length": "[1-9].*"}}, "do": {"status": 405}}]}'
for turn in 1 2; do
	stub_config "$refused"
	run "$driver" --cache cache write "$STUB/refused$turn" blob
	expect_status 0
done
expect_eq "$(stub_log 'r["status"] if r["method"] in ("PUT", "PATCH") else None' | paste -sd' ')" "202 202 201"

t "a memory that is damaged is none"
find cache -type f -exec sh -c 'echo rubbish >"$1"' sh {} \;
stub_config '{}'
get
expect_status 0
expect_eq "$(asked)" "GET /v2/ 200,$manifest"

if have openssl; then
	make_certificate "$tmp"
	cat cert.pem ca.pem >chain.pem
	cat >swap.py <<'END2'
# A registry at one port that speaks TLS, or does not: swap.py PORT [CERT KEY]
import http.server, ssl, sys
body, media = open("manifest", "rb").read(), sys.argv[2]
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        data = b"{}" if self.path == "/v2/" else body
        with open("swap.log", "a") as f:
            f.write(self.path + "\n")
        self.send_response(200)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), H)
if len(sys.argv) > 3:
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(*sys.argv[3:5])
    s.socket = c.wrap_socket(s.socket, server_side=True)
s.serve_forever()
END2
	# swap ARGUMENT...: another server at the port
	swap()
	{
		[ -z "${swap_pid:-}" ] || { kill "$swap_pid" && wait "$swap_pid" || true; }
		: >swap.log
		"$PYTHON" -S swap.py "$port" $oci "$@" 2>swap.err </dev/null &
		swap_pid=$!
		_pids+=("$swap_pid")
		wait_for 10 curl -sko /dev/null "http${1:+s}://127.0.0.1:$port/v2/"
		: >swap.log
	}
	port=$(closed_port)
	rm -rf cache

	for turn in 1 2; do
		t "a host that speaks http, and then https, and again: $turn"
		swap
		run "$driver" --ca-file ca.pem --cache cache --retry 0 get "127.0.0.1:$port/repo:tag"
		expect_status 0
		swap chain.pem key.pem
		run "$driver" --ca-file ca.pem --cache cache --retry 0 get "127.0.0.1:$port/repo:tag"
		expect_status 0
		: >swap.log
		run "$driver" --ca-file ca.pem --cache cache --retry 0 get "127.0.0.1:$port/repo:tag"
		expect_status 0
		expect_eq "$(paste -sd' ' swap.log)" /v2/repo/manifests/tag "and remembered"
	done

	t "https that is remembered is not left for http because of a certificate"
	run "$driver" --cache cache --retry 0 get "127.0.0.1:$port/repo:tag"
	expect_status 6
	expect_err 'is not trusted'
else
	t "a host that changes its scheme"
	skip "no openssl"
fi

t "push: the second one asks nothing of that kind"
small_payload payload
stub_config '{}'
"$OHC" push -q --profile none --payload payload:/p scratch "$STUB/pushed:1" >/dev/null
stub_config '{}'
run "$OHC" push -q --profile none --payload payload:/p scratch "$STUB/pushed:2"
expect_status 0
expect_eq "$(stub_log 'r["path"] if r["path"] == "/v2/" else None')" '' pings
run "$OHC" push -q --no-cache --profile none --payload payload:/p scratch "$STUB/pushed:2"
expect_eq "$(stub_log 'r["path"] if r["path"] == "/v2/" else None')" /v2/ pings

finish
