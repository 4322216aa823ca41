#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 240
# Options for the destination reach nobody else, and those for the source neither.
# Secrets here hold the word "hush".  127.0.0.1 and localhost are two hosts.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

make_base base:1 >/dev/null
small_payload payload
start_stub
other=$STUB_OTHER

# basic USER: a registry, at both ports, that wants this user with the password "hush"
basic()
{
	stub_config "{\"auth\": {\"kind\": \"basic\", \"user\": \"$1\", \"password\": \"hush\"}}"
}

# seen PORT: the users that it was shown
seen()
{
	stub_log 'r["headers"].get("authorization") if r["port"] == '"$1"' else None' | sort -u |
		sed -n 's/^Basic //p' | while read -r pair; do
		base64 -d <<<"$pair" | cut -d: -f1
	done | tr '\n' ' '
}

# stored HOST USER: in stored.json
stored()
{
	printf '{"auths": {"%s": {"auth": "%s"}}}' "$1" "$(printf '%s:hush' "$2" | base64)" >stored.json
}

ohc()
{
	run "$OHC" "$@" -vv --progress plain
	expect_no_err hush
	expect_no_out hush
}

stub_config '{}'
ohc copy oci:base:1 "$STUB/base:1"
[ "$status" = 0 ]

t "--creds are the destination's: the base's host is shown nothing"
basic u
ohc push --creds u:hush --payload payload "$other/base:1" "$STUB/out:1"
expect_message 5 "registry '$other' refused access without credentials \(--src-creds, or ohcompose login $other\)"
expect_eq "$(seen 1)" '' "users shown to the base's host"

t "--dest-creds is another name of it"
basic u
ohc copy --dest-creds u:hush oci:base:1 "$STUB/copied:1"
expect_status 0
expect_eq "$(seen 0)" 'u ' "users shown"

t "a base with stored credentials is read with those"
basic u
stored "$other" u
ohc push --creds u:hush --authfile stored.json --payload payload "$other/base:1" "$STUB/out:1"
expect_status 0
stub_config '{"auth": {"kind": "basic", "user": "stored", "password": "hush"}}'
stored "$other" stored
ohc push --creds given:hush --authfile stored.json --no-cache --payload payload "$other/base:1" "$STUB/out:2"
expect_message 5 "registry '$STUB' refused the credentials of 'given' from --creds"
expect_eq "$(seen 1)" '' "users shown to the base's host: the destination was asked first, and said no"
expect_eq "$(seen 0)" 'given ' "users shown to the destination"

t "--src-creds are for base and payload, and go to no destination"
basic u
ohc push --no-check --src-creds u:hush --no-cache --payload "$other/base:1:/bin" "$other/base:1" "$STUB/out:3"
expect_message 5 "registry '$STUB' refused access without credentials"
expect_eq "$(seen 0)" '' "users shown to the destination"
basic u
ohc copy --src-creds u:hush "$other/base:1" oci:read:1
expect_status 0
basic u
ohc copy --src-creds v:hush "$other/base:1" oci:read:2
expect_message 5 "the credentials of 'v' from --src-creds"

t "both"
basic u
ohc push --no-check --src-creds u:hush --creds u:hush --payload "$other/base:1:/bin" "$other/base:1" "$STUB/out:4"
expect_status 0
basic u
ohc copy --src-creds u:wrong --creds u:hush "$other/base:1" "$STUB/out:6"
expect_message 5 "registry '$other' refused the credentials of 'u' from --src-creds"
basic u
run_in "$OHC" copy --src-creds-stdin --creds-stdin "$other/base:1" "$STUB/out:5" <<<$'u:hush\r\nv:hush'
expect_message 5 "registry '$STUB' refused the credentials of 'v' from --creds"
basic u
run_in "$OHC" copy --src-creds-stdin --creds-stdin "$other/base:1" "$STUB/out:5" <<<$'v:hush\nu:hush\r'
expect_message 5 "registry '$other' refused the credentials of 'v' from --src-creds"
expect_eq "$(seen 1)" 'v ' "users shown to the source"
expect_eq "$(seen 0 | tr -d ' ' | grep -v '^u*$' || true)" '' "others shown to the destination"

t "--src-authfile and --dest-authfile"
basic u
stored "$other" u
ohc copy --src-authfile stored.json --creds u:hush "$other/base:1" "$STUB/out:6"
expect_status 0
basic u
ohc copy --dest-authfile stored.json oci:base:1 "$other/out:7"
expect_status 0
basic u
ohc copy --dest-authfile stored.json "$other/base:1" oci:read:3
expect_message 5 'refused access without credentials'

