# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Checks of what the image of openhands-agent-server 1.58.2 has, line by line, for `check` (engine.sh): config,
# files, and what programs do.  The script that uses them sets $editor, the port of VS Code's server, $inspector
# (checks.sh) and $entrypoint, as JSON.

# The base's own variables (BASE_CONFIG) stay in front.
UPSTREAM_ENV='PATH=/usr/local/bin:/usr/bin:/bin:/agent-server/bin
ACP_NODE_DIR=/acp-node
CHROME_BIN=/usr/bin/chromium
CHROMIUM_FLAGS=--no-sandbox --disable-dev-shm-usage --disable-gpu
EDITOR=code
GIT_EDITOR=code --wait
LANG=C.UTF-8
LC_ALL=C.UTF-8
LOG_JSON=true
OH_ACP_SKILL_SOURCING=openhands_managed
OH_ENABLE_VSCODE=true
OPENHANDS_BUILD_GIT_REF=unknown
OPENHANDS_BUILD_GIT_SHA=unknown
OPENVSCODE_SERVER_ROOT=/openhands/.openvscode-server
PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium
VISUAL=code'

config_is_upstreams()
{
	local env=$UPSTREAM_ENV

	[ "$base" != cuda ] || env+=$'\nLD_LIBRARY_PATH=/usr/local/cuda/lib64'
	image config "$image" >config.json
	expect_eq "$(json '"\n".join(sorted(j["config"]["Env"]))' config.json)" "$(LC_ALL=C sort <<<"$env")"
	expect_eq "$(json 'j["config"]["Entrypoint"]' config.json)" \
		"$entrypoint"
	expect_eq "$(json 'j["config"].get("Cmd")' config.json)" null
	expect_eq "$(json 'j["config"]["User"]' config.json)" openhands
	expect_eq "$(json 'j["config"]["WorkingDir"]' config.json)" /
	expect_eq "$(json 'sorted(j["config"]["ExposedPorts"])' config.json)" '["8000/tcp"]'
	# What was built is what who composes says it is.
	run "$OHC" push -q --env OPENHANDS_BUILD_GIT_SHA=4711 --env OPENHANDS_BUILD_GIT_REF=v1 \
		"${payloads[@]/#/--payload=}" "$REGISTRY/$base:1" "${image%:*}:settable"
	expect_status 0
	expect_eq "$(image config "${image%:*}:settable" | json '"\n".join(sorted(j["config"]["Env"]))' /dev/stdin)" \
		"$(sed 's/_SHA=unknown/_SHA=4711/; s/_REF=unknown/_REF=v1/' <<<"$env" | LC_ALL=C sort)"
}

# Each of its commands has a wrapper.
WRAPPED='claude-agent-acp claude codex-acp codex gemini kimi opencode pi-acp'

