#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Where requests go: mirrors, registries.conf, proxies, TLS, certs.d, http and https.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
stub_image
stub_config '{}'
for repo in repo mirrored/repo; do
	run "$driver" write "$STUB/$repo" blob config
	run "$driver" put "$STUB/$repo:tag" manifest $oci
	[ "$status" = 0 ]
done

# rules RULE...
rules()
{
	stub_config "{\"rules\": [$(IFS=,; echo "$*")]}"
}

# ports: of the requests that read something
ports()
{
	stub_log 'str(r["port"]) if "/v2/" != r["path"] else None' | tr '\n' ' '
}

mirror="$STUB=http://$STUB_OTHER"

# read_blob ARGUMENT...
read_blob()
{
	status=0
	_cmd="read $*"
	"$driver" "$@" read "$STUB/repo" "$digest" 3000000 >back 2>err </dev/null || status=$?
	out='' err=$(cat err)
}

t "a mirror is asked first"
rules
run "$driver" --mirror "$mirror" get "$STUB/repo:tag"
expect_status 0
expect_eq "$(ports)" "1 "
read_blob --mirror "$mirror"
expect cmp blob back
expect_eq "$(ports)" "1 1 "

t "with a path of its own"
rules
run "$driver" --mirror "$STUB=http://$STUB_OTHER/mirrored" get "$STUB/repo:tag"
expect_status 0
expect_eq "$(stub_log 'r["path"]')" /v2/mirrored/repo/manifests/tag

t "another host's mirror is not"
rules
run "$driver" --mirror "other.example=http://$STUB_OTHER" get "$STUB/repo:tag"
expect_eq "$(ports)" "0 "

for fault in '{"status": 404}' '{"status": 401}' '{"status": 500}' '{"hang_up": true}' \
	'{"replace_body": "<html>", "headers": {"Content-Type": "text/html"}}'; do
	t "a mirror that fails is left for the origin: $fault"
	rules "{\"match\": {\"port\": 1}, \"do\": $fault}"
	run "$driver" --retry 1 --mirror "$mirror" -v get "$STUB/repo:tag"
	expect_status 0
	expect_err "mirror '$STUB_OTHER' is left out:"
	[[ $fault = *html* ]] || read_blob --retry 1 --mirror "$mirror"
	expect cmp blob back
done

t "a mirror that is not there"
run "$driver" --mirror "$STUB=http://127.0.0.1:$(closed_port)" --retry 1 get "$STUB/repo:tag"
expect_status 0

t "a mirror that breaks off in the middle: the origin has the rest"
rules '{"match": {"port": 1}, "do": {"cut": 1000000}, "times": 1}' \
	'{"match": {"port": 1}, "do": {"status": 404}}'
read_blob --retry 1 --mirror "$mirror"
expect_status 0
expect cmp blob back
expect_eq "$(stub_log 'str(r["port"]) + r["headers"].get("range", "") if "/blobs/" in r["path"] else None' | tr '\n' ' ')" \
	"1 1bytes=1000000-2999999 0bytes=1000000-2999999 "

t "nothing is written to a mirror"
rules
run "$driver" --mirror "$mirror" write "$STUB/repo" config
expect_status 0
expect_eq "$(ports | tr -d ' 0')" ''

t "a mirror gets no credentials of the origin"
printf '{"auths": {"%s": {"username": "u", "password": "p"}}}' "$STUB" >auth.json
rules '{"match": {"port": 1, "headers": {"Authorization": null}}, "do": {"status": 401, "headers": {"WWW-Authenticate": "Basic realm=x"}}}'
run "$driver" --authfile auth.json --mirror "$mirror" get "$STUB/repo:tag"
expect_status 0
expect_no_secrets_at_other

t "what is no mirror"
for bad in "$STUB=" "=x" "$STUB" "$STUB=ftp://x" "$STUB=http://a b"; do
	run "$driver" --mirror "$bad" get "$STUB/repo:tag"
	expect_status 2
done

# conf TEXT: as registries.conf
conf()
{
	cat >registries.conf
	export CONTAINERS_REGISTRIES_CONF=$tmp/registries.conf
}

