#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# Every bad input of push: its message, its exit status, and nothing pushed or left behind.
. "$(dirname "$0")/../lib.sh"

start_registry
load_base base:1 >/dev/null
load_base many:1 --platform linux/amd64,linux/arm64/v8 >/dev/null
make_base base:1 >/dev/null
small_payload payload

no_uploads()
{
	[ "$(registry_uploads)" = 0 ]
}

forget_uploads()
{
	rm -rf "$REGISTRY_ROOT"/repositories/*/_uploads
}

# nothing_left: no image, no open session (once the registry is done with the last request), no
# temporary file
nothing_left()
{
	expect_false test -e "$REGISTRY_ROOT/repositories/out/_manifests/tags"
	if ! (trap - ERR; wait_for 2 no_uploads); then
		fail "$(registry_uploads) open upload sessions"
		forget_uploads
	fi
	expect_eq "$(find . "$TMPDIR" -name '.ohcompose-tmp*' 2>/dev/null | wc -l)" 0 \
		"temporary files"
	expect_false test -e out/index.json
	expect_false test -e digest
}

# refused STATUS PATTERN OPTIONS...: push refuses it, to a registry and to a layout
refused()
{
	local status_=$1 pattern=$2

	shift 2
	run "$OHC" push --digest-file digest "$@" "$REGISTRY/out:1"
	expect_message "$status_" "$pattern"
	nothing_left
	run "$OHC" push --digest-file digest "$@" oci:out:1
	expect_message "$status_" "$pattern"
	nothing_left
}

# ---- what would not run ----

t "no payload is for the platform"
refused 4 "there is no payload for linux/amd64, the base's platform" --platform linux/amd64 \
	--payload linux/arm64=payload "$REGISTRY/many:1"

t "an image that starts what is not there is not pushed, with a payload or without one"
mkdir hollow
command="command-missing: '/openhands/bin/oh-action-execution-server' is what the image starts"
refused 7 "$command" oci:base:1
refused 7 "$command" --payload hollow oci:base:1
refused 7 "command-missing: '/none' " --profile none --payload hollow:/x --cmd '["/none"]' oci:base:1

t "an artifact is no base"
run "$OHC" attach --type text/plain oci:base:1 - </dev/null
artifact=${out##*@}
run "$OHC" push --no-check oci:base@"$artifact" oci:out:1
expect_message 3 "'oci:base@$artifact' is no container image but an artifact"
nothing_left
# cosign, BuildKit and model registries give theirs the config of an image.
make_layout base:signature --layer payload --layer-type application/vnd.dev.cosign.simplesigning.v1+json >/dev/null
run "$OHC" push --no-check --profile none oci:base:signature oci:out:1
expect_message 3 "no container image but an artifact: none of its layers is one, the first .*simplesigning"
nothing_left
run "$OHC" check --profile none oci:base:signature
expect_message 3 "no container image but an artifact"

t "all that is wrong is told at once, and nothing twice"
run "$OHC" push --user nobodyknows --workdir /bin/sh oci:base:1 oci:out:1
expect_message 7 '\(errors: 3\).* command-missing: '
for code in user-unknown workdir-missing; do
	expect_err "cannot run: $code: "
done
expect_eq "$(grep -o 'command-missing' <<<"$err" | wc -l)" 1 "how often it is told"
nothing_left

t "the profile 'none' promises nothing of what is the base's own"
run "$OHC" push -q --profile none --cmd '["/none"]' oci:base:1 oci:out:1
expect_status 0
run "$OHC" push -q --check=warn oci:base:1 oci:out:1
expect_status 0
expect_err 'cannot run: command-missing'
run "$OHC" push -q --no-check oci:base:1 oci:out:1
expect_status 0
expect_eq "$err" '' "what is said"
rm -r out

# ---- the base ----

t "a base that does not exist"
refused 4 "$REGISTRY/nosuch:1" --payload payload "$REGISTRY/nosuch:1"
refused 4 'nosuchtag' --payload payload "$REGISTRY/base:nosuchtag"
refused 4 'nosuchdir' --payload payload oci:nosuchdir:1
refused 4 'nosuchtag' --payload payload oci:base:nosuchtag
zeros=sha256:$(printf '0%.0s' {1..64})
refused 4 "$zeros" --payload payload "$REGISTRY/base@$zeros"

t "a registry that is down"
port=$(closed_port)
refused 6 "127.0.0.1:$port" --retry 0 --payload payload "127.0.0.1:$port/base:1"
run "$OHC" push --retry 0 --payload payload oci:base:1 "127.0.0.1:$port/out:1"
expect_message 6 "127.0.0.1:$port"

t "an index without the platform: those that it has are listed"
refused 4 'linux/amd64.*linux/arm64' --platform linux/s390x --payload payload "$REGISTRY/many:1"

t "a single image of another platform than asked for"
refused '[1-7]' 'linux/(amd64|s390x)' --platform linux/s390x --payload payload "$REGISTRY/base:1"

t "malformed names"
for name in 'UPPER/case:1' 'host:port/x:y' "$REGISTRY/x:-" "$REGISTRY/" 'oci:' '' "$REGISTRY/../x:1"; do
	run "$OHC" push --payload payload "$name" oci:out:1
	expect_message 2 .
	[ -z "$name" ] || [[ $err == *"'$name'"* ]] || fail "the message does not quote '$name'"
	nothing_left
done
for digest in sha256:12 md5:d41d8cd98f00b204e9800998ecf8427e "sha256:$(printf 'A%.0s' {1..64})"; do
	run "$OHC" push --payload payload "$REGISTRY/x@$digest" oci:out:1
	expect_message 2 "'$digest'"
	nothing_left
done
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:bad tag"
expect_message '[23]' 'bad tag'
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out@$zeros"
expect_message '[123]' "$zeros"
nothing_left

t "malformed values"
refused 2 "linux" --platform linux --payload payload "$REGISTRY/base:1"
refused 2 "linux/amd64/v8/x" --platform linux/amd64/v8/x --payload payload "$REGISTRY/base:1"
refused 2 "=b" --env =b --payload payload "$REGISTRY/base:1"
refused 2 "NOEQUALS" --env NOEQUALS --payload payload "$REGISTRY/base:1"
refused 2 "relative" --workdir relative --payload payload "$REGISTRY/base:1"
refused 2 "70000" --expose 70000 --payload payload "$REGISTRY/base:1"
refused 2 "SIGNOPE" --stop-signal SIGNOPE --payload payload "$REGISTRY/base:1"
refused 2 "relative" --volume relative --payload payload "$REGISTRY/base:1"
refused 2 "abc" --owner abc --payload payload "$REGISTRY/base:1"
refused 2 "lzma" --compression lzma --payload payload "$REGISTRY/base:1"
refused 2 "99" --compression-level 99 --payload payload "$REGISTRY/base:1"
refused 2 "yesterday" --created yesterday --payload payload "$REGISTRY/base:1"
refused 2 "bad tag" --tag "bad tag" --payload payload "$REGISTRY/base:1"
refused 2 "not-json" --cmd '["not-json' --payload payload "$REGISTRY/base:1"

t "values that are no UTF-8, which no image could say"
for option in --env=A=%s --unset-env=%s --remove=/%s --user=%s --workdir=/%s --cmd=%s --label=A=%s \
	--annotation=A=%s --annotation=%s=A --volume=/%s; do
	# shellcheck disable=SC2059 # that is what it is
	refused 2 "^ohcompose: ${option%%=*}: .*not valid UTF-8" "$(printf -- "$option" $'\xff\xfe')" \
		--payload payload "$REGISTRY/base:1"
done
run "$OHC" pack --annotation $'A\xff=b' payload oci:out:1
expect_message 2 "--annotation: .*not valid UTF-8"
expect_false test -e out/index.json

t "lies of a base: sizes, digests, media types, diff IDs"
for lie in layer-size layer-digest layer-truncated config-size config-digest media-type diff-ids \
	not-json manifest-digest; do
	make_base "lie-$lie:1" --break $lie >/dev/null
	run "$OHC" push --payload payload "oci:lie-$lie:1" "$REGISTRY/out:1"
	expect_message 3 'sha256:|lie-'
	# A PUT whose body breaks off leaves a session that docker-registry lets nobody end: it
	# wants to be told the offset, and tells it to nobody.  It removes it itself after a while.
	[[ $lie != layer-* ]] || forget_uploads
	nothing_left
	run "$OHC" push --payload payload "oci:lie-$lie:1" oci:out:1
	expect_message 3 'sha256:|lie-'
	nothing_left
done
for lie in layer-missing config-missing; do
	make_base "lie-$lie:1" --break $lie >/dev/null
	run "$OHC" push --payload payload "oci:lie-$lie:1" "$REGISTRY/out:1"
	expect_message '[34]' 'sha256:'
	nothing_left
done

t "a blob that a registry sends truncated, or with a flipped bit"
load_base bad:1 --config '{"Labels": {"bad": "1"}}' --layer payload >/dev/null
layer=$(image manifest "$REGISTRY/bad:1" | json 'j["layers"][-1]["digest"]' /dev/stdin)
blob=$(registry_blob bad "$layer")
cp "$blob" whole
py -c 'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(100); b = f.read(1); f.seek(100); f.write(bytes([b[0] ^ 1]))' "$blob"
run "$OHC" push --retry 0 --payload payload "$REGISTRY/bad:1" oci:out:1
expect_message 3 "$layer"
nothing_left
head -c 1000 whole >"$blob"
run "$OHC" push --retry 0 --payload payload "$REGISTRY/bad:1" oci:out:1
expect_message '[36]' "$layer"
nothing_left
cp whole "$blob"

t "a manifest that a registry changed"
manifest=$(image digest "$REGISTRY/bad:1")
blob=$(registry_blob bad "$manifest")
sed -i 's/"schemaVersion": 2/"schemaVersion":  2/' "$blob"
run "$OHC" push --retry 0 --no-cache --payload payload "$REGISTRY/bad@$manifest" oci:out:1
expect_message 3 "$manifest"
nothing_left

t "schema 1 is refused"
make_layout old:1 --layer payload --manifest '{"schemaVersion": 1}' >/dev/null
run "$OHC" push --payload payload oci:old:1 oci:out:1
expect_message 3 .
nothing_left

# ---- the payload ----

t "a payload that does not exist, or is a file"
refused 4 'nosuchpayload' --payload ./nosuchpayload "$REGISTRY/base:1"
echo text >file
refused '[123]' "file" --payload ./file "$REGISTRY/base:1"

t "targets that no payload goes to"
for target in / /openhands/../etc relative ''; do
	run "$OHC" push --payload "payload:$target" oci:base:1 oci:out:1
	expect_message '[24]' "payload"
	nothing_left
done

t "a file that cannot be read"
cp -r payload unreadable
chmod 000 unreadable/share/data/x
if [ "$(id -u)" != 0 ]; then
	refused '[157]' "share/data/x" --payload unreadable "$REGISTRY/base:1"
elif have setpriv; then
	real=$OHC
	OHC=$tmp/as-mortal
	printf '#!/bin/sh\nexec setpriv --bounding-set -dac_override,-dac_read_search %s %s "$@"\n' \
		"--inh-caps -dac_override,-dac_read_search" "$real" >"$OHC"
	chmod 755 "$OHC"
	refused '[157]' "share/data/x" --payload unreadable "$REGISTRY/base:1"
	chmod 755 unreadable/share/data/x
	chmod 000 unreadable/share
	refused '[157]' "share" --payload unreadable "$REGISTRY/base:1"
	OHC=$real
else
	skip "root reads everything, and there is no setpriv"
fi
chmod -R u+rwX unreadable

# slow_payload DIR: the first file keeps the reader busy for a while
slow_payload()
{
	mkdir -p "$1"
	truncate -s 3G "$1/a-big-file"
	echo z >"$1/z-last"
}

# begun: the payload is on its way to the registry, so its directory has been listed
begun()
{
	[ -n "$(find "$REGISTRY_ROOT/repositories" -path '*/_uploads/*/data' -size +0)" ]
}

t "a file that grows, or one that vanishes, while it is read"
slow_payload growing
"$OHC" push --no-check --payload growing "$REGISTRY/base:1" "$REGISTRY/out:1" >out.txt 2>err.txt &
pid=$!
wait_for 20 begun
truncate -s 4G growing/a-big-file
status=0
wait $pid || status=$?
out=$(cat out.txt) err=$(cat err.txt)
expect_message 1 'a-big-file'
nothing_left
slow_payload vanishing
"$OHC" push --no-check --payload vanishing "$REGISTRY/base:1" "$REGISTRY/out:1" >out.txt 2>err.txt &
pid=$!
wait_for 20 begun
rm vanishing/z-last
status=0
wait $pid || status=$?
out=$(cat out.txt) err=$(cat err.txt)
expect_message '[14]' 'z-last'
nothing_left

# ---- the profile ----

t "a profile that is not there, is not JSON, or has a member that nobody knows"
refused '[24]' 'nosuchprofile' --profile nosuchprofile --payload payload "$REGISTRY/base:1"
refused 4 'nosuch\.json' --profile ./nosuch.json --payload payload "$REGISTRY/base:1"
printf '{\n "name": "x",\n oops\n}\n' >p.json
refused '[23]' 'p\.json.*3' --profile ./p.json --payload payload "$REGISTRY/base:1"
printf '{\n "name": "x",\n "prefxi": "/x"\n}\n' >p.json
refused '[23]' 'p\.json.*prefxi' --profile ./p.json --payload payload "$REGISTRY/base:1"
printf '{"name": "x", "config": {"env": ["A=b"]}}\n' >p.json
refused '[23]' 'p\.json.*env' --profile ./p.json --payload payload "$REGISTRY/base:1"

# ---- the destination ----

t "a destination that answers 405"
start_registry readonly
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:1"
expect_message '[15]' "$REGISTRY.*405|405.*$REGISTRY"

t "a destination that answers 401 and one that answers 403"
start_registry htpasswd
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:1"
expect_message 5 "$REGISTRY"
expect_eq "$(registry_uploads)" 0 "open upload sessions"
cat >forbid.py <<'E2'
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        n = int(self.headers.get("Content-Length", 0))
        self.rfile.read(n)
        if self.path == "/v2/":
            code, body = 200, b"{}"
        elif self.command == "HEAD":
            code, body = 404, b""
        else:
            code, body = 403, b'{"errors":[{"code":"DENIED","message":"not for you"}]}'
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_address[1], flush=True)
s.serve_forever()
E2
"$PYTHON" -S forbid.py >port.txt &
_pids+=("$!")
wait_for 10 test -s port.txt
run "$OHC" push --payload payload oci:base:1 "127.0.0.1:$(cat port.txt)/out:1"
expect_message 5 "127.0.0.1:$(cat port.txt).*"
expect_err 'not for you|DENIED|403'

t "a layout that cannot be made or written"
: >notadir
run "$OHC" push --payload payload oci:base:1 oci:notadir:1
expect_message '[1-5]' notadir
run "$OHC" push --payload payload oci:base:1 oci:notadir/sub:1
expect_message '[1-5]' notadir
mkdir notalayout && echo x >notalayout/file
run "$OHC" push --payload payload oci:base:1 oci:notalayout:1
if [ "$status" != 0 ]; then
	expect_message '[1-5]' notalayout
	expect_eq "$(ls notalayout)" file
fi

t "a full disk"
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=2m none small 2>/dev/null; then
	mkdir noise && head -c 8000000 /dev/urandom >noise/file
	run "$OHC" push --no-check --payload noise oci:base:1 oci:small/out:1
	expect_message 1 'No space left'
	expect_false test -e small/out/index.json
	expect_eq "$(find small -name '.ohcompose-tmp*' | wc -l)" 0 "temporary files"
	umount small
else
	mkdir noise && head -c 8000000 /dev/urandom >noise/file
	run bash -c "ulimit -f 1000; exec '$OHC' push --no-check --payload noise oci:base:1 oci:out:1"
	expect_message 1 'File too large'
	expect_false test -e out/index.json
	rm -rf out
fi
# A device of our own: were it replaced by a file, that should not be the machine's.
mknod full c 1 7 2>/dev/null || ln -s /dev/full full
run "$OHC" push --payload payload --digest-file full oci:base:1 oci:full-disk:1
expect_message 1 "'full'.*No space left"
expect_true test -c full
run sh -c "exec '$OHC' push --payload payload oci:base:1 oci:full-disk:2 >full"
expect_message 1 'standard output'

# ---- signals ----

start_registry
load_base base:1 >/dev/null
slow_payload slow
truncate -s 20G slow/a-big-file
# written: the payload is on its way to the layout
written()
{
	[ -n "$(find out -type f -size +100k)" ]
}
for signal in INT TERM; do
	t "SIG$signal in the middle of an upload"
	# A background job of a script ignores SIGINT, and the program rightly keeps it so.
	"$PYTHON" -S -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$OHC" push --no-check --payload slow "$REGISTRY/base:1" \
		"$REGISTRY/out:1" >out.txt 2>err.txt &
	pid=$!
	wait_for 20 begun
	kill -$signal $pid
	status=0
	wait $pid || status=$?
	out=$(cat out.txt) err=$(cat err.txt) _cmd="push, then kill -$signal"
	expect_message 130 .
	nothing_left

	t "SIG$signal in the middle of writing a layout"
	"$PYTHON" -S -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$OHC" push --no-check --payload slow "$REGISTRY/base:1" \
		oci:out:1 >out.txt 2>err.txt &
	pid=$!
	wait_for 20 written
	kill -$signal $pid
	status=0
	wait $pid || status=$?
	out=$(cat out.txt) err=$(cat err.txt)
	expect_message 130 .
	nothing_left
done

t "after all of this the next push works"
run "$OHC" push --payload payload "$REGISTRY/base:1" "$REGISTRY/out:1"
expect_status 0
run "$OHC" push --payload payload "$REGISTRY/base:1" oci:out:1
expect_status 0

finish