# The account; what is whose; the programs that are found, and that what is root's cannot be written.
files_are_upstreams()
{
	in_image "$inspector" -c '
import grp, json, os, pwd, shutil, sys

me = pwd.getpwuid(os.getuid())
print("account", me.pw_name, me.pw_uid, me.pw_gid, grp.getgrgid(me.pw_gid).gr_name, me.pw_dir)
print("shell", me.pw_shell, os.access(me.pw_shell, os.X_OK))
print("cwd", os.getcwd())

def tell(path):
    s = os.stat(path)
    print(path, s.st_uid, s.st_gid, oct(s.st_mode & 0o777), "ours" if os.access(path, os.W_OK) else "")

for path in ["/workspace", "/workspace/project", "/home/openhands", "/acp-node", "/acp-node/bin/node",
             "/etc/claude-code/managed-settings.json", "/agent-server", "/openhands/.openvscode-server"]:
    tell(path)
print("settings", json.load(open("/etc/claude-code/managed-settings.json")))
for name in sys.argv[1:]:
    tell("/usr/local/bin/" + name)
    print("wrapper", name, open("/usr/local/bin/" + name).read().split("\n"))
for name in ["CHROME_BIN", "PUPPETEER_EXECUTABLE_PATH"]:
    print("starts", name, os.access(os.environ[name], os.X_OK))
for name in ["bash", "git", "tini", "tmux", "chromium", "claude-agent-acp", "codex-acp", "gemini"]:
    print("found", name, shutil.which(name) is not None)
print("certificates", any(map(os.path.exists, ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"])))' $WRAPPED
	expect_status 0
	for line in 'account openhands 10001 10001 openhands /home/openhands' 'shell /bin/bash True' 'cwd /' \
		'/workspace 10001 10001 0o755 ours' '/workspace/project 10001 10001 0o755 ours' \
		'/home/openhands 10001 10001 0o7[05][05] ours' '/acp-node 0 0 0o755 ' '/acp-node/bin/node 0 0 0o755 ' \
		'/etc/claude-code/managed-settings.json 0 0 0o644 ' '/agent-server 10001 10001 0o755 ours' \
		'/openhands/.openvscode-server 10001 10001 0o755 ours' \
		"settings \{'permissions': \{'allow': \['Edit', 'Read', 'Bash'\]\}\}" \
		'certificates True'; do
		expect_out "^$line\$"
	done
	for line in $WRAPPED; do
		expect_out "^/usr/local/bin/$line 0 0 0o755 \$"
		expect_out "^wrapper $line \['#!/bin/sh', 'PATH=/acp-node/bin:.PATH', 'export PATH', 'exec /acp-node/bin/$line \"..\"', ''\]\$"
	done
	expect_no_out '^(found|starts) .* False'
}

# in_server CMD...: beside the server
in_server()
{
	run engine task exec --exec-id "e$RANDOM" "$server" "$@"
}

# Whatever the server's programs leave behind is reaped by process 1, which is tini.
tini_reaps()
{
	in_server "$inspector" -c '
import os, time

def state(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "reaped"

print("process 1 is", open("/proc/1/comm").read().strip())
r, w = os.pipe()
if os.fork() == 0:
    child = os.fork()
    if child == 0:
        time.sleep(0.5)
        os._exit(0)
    os.write(w, str(child).encode())
    os._exit(0)
os.wait()
orphan = int(os.read(r, 20))
print("first", state(orphan))
time.sleep(1)
print("then", state(orphan))'
	expect_status 0
	expect_out '^process 1 is tini$'
	expect_out '^first [SR]$'
	expect_out '^then reaped$'
}

# The server ends by SIGTERM, which tini hands on.
tini_ends()
{
	local begin=$EPOCHREALTIME

	engine task kill -s TERM "$server"
	wait_for 20 eval '! engine task list | grep -q "^$server .*RUNNING"' || fail "it still runs"
	echo "# ended in $(seconds "$begin") s" >&9
}

# ACP's handshake through each provider's wrapper; Claude's opens a session, which starts Claude Code.
providers_answer()
{
	in_image "$inspector" -c '
import json, subprocess

def ask(p, n, method, **params):
    p.stdin.write(json.dumps({"jsonrpc": "2.0", "id": n, "method": method, "params": params}) + "\n")
    p.stdin.flush()
    for line in p.stdout:
        if line.startswith("{") and json.loads(line).get("id") == n:
            return json.loads(line)
    return {}

for command in (["claude-agent-acp"], ["codex-acp"], ["gemini", "--acp"], ["kimi", "acp"], ["opencode", "acp"],
                ["pi-acp"]):
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/workspace/project")
    answer = ask(p, 0, "initialize", protocolVersion=1, clientCapabilities={})
    print(command[0], answer.get("result", {}).get("agentInfo", {}).get("name"))
    if command[0] == "claude-agent-acp":
        answer = ask(p, 1, "session/new", cwd="/workspace/project", mcpServers=[])
        print("session", "sessionId" in answer.get("result", {}), answer.get("error"))
    p.kill()
for command in (["claude", "--version"], ["codex", "--version"], ["/acp-node/bin/node", "--version"]):
    print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())'
	expect_status 0
	expect_out '^claude-agent-acp @agentclientprotocol/claude-agent-acp$'
	expect_out '^codex-acp @agentclientprotocol/codex-acp$'
	expect_out '^gemini gemini-cli'
	expect_out '^kimi Kimi Code CLI$'
	expect_out '^opencode OpenCode$'
	expect_out '^pi-acp pi-acp$'
	expect_out '^session True'
	expect_out '\(Claude Code\)$'
	expect_out '^codex-cli [0-9]'
	expect_out '^v24\.'
}

# The unmodified server starts VS Code's, whose page wants the token.
editor_answers()
{
	local url

	call /api/vscode/status
	expect_status 0
	expect_eq "$(json '[j["running"], j["enabled"]]')" '[true, true]' "whether it runs"
	call "/api/vscode/url?base_url=http://127.0.0.1:$editor"
	expect_status 0
	url=$(json 'j["url"]')
	run curl -sS -o page -L -c cookies -w '%{http_code}' --max-time 60 "$url"
	expect_out_is 200
	expect_true grep -q workbench page
	run curl -sS -o /dev/null -w '%{http_code}' --max-time 60 "http://127.0.0.1:$editor/"
	expect_out_is 403
}