t "mirrors of registries.conf"
rules
conf <<-END
unqualified-search-registries = ["docker.io"] # not read
[[registry]]
location = "$STUB"
[[registry.mirror]]
location = "$STUB_OTHER/mirrored"
END
run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_eq "$(stub_log 'str(r["port"]) + r["path"] if r["path"] != "/v2/" else None')" \
	1/v2/mirrored/repo/manifests/tag

t "a mirror for digests only"
rules
conf <<-END
[[registry]]
location = "$STUB"
mirror-by-digest-only = true
[[registry.mirror]]
location = "$STUB_OTHER"
END
run "$driver" get "$STUB/repo:tag"
expect_eq "$(ports)" "0 "
run "$driver" get "$STUB/repo@sha256:$(sha256sum manifest | cut -d' ' -f1)"
expect_eq "$(ports)" "0 1 "

t "a name that lies elsewhere, and its longest prefix"
rules
conf <<-END
[[registry]]
prefix = "registry.example/team"
location = "$STUB/mirrored"
[[registry]]
prefix = "registry.example"
location = "$STUB_OTHER"
END
run "$driver" get registry.example/team/repo:tag
expect_status 0
run "$driver" get registry.example/repo:tag
expect_status 0
expect_eq "$(stub_log 'str(r["port"]) + r["path"] if r["path"] != "/v2/" else None' | tr '\n' ' ')" \
	"0/v2/mirrored/repo/manifests/tag 1/v2/repo/manifests/tag "

t "a registry that is blocked"
conf <<-END
[[registry]]
location = "$STUB"
blocked = true
END
run "$driver" get "$STUB/repo:tag"
expect_status 5
expect_err "'$STUB/repo' is blocked by '$tmp/registries.conf'"

t "a registries.conf with a mistake"
conf <<<'[[registry]'
run "$driver" get "$STUB/repo:tag"
expect_status 3
expect_err "registries.conf', line 1"
export CONTAINERS_REGISTRIES_CONF=$tmp/none.conf
run "$driver" get "$STUB/repo:tag"
expect_status 4
unset CONTAINERS_REGISTRIES_CONF

t "the user's registries.conf, and what lies beside it"
mkdir -p "$HOME/.config/containers/registries.conf.d"
printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$STUB" >"$HOME/.config/containers/registries.conf"
run "$driver" get "$STUB/repo:tag"
expect_status 5
printf '[[registry]]\nlocation = "%s"\n' "$STUB" >"$HOME/.config/containers/registries.conf.d/x.conf"
run "$driver" get "$STUB/repo:tag"
expect_status 0

# as_nobody CMD...: as a user to whom root's directories are closed, with $dir as theirs
as_nobody()
{
	HOME=/ XDG_CONFIG_HOME=$dir XDG_RUNTIME_DIR='' run setpriv --reuid 65534 --clear-groups "$@"
}

t "what an ordinary user may not read of registries.conf is an error, and of certs.d nothing"
if [ "$(id -u)" = 0 ] && have setpriv; then
	dir=$(mktemp -d /tmp/ohc-config.XXXXXX)
	chmod 755 "$dir"
	mkdir -p -m 755 "$dir"/containers{,/registries.conf.d}
	mkdir -p -m 700 "$dir/containers/certs.d"
	rules
	as_nobody "$driver" get "$STUB/repo:tag"
	expect_status 0
	printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$STUB" >"$dir/containers/registries.conf.d/x.conf"
	as_nobody "$driver" get "$STUB/repo:tag"
	expect_status 5
	chmod 600 "$dir/containers/registries.conf.d/x.conf"
	as_nobody "$driver" get "$STUB/repo:tag"
	expect_status 1
	expect_err "cannot open '$dir/containers/registries.conf.d/x.conf': Permission denied"
	chmod 700 "$dir/containers/registries.conf.d"
	as_nobody "$driver" get "$STUB/repo:tag"
	expect_status 1
	expect_err "cannot read '$dir/containers/registries.conf.d': Permission denied"
	chmod 700 "$dir/containers"
	echo '{}' >"$dir/auth.json"
	as_nobody "$driver" --authfile "$dir/auth.json" get "$STUB/repo:tag"
	expect_status 0
	rm -r "$dir"
