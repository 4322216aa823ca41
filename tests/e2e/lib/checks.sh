# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Checks of a composed image.  Each of these is for `check` (engine.sh): it fails the open case,
# or skips it, when it is not so.

# A script may set $inspector, the Python that looks around in an image, and $mounts, options of ctr by which it
# comes there: not every payload has one.
mounts=()

# The model prices that LiteLLM brings along will do: no test waits for a network.
offline=(--env LITELLM_LOCAL_MODEL_COST_MAP=True)

# start_server PORT ARG...: as start_command; the image's own command must be what ARG... begins with
start_server()
{
	local begins

	begins=$(image config "$image" | _json '" ".join((j["config"].get("Entrypoint") or []) +
		(j["config"].get("Cmd") or [])[:1])')
	[[ "${*:2} " == "$begins "* ]] || fail "the image starts '$begins'"
	start_command "$@"
}

# start_command PORT ARG...: a server as the image's own user, in its own directory.  The word PORT in it
# becomes the port, which is not that of other tests.
start_command()
{
	local command

	server=c$$-server-$base server_pid=''
	[ "${E2E_CHECKS-}" != no ] || return 0
	port=$1
	shift
	command=("${@/#PORT/$port}")
	engine run --net-host "${mounts[@]}" "${offline[@]}" \
		${editor:+--env "OH_VSCODE_PORT=$editor"} --snapshotter "$_snapshotter" "$image" "$server" \
		"${command[@]}" >"server-$base.log" 2>&1 </dev/null &
	server_pid=$!
	_pids+=("$server_pid")
}

# Where nothing waited for the server, it may not have begun yet.
stop_server()
{
	while [ -n "$server_pid" ] && kill -0 "$server_pid" 2>/dev/null; do
		engine task kill -s KILL "$server" >/dev/null 2>&1 || true
		sleep 0.2
	done
	wait "$server_pid" 2>/dev/null || true
	engine container delete "$server" >/dev/null 2>&1 || true
}

# call PATH [CURL OPTION...]: asks the server
call()
{
	local path=$1

	shift
	run curl -sS --fail-with-body --max-time 60 "$@" "http://127.0.0.1:$port$path"
}

# server_answers PATH...: each with success; it takes some seconds to start
server_answers()
{
	local user

	wait_for $limit curl -sf "http://127.0.0.1:$port$1" || {
		fail "the server does not answer"
		tail -n 20 "server-$base.log" | sed 's/^/# /'
		return 0
	}
	for path; do
		call "$path"
		expect_status 0
	done
	user=$(image config "$image" | json 'j["config"]["User"]' /dev/stdin)
	case $user in
	openhands) expect_eq "$(server_ids)" 10001:10001 "the server's user and group" ;;
	*) expect_eq "$(server_ids)" "$user" "the server's user and group" ;;
	esac
}

# server_ids: user and group of the server's process
server_ids()
{
	local pid

	pid=$(engine task list | awk -v c="$server" '$1 == c { print $2 }')
	stat -c %u:%g "/proc/$pid"
}

