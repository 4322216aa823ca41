#!/usr/bin/env bash
# time limit: 10800
# SPDX-License-Identifier: Apache-2.0
# V1's agent server as the one file that PyInstaller makes, on every base, in a real engine: the contract as in
# recipe_agent_server.sh, and that what the server starts gets nothing of its libraries.  The payload has no Python,
# so one of another payload looks around, which is mounted.
. "$(dirname "$0")/lib/engine.sh"
. "$(dirname "$0")/lib/contract.sh"
. "$(dirname "$0")/lib/engines.sh"

[ -d "$E2E_CACHE/swe-rex" ] || skip_all "swe-rex's input, whose Python looks around, $(why swe-rex)"
e2e openhands-agent-server-binary acp vscode
start_engines
no_copies
prefix=/agent-server
program=/usr/local/bin/openhands-agent-server
entrypoint="[\"tini\", \"--\", \"$program\"]"
inspector=/swe-rex/bin/python
"$OHC" pack -q --root "$E2E_CACHE/swe-rex" "$top/layout/recipes/swe-rex/recipe.json" oci:python:1 >/dev/null
"$OHC" unpack -q oci:python:1 "$tmp/python-tree" >/dev/null
chmod 755 "$tmp"
mounts=(--mount "type=bind,src=$tmp/python-tree,dst=/swe-rex,options=rbind:ro")

# The base's own programs, as the server's children.  PyInstaller's LD_LIBRARY_PATH would give them its libraries.
server_starts_base()
{
	local programs='apk apt-get perl'

	# The base's own LD_LIBRARY_PATH gives apt-get a libstdc++ that is none.
	[ "$base" != cuda ] || programs='apk perl'
	case $base in
	empty)
		skip "it has none"
		return 0
		;;
	esac
	call /api/bash/execute_bash_command -H 'Content-Type: application/json' -d '{"timeout": 60, "command":
		"PATH=$PATH:/sbin; ls -d /etc && for p in '"$programs"'; do if command -v $p >/dev/null; then $p --version || exit; fi; done 2>&1; if [ -x /usr/bin/python3 ]; then /usr/bin/python3 -c \"import hashlib, zlib; print(0)\"; fi"}'
	expect_status 0
	expect_eq "$(json 'j["exit_code"]')" 0 "the exit status"
	out=$(json 'j["stdout"]')
	expect_out '^/etc$'
	expect_no_out 'version .* not found|symbol lookup error|cannot open shared object'
	case $base in
	bullseye | bookworm | trixie | sid)
		expect_out '^apt [0-9]'
		expect_out '^0$'
		;;
	alpine*) expect_out '^apk-tools' ;;
	esac
}

for base in $BASES; do
	on "$base" || continue
	check "config" config_is_upstreams
	check "files" files_are_upstreams
	editor=$(closed_port)
	start_server "$(closed_port)" tini -- $program --host 127.0.0.1 --port PORT
	check "server answers" server_answers /alive /health /ready /server_info
	check "command through its API" api_runs_command
	check "base's programs, by the server" server_starts_base
	check "VS Code" editor_answers
	check "tini" tini_reaps
	check "ACP providers" providers_answer
	check "tmux session" tmux_opens_session
	check "Chromium renders" chromium_renders
	check "git" git_clones
	check "ripgrep" ripgrep_finds
	check "base's programs" base_runs
	check "SIGTERM" tini_ends
	stop_server
	! has_engines "$base" || serves='10001 /' serves_in_engines 'chromium --version && claude --version &&
		/openhands/.openvscode-server/bin/openvscode-server --version' \
		tini -- $program --host 127.0.0.1 --port PORT
	payload=${payloads[0]}
	! has_engines "$base" || serves_in_volumes 'oh-chromium --version' \
		$prefix/bin/openhands-agent-server --host 127.0.0.1 --port PORT
	done_with_base
done
finish