else
	skip "not root, or no setpriv"
fi
rm -r "$HOME/.config/containers"

# ---- http and https ----

t "plain http elsewhere than on loopback only with --insecure"
run "$driver" --timeout 2 --retry 0 get "$(hostname):${STUB##*:}/repo:tag"
expect_status 6

# A proxy that knows one host: registry.test is the stub.
cat >proxy.py <<'END'
import os, select, socket, socketserver, sys
target = sys.argv[1].split(":")
class Proxy(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        head = []
        while (h := self.rfile.readline()) not in (b"\r\n", b""):
            head.append(h)
        with open("proxied", "a") as f:
            f.write(line.strip() + " " + "".join(h.decode().strip() + " " for h in head if h.lower().startswith(b"proxy-auth")) + "\n")
        method, url, version = line.split()
        up = socket.create_connection((target[0], int(target[1])))
        if method == "CONNECT":
            self.wfile.write(b"HTTP/1.1 200 fine\r\nX-Proxy: a\r\n\r\n")
        else:
            path = "/" + url.split("/", 3)[3]
            up.sendall(f"{method} {path} {version}\r\n".encode() + b"".join(head) + b"\r\n")
        both = [self.connection, up]
        while True:
            for s in select.select(both, [], [])[0]:
                data = s.recv(65536)
                if not data:
                    return
                (up if s is self.connection else self.connection).sendall(data)
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
with open(sys.argv[2] + ".new", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
END

# start_proxy TARGET: sets $proxy
start_proxy()
{
	rm -f proxy.port
	"$PYTHON" -S proxy.py "$1" proxy.port 2>/dev/null &
	_pids+=("$!")
	wait_for 5 test -s proxy.port
	proxy=http://pu:hush@127.0.0.1:$(cat proxy.port)
}

start_proxy "$STUB"
rules
t "HTTP_PROXY, for what is not on loopback"
HTTP_PROXY=$proxy run "$driver" -vv --insecure get registry.test/repo:tag
expect_status 0
printf '[[registry]]\nlocation = "registry.test"\n[[registry.mirror]]\nlocation = "http://registry.test"\n' >registries.conf
export CONTAINERS_REGISTRIES_CONF=$tmp/registries.conf
: >proxied
HTTP_PROXY=$proxy HTTPS_PROXY=http://127.0.0.1:$(closed_port) run "$driver" -vv get registry.test/repo:tag
expect_status 0
expect_no_err hush
expect_eq "$(grep -c 'GET http://registry.test/v2/repo/manifests/tag HTTP/1.1 Proxy-Authorization: Basic' proxied)" 1
: >proxied
http_proxy=$proxy run "$driver" -vv get registry.test/repo:tag
expect_status 0
expect_eq "$(wc -l <proxied)" 1
unset CONTAINERS_REGISTRIES_CONF

t "a loopback host is not asked for by a proxy"
: >proxied
HTTP_PROXY=$proxy HTTPS_PROXY=$proxy run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_eq "$(wc -l <proxied)" 0

t "NO_PROXY"
for list in .test '*.test' registry.test registry.test:443 'x, registry.test' '*'; do
	HTTPS_PROXY=$proxy NO_PROXY=$list run "$driver" --timeout 2 --retry 0 get registry.test/repo:tag
	expect_status 6
	expect_err "cannot reach 'registry.test': .*resolve"
	expect_eq "$(wc -l <proxied)" 0
done
HTTPS_PROXY=$proxy no_proxy=192.0.2.0/24 run "$driver" --timeout 1 --retry 0 get 192.0.2.1/repo:tag
expect_err "cannot reach '192.0.2.1': "
expect_eq "$(wc -l <proxied)" 0
HTTPS_PROXY=$proxy NO_PROXY=registry.test:5000 run "$driver" --retry 0 get registry.test/repo:tag
expect_eq "$(grep -c 'CONNECT registry.test:443' proxied)" 1

t "a proxy that is not there, and one that is none"
HTTPS_PROXY=http://u:hush@127.0.0.1:$(closed_port) run "$driver" --retry 0 get registry.test/repo:tag
expect_status 6
expect_err "cannot reach 'registry.test' by the proxy '127.0.0.1:[0-9]+': Connection refused"
expect_no_err hush
HTTPS_PROXY=ftp://u:hush@127.0.0.1:80 run "$driver" get registry.test/repo:tag
expect_status 2
expect_err 'HTTPS_PROXY does not name a proxy'
expect_no_err hush

for odd in 'u:h@hush' 'u:h hush' 'u:hush%' 'u:"hush"' 'u:hush:^'; do
	HTTPS_PROXY=http://$odd@127.0.0.1:$(closed_port) run "$driver" --retry 0 get registry.test/repo:tag
	expect_status 6
	expect_err "cannot reach 'registry.test' by the proxy '127.0.0.1:[0-9]+': Connection refused"
	expect_no_err hush
done
HTTPS_PROXY=http://u:hush@127.0.0.1:99999 run "$driver" get registry.test/repo:tag
expect_status 2
expect_err 'HTTPS_PROXY does not name a proxy'
expect_no_err hush

# answer STATUS: sets $proxy to one that answers everything so
answer()
{
	rm -f answer.port
	"$PYTHON" -S -c 'import http.server, os, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open("asked", "a").write(self.command + "\n")
        self.send_response(int(sys.argv[1]))
        self.send_header("Proxy-Authenticate", "Basic realm=x")
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_HEAD = do_CONNECT = do_GET
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
open("answer.new", "w").write(str(s.server_address[1]))
os.rename("answer.new", "answer.port")
s.serve_forever()' "$1" 2>/dev/null &
	_pids+=("$!")
	wait_for 5 test -s answer.port
	proxy=http://127.0.0.1:$(cat answer.port)
	: >asked
}

t "407 is the proxy's, and said so; nothing is tried again"
answer 407
HTTPS_PROXY=$proxy run "$driver" get registry.test/repo:tag
expect_status 5
expect_err "the proxy '${proxy#http://}' wants a user and a password that it knows \(HTTP 407\): HTTPS_PROXY takes http://USER:PASSWORD@HOST:PORT"
expect_eq "$(cat asked)" CONNECT
HTTPS_PROXY=$proxy HTTP_PROXY=$proxy run "$driver" --insecure get registry.test/repo:tag
expect_status 5
expect_err "the proxy '${proxy#http://}' wants a user"
printf '[[registry]]\nlocation = "registry.test"\n[[registry.mirror]]\nlocation = "http://registry.test"\n' >registries.conf
: >asked
http_proxy=$proxy CONTAINERS_REGISTRIES_CONF=registries.conf run "$driver" --timeout 2 --retry 0 -v get registry.test/repo:tag
expect_err "mirror 'registry.test' is left out: .*the proxy '${proxy#http://}' wants a user .*: http_proxy takes"
expect_eq "$(cat asked)" GET

t "what else a proxy refuses is not the connection's fault either"
answer 403
HTTPS_PROXY=$proxy run "$driver" --retry 0 get registry.test/repo:tag
expect_status 6
expect_err "the proxy '${proxy#http://}' does not connect to 'registry.test': HTTP 403"

t "a proxy that has no TLS is told of, and not the registry"
HTTPS_PROXY=${proxy/http:/https:} run "$driver" --retry 0 get registry.test/repo:tag
expect_status 6
expect_err "the proxy '${proxy#http://}' speaks plain http, not https: HTTPS_PROXY takes http://HOST:PORT"
expect_no_err insecure

t "a proxy that refuses without end is left after a while, whatever it sends"
for head in "Content-Length: 99999999999" "Transfer-Encoding: chunked"; do
	rm -f endless.port
	"$PYTHON" -S -c 'import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
open("endless.new", "w").write(str(s.getsockname()[1]))
os.rename("endless.new", "endless.port")
c, _ = s.accept()
c.recv(65536)
c.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n%s\r\n\r\n" % sys.argv[1].encode())
while True:
    c.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")' "$head" 2>/dev/null &
	_pids+=("$!")
	wait_for 10 test -s endless.port
	HTTPS_PROXY=http://127.0.0.1:$(cat endless.port) run timeout 20 "$driver" --retry 0 get registry.test/repo:tag
	expect_status 3
	expect_err "'registry.test' cannot be reached: the proxy sends far more than an answer"
done

# ---- TLS ----

have openssl || skip_all "no openssl"
mkdir tls
make_certificate "$tmp/tls"
cat tls/cert.pem tls/ca.pem >chain.pem
plain=$STUB
start_stub --tls chain.pem tls/key.pem
stub_config '{}'

t "an unknown CA"
run "$driver" has "$STUB/repo" "$digest"
expect_status 6
expect_err "the certificate of '$STUB' is not trusted: .*--ca-file.*certs.d"

t "--ca-file"
run "$driver" --ca-file tls/ca.pem write "$STUB/repo" blob
expect_status 0
run "$driver" --ca-file tls/key.pem has "$STUB/repo" "$digest"
expect_status 2
expect_err "'tls/key.pem' holds no certificate"
run "$driver" --ca-file none.pem has "$STUB/repo" "$digest"
expect_status 4
expect_err "'none.pem'"

t "--insecure"
run "$driver" --insecure has "$STUB/repo" "$digest"
expect_out_is yes

t "SSL_CERT_FILE and SSL_CERT_DIR"
mkdir cas many
cp tls/ca.pem cas/mine.crt
ln -s mine.crt cas/0a1b2c3d.0
echo "no certificate" >cas/README
openssl req -x509 -newkey rsa:2048 -nodes -keyout many/other.key -out many/other.pem -days 2 \
	-subj /CN=other-ca 2>openssl.log
SSL_CERT_FILE=tls/ca.pem run "$driver" has "$STUB/repo" "$digest"
expect_out_is yes
SSL_CERT_DIR=$tmp/cas run "$driver" has "$STUB/repo" "$digest"
expect_out_is yes
SSL_CERT_DIR=/nowhere:$tmp/many:$tmp/cas run "$driver" has "$STUB/repo" "$digest"
expect_out_is yes
SSL_CERT_FILE=many/other.pem SSL_CERT_DIR=cas run "$driver" has "$STUB/repo" "$digest"
expect_out_is yes
for variable in SSL_CERT_FILE=many/other.pem SSL_CERT_FILE=none.pem SSL_CERT_DIR=many SSL_CERT_DIR=none; do
	run env "$variable" "$driver" has "$STUB/repo" "$digest"
	expect_status 6
	expect_err "the certificate of '$STUB' is not trusted"
done
SSL_CERT_FILE=many/other.pem SSL_CERT_DIR=many run "$driver" --ca-file tls/ca.pem has "$STUB/repo" "$digest"
expect_out_is yes

t "a large bundle of the system counts beside --ca-file, and one that cannot be read is told of"
{ cat tls/ca.pem; head -c 9000000 /dev/zero | tr '\0' '#'; } >large.pem
SSL_CERT_FILE=large.pem run "$driver" --ca-file many/other.pem has "$STUB/repo" "$digest"
expect_out_is yes
head -c 17000000 /dev/zero | tr '\0' '#' >huge.pem
SSL_CERT_FILE=huge.pem run "$driver" --ca-file many/other.pem has "$STUB/repo" "$digest"
[ "$status" != 0 ] || fail "went well"
expect_err "'huge.pem'"

t "certs.d"
mkdir -p "$HOME/.config/containers/certs.d/$STUB"
cp tls/ca.pem "$HOME/.config/containers/certs.d/$STUB/ca.crt"
run "$driver" has "$STUB/repo" "$digest"
expect_out_is yes
rm -r "$HOME/.config/containers"

t "a certificate for another name"
mkdir other
(
	cd other
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=elsewhere -addext subjectAltName=DNS:elsewhere.example
) 2>openssl.log
tls_stub=$STUB tls_url=$STUB_URL tls_dir=$STUB_DIR
start_stub --tls other/cert.pem other/key.pem
run "$driver" --ca-file other/cert.pem has "$STUB/repo" "$digest"
expect_status 6
expect_err "the certificate of '$STUB' is not trusted"

t "a certificate that has expired"
openssl x509 -req -in tls/cert.csr -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial \
	-out expired.pem -days -1 -extfile tls/ext 2>openssl.log || true
if [ -s expired.pem ]; then
	start_stub --tls expired.pem tls/key.pem
	run "$driver" --ca-file tls/ca.pem has "$STUB/repo" "$digest"
	expect_status 6
	expect_err "the certificate of '$STUB' is not trusted: .*expired"
else
	skip "this openssl makes no certificate that has expired"
fi
STUB=$tls_stub STUB_URL=$tls_url STUB_DIR=$tls_dir

t "a redirect from https to http is refused"
stub_config "{\"rules\": [{\"match\": {\"path\": \"/v2/repo/blobs/.*\"}, \"do\": {\"redirect\": \"http://$plain/v2/repo/blobs/$digest\"}}]}"
run "$driver" --insecure read "$STUB/repo" "$digest" 3000000
expect_status 6
expect_err 'refused a redirect from https to http'

t "an upload's Location with http for https means the registry itself"
stub_config '{"rules": [{"match": {"method": "POST"}, "do": {"location": "insecure"}}]}'
run "$driver" --insecure write "$STUB/repo" config
expect_status 0

t "so does a list's Link"
stub_config "{\"rules\": [{\"match\": {\"query\": \"p2\"}, \"do\": {\"status\": 200, \"json\": {\"tags\": [\"b\"]}}}, {\"match\": {\"path\": \"/v2/repo/tags/list\"},
	\"do\": {\"status\": 200, \"json\": {\"tags\": [\"a\"]}, \"headers\": {\"Link\": \"<http://$STUB/v2/repo/tags/list?p2>; rel=next\"}}}]}"
run "$driver" --insecure tags "$STUB/repo"
expect_out_is "$(printf 'a\nb')"

t "an upload's Location by http at another host is refused"
stub_config "{\"rules\": [{\"match\": {\"method\": \"POST\"}, \"do\": {\"location\": \"http://localhost/x\"}}]}"
run "$driver" --insecure write "$STUB/repo" config
expect_status 6
expect_err 'wants the upload by http at another host'

t "nor is its body sent on by http, where it began with https"
stub_config '{"rules": [{"match": {"method": "PUT"}, "do": {"status": 307, "headers": {"Location": "http://localhost/x"}}}]}'
run "$driver" --insecure write "$STUB/repo" config
expect_status 6
expect_err "refused a redirect from https to http: 'http://localhost/x'"

t "a client certificate, from --cert and from certs.d"
cat >mutual.py <<'END'
import http.server, os, ssl, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        name = dict(x[0] for x in self.connection.getpeercert()["subject"])["commonName"]
        body = b"{}"
        self.send_response(200 if name == "client" else 403)
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
    do_HEAD = do_GET
    def log_message(self, *a): pass
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("chain.pem", "tls/key.pem")
c.load_verify_locations("tls/ca.pem")
c.verify_mode = ssl.CERT_REQUIRED
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
s.socket = c.wrap_socket(s.socket, server_side=True)
with open("mutual.new", "w") as f:
    f.write(str(s.server_address[1]))
os.rename("mutual.new", "mutual.port")
s.serve_forever()
END
make_client_certificate tls
"$PYTHON" -S mutual.py 2>/dev/null &
_pids+=("$!")
wait_for 5 test -s mutual.port
mutual=127.0.0.1:$(cat mutual.port)
run "$driver" --ca-file tls/ca.pem has "$mutual/repo" "$digest"
expect_status 6
run "$driver" --ca-file tls/ca.pem --cert tls/client.cert --key tls/client.key has "$mutual/repo" "$digest"
expect_out_is yes
mkdir -p "$HOME/.config/containers/certs.d/$mutual"
cp tls/ca.pem "$HOME/.config/containers/certs.d/$mutual/ca.crt"
cp tls/client.cert "$HOME/.config/containers/certs.d/$mutual/client.cert"
run "$driver" has "$mutual/repo" "$digest"
[ "$status" != 0 ] || fail "went well without the key"
expect_err 'client.key'
cp tls/client.key "$HOME/.config/containers/certs.d/$mutual/client.key"
run "$driver" has "$mutual/repo" "$digest"
expect_out_is yes

finish
