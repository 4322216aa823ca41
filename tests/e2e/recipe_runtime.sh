#!/usr/bin/env bash
# time limit: 3600
# SPDX-License-Identifier: Apache-2.0
# layout/recipes/openhands-runtime on every base, in a real engine.
. "$(dirname "$0")/lib/engine.sh"
. "$(dirname "$0")/lib/engines.sh"

e2e openhands-runtime
start_engines
prefix=/openhands
python=$prefix/poetry/openhands-ai-py3.13/bin/python

start_v0()
{
	start_command "$(closed_port)" /openhands/micromamba/bin/micromamba run -n openhands poetry run \
		python -u -m openhands.runtime.action_execution_server PORT --working-dir /workspace \
		--plugins agent_skills jupyter --username openhands --user-id 1000
}

for base in $BASES; do
	on "$base" || continue
	start_server "$(closed_port)" "$prefix/bin/oh-action-execution-server" PORT /workspace
	check "server answers" server_answers /alive /server_info
	check "command through its API" v0_runs_command
	check "files through its API" v0_moves_files
	check "tmux session" tmux_opens_session
	check "Chromium renders" chromium_renders
	check "Playwright drives it" playwright_renders
	check "Python's modules" python_imports "$python" ssl sqlite3 ctypes asyncio curses readline \
		lzma bz2 zoneinfo pydantic httpx lxml.etree PIL.Image grpc cryptography numpy \
		openhands.runtime
	check "git" git_clones
	check "ripgrep" ripgrep_finds
	check "base's programs" base_runs
	check "no LD_*" no_ld_variables "$python"
	stop_server
	start_v0
	check "V0's own command" server_answers /alive /server_info
	check "IPython through its API" v0_runs_ipython 1000
	stop_server
	! has_engines "$base" || serves='1000 /workspace' serves_in_engines 'oh-chromium --version' \
		"$prefix/bin/oh-action-execution-server" PORT /workspace
	done_with_base
done
finish
