#!/usr/bin/env bash
# time limit: 10800
# SPDX-License-Identifier: Apache-2.0
# V1's agent server with its providers and its editor, three payloads of layout/recipes, on every base, in a
# real engine: the contract of the image of openhands-agent-server 1.58.2 (docs/openhands.md), line by line.
. "$(dirname "$0")/lib/engine.sh"
. "$(dirname "$0")/lib/contract.sh"
. "$(dirname "$0")/lib/engines.sh"

e2e openhands-agent-server acp vscode
start_engines
no_copies
prefix=/agent-server
python=$prefix/.venv/bin/python
inspector=$python
entrypoint='["tini", "--", "/agent-server/.venv/bin/python", "-m", "openhands.agent_server"]'

sessions()
{
	tmux_opens_session
	terminal_runs $python
}

for base in $BASES; do
	on "$base" || continue
	check "config" config_is_upstreams
	check "files" files_are_upstreams
	editor=$(closed_port)
	start_server "$(closed_port)" tini -- $python -m openhands.agent_server --host 127.0.0.1 --port PORT
	check "server answers" server_answers /alive /health /ready /server_info
	check "command through its API" api_runs_command
	check "VS Code" editor_answers
	check "tini" tini_reaps
	check "ACP providers" providers_answer
	check "tmux session" sessions
	check "Chromium renders" chromium_renders
	check "Python's modules" python_imports "$python" ssl sqlite3 ctypes asyncio curses readline \
		lzma bz2 zoneinfo pydantic httpx lxml.etree PIL.Image grpc cryptography openhands.tools
	check "git" git_clones
	check "ripgrep" ripgrep_finds
	check "base's programs" base_runs
	check "no LD_*" no_ld_variables "$python"
	check "SIGTERM" tini_ends
	stop_server
	! has_engines "$base" || serves='10001 /' serves_in_engines 'chromium --version && claude --version &&
		/openhands/.openvscode-server/bin/openvscode-server --version' \
		tini -- $python -m openhands.agent_server --host 127.0.0.1 --port PORT
	payload=${payloads[0]}
	! has_engines "$base" || serves_in_volumes 'oh-chromium --version' \
		$python -m openhands.agent_server --host 127.0.0.1 --port PORT
	done_with_base
done
finish
