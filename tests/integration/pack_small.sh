#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# This machine's Python, tmux and bash packed by a recipe, and at home on busybox and Alpine: the small
# version of tests/e2e.  In a real engine, or where there can be none, in a namespace of its own.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/e2e/lib/checks.sh"

python=/usr/bin/python3
for program in $python /usr/bin/tmux; do
	[ -x $program ] || skip_all "no $program"
done
prefix=/openhands
terminfo=/usr/share/terminfo
[ -e $terminfo/x/xterm ] || terminfo=/lib/terminfo

mkdir code
cat >code/server.py <<'EOF'
"""Says that it is alive, who and where it is, and what a shell says: PORT WORKDIR."""

import http.server
import json
import os
import subprocess
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, what):
        self.send_response(200 if what else 404)
        self.end_headers()
        self.wfile.write(json.dumps(what).encode())

    def do_GET(self):
        me = {"uid": os.getuid(), "gid": os.getgid(), "cwd": os.getcwd()}
        self.answer({"/alive": {"status": "ok"}, "/server_info": me}.get(self.path))

    def do_POST(self):
        command = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["command"]
        r = subprocess.run(command, shell=True, capture_output=True, text=True)
        self.answer({"exit_code": r.returncode, "stdout": r.stdout})

    def log_message(self, *args):
        pass


os.chdir(sys.argv[2])
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
EOF
cat >recipe.json <<EOF
{
  "profile": "openhands",
  "layers": [
    { "name": "system", "locale": true, "certificates": true,
      "copy": [ { "from": "$terminfo", "to": "share/terminfo" } ] },
    { "name": "tools",
      "programs": [ { "from": "/usr/bin/tmux", "to": "libexec/tmux" },
                    { "from": "$(command -v bash)", "to": "libexec/bash" } ] },
    { "name": "python",
      "python": { "interpreter": "$python", "exclude": [ "test/**", "__pycache__" ] } },
    { "name": "code", "copy": [ { "from": "code", "to": "code" } ] }
  ],
  "launchers": [
    { "name": "oh-action-execution-server", "program": "python/bin/python3",
      "args": [ "\$PREFIX/code/server.py", "\$@" ] }
  ]
}
EOF

start_registry
payload=$REGISTRY/payload:1

t "a recipe of this machine's Python, tmux and bash is packed"
run "$OHC" pack --json recipe.json "$payload"
expect_status 0
digest=$(json 'j["digest"]')
cp "$tmp/.lib/out" first.json

# Files that have just been written do not count as unchanged.
sleep 4
expect "$OHC" pack -q recipe.json "$payload"

t "packed again, nothing is read or sent"
run "$OHC" pack --json recipe.json "$payload"
expect_status 0
expect_eq "$(json 'j["digest"]')" "$digest"
expect_eq "$(json 'sorted({l["action"] for l in j["layers"]})')" '["kept"]' "what was done"
expect_eq "$(json 'j["bytes"]["read"]')" 0 "bytes read"

t "changed code moves the layer of the code alone"
echo '# changed' >>code/server.py
run "$OHC" pack --json recipe.json "$payload"
expect_status 0
json '[l["digest"] for l in j["layers"]]' >after
json '[l["digest"] for l in j["layers"]]' first.json >before
expect_eq "$(py -c 'import json
a, b = (json.load(open(f)) for f in ("before", "after"))
print(len(a) == len(b), sum(x != y for x, y in zip(a, b)))')" "True 1"

# in_image CMD...: as run, on the base of the case
in_namespace()
{
	run timeout -k 5 60 unshare -r env -i "PATH=$prefix/bin:/usr/bin:/bin" HOME=/tmp \
		LANG=C.UTF-8 LC_ALL=C.UTF-8 chroot "$PWD/bundle/rootfs" "$@"
}

# on BASE LAYER: composed over it, ready for in_image; fails with $_skip set where it cannot be run
on()
{
	base=$1
	t "on $base: push mounts the payload"
	make_layout "bases:$base" --layer "$2" --config "$BASE_CONFIG" >/dev/null
	put_layout "bases:$base" "$REGISTRY/$base:1"
	image=$REGISTRY/out/$base:1
	run "$OHC" push --json --payload "$payload" "$REGISTRY/$base:1" "$image"
	expect_status 0
	expect_eq "$(json 'sorted({l["action"] for l in j["layers"] if l["role"] == "payload"})')" \
		'["mounted"]' "what was done with the payload's layers"
	if [ -z "$no_engine" ]; then
		pull "$image"
		in_image() { in_container "$@"; }
	else
		have umoci && have skopeo && unshare -r true 2>/dev/null || return 1
		skopeo copy -q --src-tls-verify=false "docker://$image" "oci:outs:$base"
		umoci_unpack "outs:$base" bundle
		in_image() { in_namespace "$@"; }
	fi
	in_image /openhands/bin/bash -c 'exit 0'
	[ "$status" = 0 ] || case $err in *openhands*) ;; *) return 1 ;; esac
}

# server_lives: the image's own command, in a network namespace of its own, where 8000 is free
server_lives()
{
	if [ -n "$no_engine" ]; then
		skip "$no_engine"
		return 0
	fi
	start_image
	expect_true wait_for 30 inside curl -sf http://127.0.0.1:8000/alive
	expect inside curl -sf http://127.0.0.1:8000/server_info
	expect_eq "$(json '[j["uid"], j["gid"], j["cwd"]]')" '[1000, 1000, "/workspace"]'
	expect inside curl -sf -d '{"command": "echo $((6 * 7)); env"}' http://127.0.0.1:8000/run
	out=$(json 'j["stdout"]')
	expect_out '^42$'
	expect_no_out '^LD_'
	end_image
}

start_containerd || true
busybox_rootfs plain
alpine=$(trap - ERR; alpine_tar) || alpine=''
for layer in plain $alpine; do
	name=busybox
	[ "$layer" = plain ] || name=alpine
	if ! on $name "$layer"; then
		skip "${no_engine:-no container can be started here}"
		continue
	fi
	t "on $name: the image's command answers"
	server_lives
	t "on $name: tmux opens a session"
	tmux_opens_session
	t "on $name: Python has its modules"
	python_imports $prefix/python/bin/python3 ssl sqlite3 ctypes asyncio curses lzma bz2 zoneinfo
	t "on $name: the base's programs"
	base_runs
	t "on $name: no LD_*"
	no_ld_variables $prefix/python/bin/python3
done
finish
