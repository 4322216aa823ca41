#!/usr/bin/env bash
# time limit: 3600
# SPDX-License-Identifier: Apache-2.0
# layout/recipes/openhands-agent-server on every base, in a real engine.
. "$(dirname "$0")/lib/engine.sh"

e2e openhands-agent-server
prefix=/agent-server
python=$prefix/.venv/bin/python

for base in $BASES; do
	on "$base" || continue
	start_server "$(closed_port)" $python -m openhands.agent_server --host 127.0.0.1 --port PORT
	check "server answers" server_answers /alive /health /server_info
	check "command through its API" api_runs_command
	check "tmux session" tmux_opens_session
	check "Chromium renders" chromium_renders
	check "Python's modules" python_imports "$python" ssl sqlite3 ctypes asyncio curses readline \
		lzma bz2 zoneinfo pydantic httpx lxml.etree PIL.Image grpc cryptography openhands.tools
	check "git" git_clones
	check "ripgrep" ripgrep_finds
	check "base's programs" base_runs
	check "no LD_*" no_ld_variables "$python"
	stop_server
	done_with_base
done
finish