# expect_no_ld: no LD_ variable in $out but the base's own
expect_no_ld()
{
	[ "$base" != cuda ] || out=${out//LD_LIBRARY_PATH/}
	expect_no_out '(^|[^A-Z_])LD_'
}

# V1's way to run a command.  On an empty base a shell has but what it is itself.
api_runs_command()
{
	call /api/bash/execute_bash_command -H 'Content-Type: application/json' \
		-d '{"command": "echo $((6 * 7)); export -p", "timeout": 30}'
	expect_status 0
	expect_eq "$(json 'j["exit_code"]')" 0 "its exit status"
	out=$(json 'j["stdout"]')
	expect_out '^42$'
	expect_no_ld
}

# v0_does ACTION NAME TEXT: one action of V0's with its only argument
v0_does()
{
	call /execute_action -H 'Content-Type: application/json' -d "$("$PYTHON" -c 'import json, sys
print(json.dumps({"action": {"action": sys.argv[1], "args": {sys.argv[2]: sys.argv[3]}}}))' "$@")"
	expect_status 0
}

# v0_runs LINE COMMAND: V0's way to run a command, which prints LINE.  It reads a terminal's screen: on a busy
# machine it may see the next prompt too early.
v0_runs()
{
	local i

	for ((i = 0; i < 5; i++)); do
		v0_does run command "$2"
		expect_eq "$(json 'j["extras"]["metadata"]["exit_code"]')" 0 "its exit status"
		out=$(json 'j["content"]' | tr -d '\r')
		! grep -qx "$1" <<<"$out" || break
		sleep 2
	done
	expect_out "^$1\$"
}

v0_runs_command()
{
	v0_runs 42 'echo $((6 * 7)); export -p'
	expect_no_ld
}

# Files in and out; what it says of itself.
v0_moves_files()
{
	call /alive
	expect_out_is '{"status":"ok"}'
	echo hello >hello.txt
	call '/upload_file?destination=/workspace/up' -F file=@hello.txt
	expect_status 0
	call /list_files -H 'Content-Type: application/json' -d '{"path": "/workspace"}'
	expect_eq "$(json '"up/" in j')" true
	call /list_files -H 'Content-Type: application/json' -d '{"path": "/workspace/up"}'
	expect_out_is '["hello.txt"]'
	call '/download_files?path=/workspace/up' -o up.zip
	expect_status 0
	expect_eq "$("$PYTHON" -c 'import zipfile; print(zipfile.ZipFile("up.zip").read("hello.txt"))')" "b'hello\n'"
}

# v0_runs_ipython UID: a cell, which knows what the one before it has set, and the agent's skills.  On a busy machine
# it may miss what a cell has printed.
v0_runs_ipython()
{
	local i

	for ((i = 0; i < 5; i++)); do
		v0_cells
		! grep -qx 42 cells || break
		sleep 2
	done
	out=$(cat cells)
	expect_out '^42$'
	expect_out "^$python(3\.13)? $1\$"
	expect_out '^<function open_file at'
	expect_no_ld
}

v0_cells()
{
	local code

	for code in 'x = 6' 'print(x * 7)' 'import os, sys; print(sys.executable, os.getuid())' \
		'from openhands.runtime.plugins.agent_skills.agentskills import *; print(open_file)' \
		'print(*(k for k in os.environ if k.startswith("LD_")))'; do
		v0_does run_ipython code "$code"
		expect_eq "$(json 'j["observation"]')" run_ipython "what came of '$code'"
		json 'j["content"]'
	done >cells
}

tmux_opens_session()
{
	in_image "${inspector:-$prefix/bin/oh-python}" -c '
import os, subprocess, sys, time

def tmux(*args):
    return subprocess.run([sys.argv[1], *args], check=True, capture_output=True, text=True).stdout

tmux("new-session", "-d", "-s", "s", "-x", "80", "-y", "24")
tmux("send-keys", "-t", "s", "echo $((6 * 7)) \"<$LD_LIBRARY_PATH$LD_PRELOAD>\"", "Enter")
for i in range(100):
    screen = tmux("capture-pane", "-p", "-t", "s")
    if "42 <%s>" % os.environ.get("LD_LIBRARY_PATH", "") in screen:
        break
    time.sleep(0.1)
print(screen)
print(tmux("list-sessions"))
tmux("kill-server")' "$prefix/bin/oh-tmux"
	expect_status 0
	expect_out '^42 <(/usr/local/cuda/lib64)?>$'
	expect_out '^s: 1 windows'
}

# terminal_runs PYTHON: a command in the terminal of OpenHands' SDK, which clears the screen by the program clear
terminal_runs()
{
	in_image "$1" -c '
from openhands.sdk import Agent, Conversation, LLM, Tool
from openhands.tools.terminal import TerminalAction, TerminalTool
from openhands.tools.terminal.impl import TerminalExecutor

e = TerminalExecutor(working_dir="/workspace")
print(e(TerminalAction(command="echo $((6 * 7)) $PWD")).text.splitlines()[0])
e.close()'
	expect_status 0
	expect_out '^42 .*/workspace'
}

chromium_renders()
{
	in_image "${inspector:-$prefix/bin/oh-python}" -c '
import subprocess, sys, tempfile

page = tempfile.mkdtemp() + "/page.html"
with open(page, "w") as f:
    f.write("<p id=a>before</p><script>let e = document.getElementById(\"a\");"
            "e.textContent = \"after \" + 6 * 7 + (e.offsetHeight > 5 ? \" with text\" : \"\")</script>")
sys.exit(subprocess.run([sys.argv[1], "--headless", "--dump-dom", "file://" + page]).returncode)' \
		"$prefix/bin/oh-chromium"
	expect_status 0
	expect_out '<p id="a">after 42 with text</p>'
	expect_no_err 'TextRunHarfBuzz|Fontconfig error'
}

# The browser that comes with the payload is Debian's, under the names Playwright knows.
playwright_renders()
{
	in_image "$prefix/bin/oh-playwright" --version
	expect_status 0
	in_image "$prefix/bin/oh-python" -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    browser = p.chromium.launch()
    page = browser.new_page()
    page.set_content("<p id=a>before</p><script>a.textContent = `after ${6 * 7}`</script>")
    print(page.inner_text("p"))
    browser.close()'
	expect_status 0
	expect_out '^after 42$'
}

# python_imports PYTHON MODULE...: PYTHON, and the launcher, have these
python_imports()
{
	local python=$1 modules

	shift
	modules=$(printf ', %s' "$@")
	for p in "$python" "$prefix/bin/oh-python"; do
		in_image "$p" -c "import ${modules#, }, os, pwd, socket, sys
print(sys.prefix, sys.getfilesystemencoding(), 'é'.encode())
print(ssl.create_default_context().cert_store_stats()['x509_ca'])
print(pwd.getpwuid(os.getuid()).pw_name)
print(socket.getaddrinfo('localhost' if os.path.exists('/etc/hosts') else '127.0.0.1', 80)[0][4][0])"
		expect_status 0
		expect_out "^/[^ ]* utf-8 b'.xc3.xa9'"
		expect_out '^(openhands|root)$'
		expect_out '^(127\.0\.0\.1|::1)$'
	done
	# Where the base has no certificates the launcher names the payload's.
	expect_out '^[1-9][0-9]+$'
}

git_clones()
{
	in_image "${inspector:-$prefix/bin/oh-python}" -c '
import os, subprocess, sys, tempfile

def git(*args):
    subprocess.run([sys.argv[1], *args], check=True)

d = tempfile.mkdtemp()
git("init", "-q", d + "/a")
git("-C", d + "/a", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first")
git("clone", "-q", "file://" + d + "/a", d + "/b")
git("-C", d + "/b", "log", "--format=%s")
print(os.path.exists(d + "/b/.git/info/exclude"))
r = subprocess.run([sys.argv[1], "ls-remote", "https://127.0.0.1:1/x"], capture_output=True, text=True)
print(r.stderr)' "$prefix/bin/git"
	expect_status 0
	expect_out '^first$'
	expect_out '^True$' # templates were found
	expect_out "unable to access 'https://127.0.0.1:1/x"
}

ripgrep_finds()
{
	in_image "$prefix/bin/rg" -l -F root:x /etc/passwd
	[ "$base" = empty ] || expect_status 0
	in_image "$prefix/bin/rg" --pcre2 --version
	expect_status 0
}

# base_runs: the base's own programs, started by the engine and by the payload
base_runs()
{
	case $base in
	empty)
		skip "it has none"
		return 0
		;;
	esac
	in_image /bin/sh -c 'PATH=$PATH:/sbin; ls -d /etc && cat /etc/os-release && for p in python3 apk perl bash; do
		if command -v $p >/dev/null && [ "$(command -v $p | cut -c1-5)" != "'"${prefix:0:5}"'" ]; then
			$p --version || exit 1
		fi
	done'
	expect_status 0
	expect_out '^/etc$'
	case $base in
	bullseye | bookworm | trixie | sid)
		expect_out '^Python 3\.'
		in_image /usr/bin/python3 -c 'import zlib, subprocess
print(subprocess.run(["/bin/ls", "-d", "/etc"], capture_output=True, text=True, check=True).stdout)'
		expect_status 0
		;;
	alpine*) expect_out '^apk-tools' ;;
	esac
	in_image "${inspector:-$prefix/bin/oh-python}" -c 'import subprocess
subprocess.run(["/bin/sh", "-c", "ls -d /etc && cat /etc/passwd >/dev/null"], check=True)'
	expect_status 0
	expect_out '^/etc$'
}

# no_ld_variables PYTHON: neither the payload's processes nor the children of any see one
no_ld_variables()
{
	for p in "$1" "$prefix/bin/oh-python"; do
		in_image "$p" -c 'import os, subprocess, sys
print("\n".join(k for k in os.environ))
print("end")
r = subprocess.run([sys.executable, "-c", "import os; print(\"\\n\".join(os.environ))"], check=True)'
		expect_status 0
		expect_no_ld
	done
	in_image "$prefix/bin/bash" -c 'export -p; exec "$0" -c "import os; print(list(os.environ))"' "$1"
	expect_status 0
	expect_no_ld
	[ "$base" != empty ] || return 0
	in_image /bin/sh -c 'env'
	expect_no_ld
}
