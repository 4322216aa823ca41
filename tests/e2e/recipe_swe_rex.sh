#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# SWE-ReX, the server of SWE-agent, on every base, in all engines (lib/agent.sh).
. "$(dirname "$0")/lib/agent.sh"

# As a deployment of SWE-agent's starts it: a session keeps what a command has set.
answers()
{
	local key=(-H 'X-API-Key: secret' -H 'Content-Type: application/json')

	start_command "$(closed_port)" swerex-remote --auth-token secret --host 127.0.0.1 --port PORT
	wait_for 60 curl -sf "${key[@]}" "http://127.0.0.1:$port/is_alive" || fail "the server does not answer"
	call /create_session "${key[@]}" -d '{"session_type": "bash"}'
	expect_status 0
	call /run_in_session "${key[@]}" -d '{"action_type": "bash", "command": "x=6", "check": "raise"}'
	expect_status 0
	call /run_in_session "${key[@]}" -d '{"action_type": "bash", "command": "echo $((x * 7))", "check": "raise"}'
	expect_eq "$(json 'j["output"].strip()')" 42 "what the session says"
	stop_server
}

agent swe-rex swerex-remote --help
