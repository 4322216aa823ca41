# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The scripted registry (registry.py) for shell tests; sourced after tests/lib.sh.
#
#	start_stub [--tls CERT KEY]
#	stub_config '{"rules": [...]}'		from now on; the log starts anew
#	run ... "$STUB/repo:tag"
#	expect_requests 'GET /v2/ 200' ...	what it was asked, in order

# start_stub ARGUMENT...: sets $STUB and $STUB_OTHER (127.0.0.1:PORT), $STUB_URL and $STUB_DIR
start_stub()
{
	local scheme=http

	STUB_DIR=$(mktemp -d "$tmp/.lib/stub.XXXXXX")
	[ "${1:-}" != --tls ] || scheme=https
	"$PYTHON" -S "$top/tests/stub/registry.py" "$@" "$STUB_DIR" >"$STUB_DIR/log" 2>&1 </dev/null &
	_pids+=("$!")
	STUB_PID=$!
	if ! wait_for 10 test -s "$STUB_DIR/ports"; then
		sed 's/^/# /' "$STUB_DIR/log"
		return 1
	fi
	{ read -r STUB && read -r STUB_OTHER; } <"$STUB_DIR/ports"
	STUB_URL=$scheme://$STUB
}

# stub_config JSON: replaces configuration and rules; what was uploaded stays
stub_config()
{
	curl -skf -o /dev/null --data-binary "$1" "$STUB_URL/_stub/config"
}

# stub_image: writes the files blob, config and manifest of an image with one layer of three million random
# bytes, and sets $digest (the blob's), $config and $oci (the manifest's media type)
stub_image()
{
	oci=application/vnd.oci.image.manifest.v1+json
	head -c 3000000 /dev/urandom >blob
	digest=sha256:$(sha256sum blob | cut -d' ' -f1)
	printf '{"architecture":"amd64","os":"linux"}' >config
	config=sha256:$(sha256sum config | cut -d' ' -f1)
	cat >manifest <<-END
	{"schemaVersion":2,"mediaType":"$oci","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"$config","size":37},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"$digest","size":3000000}]}
	END
}

# stub_sessions: how many uploads are open
stub_sessions()
{
	curl -skf "$STUB_URL/_stub/sessions"
}

# stub_log EXPRESSION: prints, for each request since stub_config, the value of a Python expression
# over `r`: a dict with port, method, path, query, headers, status, body (bytes read)
stub_log()
{
	curl -skf "$STUB_URL/_stub/log" | py -c 'import json, sys
for line in sys.stdin:
    r = json.loads(line)
    v = eval(sys.argv[1])
    if v is not None:
        print(v if isinstance(v, str) else json.dumps(v))' "$1"
}

# expect_requests LINE...: "METHOD PATH STATUS" of each request; paths without /v2/REPO
expect_requests()
{
	local is should

	is=$(stub_log '" ".join([r["method"], __import__("re").sub(r"^/v2/(repo[0-9]*/)?|[0-9a-f]{32,64}", lambda m: "*" if m[0][0] != "/" else "", r["path"]) or "ping", str(r["status"])])')
	should=$(printf '%s\n' "$@")
	[ "$is" = "$should" ] || _fail "requests were: $(tr '\n' ',' <<<"$is") not: $(tr '\n' ',' <<<"$should")"
}

# expect_no_secrets_at_other: the second port saw no Authorization
expect_no_secrets_at_other()
{
	local seen

	seen=$(stub_log '"x" if r["port"] == 1 and "authorization" in r["headers"] else None')
	[ -z "$seen" ] || _fail "the other host was sent Authorization"
}