t "check: --creds for the image, --src-creds for payloads"
basic u
ohc check --creds u:hush --profile none "$STUB/base:1"
expect_status 0
basic u
ohc check --creds u:hush --profile none --payload "$other/base:1:/bin" "$STUB/base:1"
expect_message 5 "'$other'"
expect_eq "$(seen 1)" '' "users shown to the payload's host"
basic u
ohc check --creds u:hush --src-creds u:hush --profile none --payload "$other/base:1:/bin" "$STUB/base:1"
[ "$status" = 0 ] || [ "$status" = 7 ] || fail "status $status"

t "pack: --src-creds for the source"
basic u
ohc pack --creds u:hush --profile none --prefix /bin "$other/base:1" oci:packed:1
expect_message 5 "'$other'"
expect_eq "$(seen 1)" '' "users shown"
basic u
ohc pack --src-creds u:hush --profile none --prefix /bin "$other/base:1" oci:packed:1
expect_status 0

t "upgrade: --creds are for the image that is replaced, and for none that is only read"
stub_config '{}'
ohc push --no-check --payload payload oci:base:1 "$STUB/composed:1"
basic u
ohc upgrade --no-check --creds u:hush --base oci:base:1 --dest "$STUB/{image.repo}:2" "$STUB/composed:1"
expect_status 0
basic u
ohc upgrade --no-check --creds u:hush --base oci:base:1 --dest "$other/{image.repo}:2" "$STUB/composed:1"
expect_status 5
expect_err "registry '$STUB' refused access without credentials \(--src-creds"
expect_eq "$(seen 0)" '' "users shown to the image's host"
basic u
ohc upgrade --no-check --creds u:hush --base oci:base:1 --dest "oci:upgraded:{image.tag}" --repo "$STUB/composed"
expect_status 5
expect_eq "$(seen 0)" '' "users shown to the repository's host"
basic u
ohc upgrade --no-check --src-creds u:hush --base oci:base:1 --dest "oci:upgraded:{image.tag}" "$STUB/composed:1"
expect_status 0

t "credentials for a destination that is in no registry are told of"
ohc copy --creds u:hush oci:base:1 oci:nowhere:1
expect_status 0
expect_err "'--creds' is for the destination, and 'oci:nowhere:1' is in no registry: '--src-creds' is for what is read"
ohc copy --insecure oci:base:1 oci:nowhere:1
expect_err "'--insecure' is for the destination, .* '--src-insecure' is for what is read"

t "a mount between two sides of one registry, each with its own credentials"
stored "$STUB" u
basic u
ohc push --no-cache --creds u:hush --authfile stored.json --payload payload "$STUB/base:1" "$STUB/mounted:1"
expect_status 0
expect_eq "$(stub_log 'str(r["status"]) if r["method"] == "POST" and "from=base" in r["query"] else None' | sort -u)" 201

t "a mirror gets nothing of --creds or --src-creds"
basic u
ohc inspect --creds u:hush --mirror "$STUB=http://$other" "$STUB/base:1"
expect_status 0
expect_eq "$(seen 1)" '' "users shown to the mirror"
expect_err "mirror '$other' is left out"
basic u
ohc copy --src-creds u:hush --mirror "$STUB=http://$other" "$STUB/base:1" oci:read:4
expect_status 0
expect_eq "$(seen 1)" '' "users shown to the mirror"
basic u
stored "$other" u
ohc inspect --creds u:hush --authfile stored.json --mirror "$STUB=http://$other" "$STUB/base:1"
expect_eq "$(seen 0)$(seen 1)" 'u ' "users shown: the mirror its own"

t "where registries.conf says that a name lies on another host it gets nothing either"
printf '[[registry]]\nprefix = "registry.example"\nlocation = "%s"\n' "$other" >registries.conf
basic u
CONTAINERS_REGISTRIES_CONF=registries.conf ohc inspect --creds u:hush registry.example/base:1
expect_message 5 "registry '$other' refused access without credentials"
expect_eq "$(seen 1)" '' "users shown"

t "a password where none belongs is not shown"
for command in 'inspect u:hush@h.example/x' 'inspect https://u:hush@h.example/x' 'login https://u:hush@h.example' \
	'login u:hush@h.example' 'inspect --mirror h.example=https://u:hush@m.example h.example/x' \
	'inspect --mirror https://u:hush@m.example h.example/x'; do
	# shellcheck disable=SC2086
	ohc $command
	expect_status 2
done
printf '[[registry]]\nprefix = "h.example"\nlocation = "u:hush@m.example"\n' >registries.conf
CONTAINERS_REGISTRIES_CONF=registries.conf ohc inspect h.example/x
expect_status 2

