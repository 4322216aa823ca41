#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# A composed image runs in a real engine: a program of the payload, as the configured user, in the
# configured directory, beside the base's own programs.  (acceptance 10)
. "$(dirname "$0")/../lib.sh"

start_containerd || skip_all "$no_engine"
start_registry
load_base base:1 >/dev/null
"$top/tests/python_payload" payload
# Its Python is started through its own loader, and could not be by itself.
"$OHC" push -q --check=warn --payload payload "$REGISTRY/base:1" "$REGISTRY/out:1" >/dev/null
image="$REGISTRY/out:1"

pull "$image"

in_container /bin/sh -c 'exit 0'
if [ "$status" != 0 ]; then
	skip_all "no container can be started here: $(tail -n 1 <<<"$err")"
fi

t "a program of the payload runs as the configured user in the configured directory"
in_container oh-python -c 'import os; print(os.getuid(), os.getgid(), os.getcwd())'
expect_status 0
expect_out_is "1000 1000 /workspace"

t "it has its own modules and libraries"
in_container oh-python -c 'import ssl, sqlite3, ctypes, asyncio, json, lzma; print(ssl.OPENSSL_VERSION)'
expect_status 0
expect_out OpenSSL

t "the base's own programs run, and see no LD_ variable"
in_container /bin/sh -c 'ls / && env'
expect_status 0
expect_out '^openhands$'
expect_no_out '^LD_'
in_container oh-python -c 'import subprocess; subprocess.run(["sh", "-c", "env; ls /"], check=True)'
expect_status 0
expect_no_out '^LD_'

t "the user can write the workspace and the payload"
in_container /bin/sh -c 'touch /workspace/x /openhands/x && ls -ldn /workspace | cut -c1-10'
expect_status 0

t "the env is the profile's"
in_container /bin/sh -c 'echo "$PATH"; echo "$LANG"; echo "$MAMBA_ROOT_PREFIX"'
expect_out '^/openhands/bin:/'
expect_out '^C\.UTF-8$'
expect_out '^/openhands/micromamba$'

# The command listens on 8000.  In a network namespace of its own that is nobody else's port.
t "the image's own command answers /alive"
expect_eq "$(json 'j["config"]["Cmd"]' <(image config "$image"))" \
	'["/openhands/bin/oh-action-execution-server", "8000", "/workspace"]'
start_image
expect_true wait_for 20 inside curl -sf http://127.0.0.1:8000/alive
expect inside curl -sf http://127.0.0.1:8000/alive
expect_out '"status": "ok"'
expect inside curl -sf http://127.0.0.1:8000/server_info
expect_eq "$(json '(j["uid"], j["gid"], j["cwd"])')" '[1000, 1000, "/workspace"]'
end_image

finish