t "a carriage return is no part of a password"
basic u
run_in "$OHC" inspect --creds-stdin "$STUB/base:1" <<<$'u:hush\r'
expect_status 0
for end in '\n' '\r\n' ''; do
	basic u
	rm -f login.json
	run_in "$OHC" login -u u --password-stdin --authfile login.json "$STUB" < <(printf "hush$end")
	expect_status 0
	expect_eq "$(json 'list(j["auths"].values())[0]["auth"]' login.json)" "$(printf u:hush | base64)"
done

# ---- TLS ----

have openssl || skip_all "no openssl"
plain=$STUB
stub_config '{}'
mkdir tls
make_certificate "$tmp/tls"
cat tls/cert.pem tls/ca.pem >chain.pem
start_stub --tls chain.pem tls/key.pem
stub_config '{}'
ohc copy --insecure oci:base:1 "$STUB/base:1"
[ "$status" = 0 ]

t "--insecure is the destination's, --src-insecure the source's"
ohc copy --insecure "$STUB/base:1" "$plain/tls:1"
expect_message 6 "the certificate of '$STUB' is not trusted: .*\(--src-insecure goes on without a check\)"
ohc copy --src-insecure "$STUB/base:1" "$plain/tls:1"
expect_status 0
ohc copy --src-insecure oci:base:1 "$STUB/out:1"
expect_message 6 "the certificate of '$STUB' is not trusted: .*\(--insecure goes on without a check\)"
ohc push --insecure --no-cache --payload payload "$STUB/base:1" "$STUB/out:1"
expect_message 6 "is not trusted"
ohc push --insecure --src-insecure --no-cache --payload payload "$STUB/base:1" "$STUB/out:1"
expect_status 0

t "--tls-verify=false and its relatives say the same"
ohc inspect --tls-verify=false "$STUB/base:1"
expect_status 0
for option in --tls-verify --tls-verify=true '--tls-verify=false --tls-verify' '--insecure --tls-verify'; do
	# shellcheck disable=SC2086
	ohc inspect $option "$STUB/base:1"
	expect_message 6 "is not trusted"
done
ohc copy --src-tls-verify=false --dest-tls-verify=false "$STUB/base:1" "$STUB/copy:1"
expect_status 0
ohc copy --src-tls-verify=false "$STUB/base:1" "$STUB/copy:1"
expect_message 6 "is not trusted"
ohc copy --tls-verify=no "$STUB/base:1" "$STUB/copy:1"
expect_message 2 "'--tls-verify': takes true or false, not 'no'"

t "--insecure is not for a mirror"
ohc inspect --insecure --mirror "$plain=https://$STUB" "$plain/base:1"
expect_status 0
expect_err "mirror '$STUB' is left out: .*certificate of '$STUB' is not trusted"

# realm HOST: a registry whose token server is its second port, by this name
realm()
{
	stub_config "{\"auth\": {\"kind\": \"bearer\", \"user\": \"u\", \"password\": \"hush\",
		\"realm\": \"https://$1:${STUB_OTHER##*:}/token\"}}"
}

t "--insecure is for a token server on the same host, and for no other"
realm 127.0.0.1
ohc inspect --insecure --creds u:hush "$STUB/base:1"
expect_status 0
realm localhost
ohc inspect --no-cache --insecure --creds u:hush "$STUB/base:1"
expect_message 6 "the certificate of 'localhost:[0-9]*' is not trusted"
expect_no_err -e '--insecure goes on'
expect_eq "$(stub_log 'r["path"] if r["path"] == "/token" else None')" '' "requests for a token"

t "a registry with plain http that is not on loopback: the option is named"
address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '\.') || address=''
if [ -n "$address" ]; then
	cat >forward.py <<-'END'
	import os, socket, socketserver, sys, threading
	class F(socketserver.BaseRequestHandler):
	    def handle(self):
	        up = socket.create_connection((sys.argv[2].split(":")[0], int(sys.argv[2].split(":")[1])))
	        def pump(a, b):
	            while d := a.recv(65536):
	                b.sendall(d)
	            b.shutdown(socket.SHUT_WR)
	        threading.Thread(target=pump, args=(up, self.request), daemon=True).start()
	        pump(self.request, up)
	s = socketserver.ThreadingTCPServer((sys.argv[1], 0), F)
	s.daemon_threads = True
	open("forward.new", "w").write(str(s.server_address[1]))
	os.rename("forward.new", "forward.port")
	s.serve_forever()
	END
	# forward TO: sets $far
	forward()
	{
		rm -f forward.port
		"$PYTHON" -S forward.py "$address" "$1" 2>/dev/null &
		_pids+=("$!")
		wait_for 5 test -s forward.port
		far=$address:$(cat forward.port)
	}
	forward "$plain" # answers what is no HTTP by closing the connection
	ohc inspect "$far/base:1"
	expect_message 6 "no TLS connection to '$far': .*\(if it speaks plain http: --insecure allows that\)"
	start_registry # answers 400
	forward "$REGISTRY"
	ohc copy oci:base:1 "$REGISTRY/base:1"
	ohc inspect "$far/base:1"
	expect_message 6 "'$far' speaks plain http, not https: --insecure allows that"
	ohc copy "$far/base:1" oci:far:1
	expect_message 6 "'$far' speaks plain http, not https: --insecure allows that"
	ohc copy --src-insecure "$far/base:1" oci:far:1
	expect_status 0
	ohc inspect --insecure "$far/base:1"
	expect_status 0
	printf '[[registry]]\nprefix = "%s/moved"\nlocation = "%s/here"\ninsecure = true\n' "$far" "$REGISTRY" >moved.conf
	export CONTAINERS_REGISTRIES_CONF=$tmp/moved.conf # insecure is said of where images are read
	ohc copy oci:base:1 "$far/moved/x:1"
	expect_message 6 "'$far' speaks plain http, not https: --insecure allows that"
	unset CONTAINERS_REGISTRIES_CONF
	ohc inspect --mirror "$plain=https://$far" "$plain/base:1"
	expect_err "mirror '$far' is left out: .*speaks plain http"
else
	skip "no address but loopback"
fi

# ---- client certificates ----

cat >mutual.py <<'END'
# Two TLS servers that write down whom they see; the first one wants a certificate of the client and
# redirects blobs to the second.
import http.server, os, ssl, sys, threading
def who(c):
    return dict(x[0] for x in c["subject"])["commonName"] if c else "nobody"
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        first = self.server.server_address[1] == servers[0].server_address[1]
        with open("met", "a") as f:
            f.write("%d %s\n" % (0 if first else 1, who(self.connection.getpeercert())))
        if first and "/blobs/" in self.path:
            self.send_response(307)
            self.send_header("Location", "https://127.0.0.1:%d%s" % (servers[1].server_address[1], self.path))
        else:
            self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"{}")
    do_HEAD = do_GET
    def log_message(self, *a): pass
servers = []
for mode in (ssl.CERT_REQUIRED, ssl.CERT_OPTIONAL):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain("chain.pem", "tls/key.pem")
    c.load_verify_locations("tls/ca.pem")
    c.verify_mode = mode
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
    s.socket = c.wrap_socket(s.socket, server_side=True)
    servers.append(s)
with open("mutual.new", "w") as f:
    f.write("".join("127.0.0.1:%d\n" % s.server_address[1] for s in servers))
os.rename("mutual.new", "mutual.ports")
threading.Thread(target=servers[1].serve_forever, daemon=True).start()
servers[0].serve_forever()
END
make_client_certificate tls
"$PYTHON" -S mutual.py 2>/dev/null &
_pids+=("$!")
wait_for 5 test -s mutual.ports
{ read -r first && read -r second; } <mutual.ports
empty=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
driver=$(dirname "$OHC")/tests/integration/registry_driver
certificate="--ca-file tls/ca.pem --cert tls/client.cert --key tls/client.key"

t "a client certificate is not shown to where its registry redirects"
: >met
# shellcheck disable=SC2086
run "$driver" $certificate read "$first/repo" $empty 2
expect_status 0
expect_eq "$(sort -u met | tr '\n' ' ')" "0 client 1 nobody "

t "nor to a mirror"
: >met
# shellcheck disable=SC2086
run "$driver" $certificate --mirror "$first=https://$second" has "$first/repo" $empty
run "$driver" $certificate --retry 0 --mirror "$first=https://$second" read "$first/repo" $empty 2
expect_status 0
expect_eq "$(sort -u met | tr '\n' ' ')" "0 client 1 nobody "

t "one of certs.d is shown to its host alone"
mkdir -p "$XDG_CONFIG_HOME/containers/certs.d/"{"$first","$second"}
cp tls/ca.pem "$XDG_CONFIG_HOME/containers/certs.d/$second/ca.crt"
cp tls/ca.pem "$XDG_CONFIG_HOME/containers/certs.d/$first/ca.crt"
cp tls/client.cert tls/client.key "$XDG_CONFIG_HOME/containers/certs.d/$first"
: >met
run "$driver" read "$first/repo" $empty 2
expect_status 0
expect_eq "$(sort -u met | tr '\n' ' ')" "0 client 1 nobody "

finish
