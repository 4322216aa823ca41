#!/usr/bin/env bash
# time limit: 5400
# SPDX-License-Identifier: Apache-2.0
# Agents of other people, each with a profile of its own (layout/recipes/README.md), on every base.  They are small,
# so each image is started by all engines.
. "$(dirname "$0")/lib/engine.sh"
. "$(dirname "$0")/lib/engines.sh"

# says PATTERN CMD...: a program answers, in its workspace
says()
{
	in_image "${@:2}"
	expect_status 0
	expect_out "$1"
}

# speaks_acp NAME CMD...: ACP's handshake, by the engine's standard input
speaks_acp()
{
	run timeout -k 5 120 bash -c '(echo "$1"; sleep 30) | "${@:2}"' bash \
		'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":1,"clientCapabilities":{}}}' \
		ctr --address "$tmp/.lib/containerd/sock" run --rm --net-host "${offline[@]}" \
		--snapshotter "$_snapshotter" "$image" "c$$-$((++_containers))" "${@:2}"
	expect_out "\"name\": ?\"$1"
}

is_at_home()
{
	in_image "$prefix/bin/bash" -c 'echo $BASHPID; echo "$PWD $HOME $UID"; cd /workspace && : >x && echo wrote
		export -p'
	expect_status 0
	expect_out "^/workspace /home/[a-z]+ (1000|10001)\$"
	expect_out '^wrote$'
	expect_no_ld
	[ "$base" = empty ] || {
		in_image /bin/sh -c 'ls -d /etc && cat /etc/passwd'
		expect_status 0
	}
}

claude_code()
{
	says '\(Claude Code\)$' claude --version
	in_image claude -p hello
	expect_out 'Not logged in'
}

codex()
{
	says '^codex-cli [0-9.]+$' codex --version
	speaks_acp @agentclientprotocol/codex-acp codex-acp
}

gemini_cli()
{
	says '^[0-9.]+$' gemini --version
	speaks_acp gemini-cli gemini --acp
}

openhands_sdk()
{
	terminal_runs "$prefix/bin/python"
}

# Its server, as a deployment of SWE-agent's starts it: a session keeps what a command has set.
swe_rex()
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

started=
for agent in ${E2E_AGENTS:-claude-code codex gemini-cli openhands-sdk swe-rex}; do
	if [ -z "$started" ]; then
		started=yes
		e2e "$agent"
		start_engines
	elif [ ! -d "$E2E_CACHE/$agent" ]; then
		t "$agent"
		skip "$agent's input $(why "$agent")"
		continue
	else
		pack_all "$agent" || continue
	fi
	prefix=$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["prefix"])' \
		"$top/layout/recipes/$agent/recipe.json")
	case $agent in
	claude-code) program=(claude --version) ;;
	gemini-cli) program=(gemini --version) ;;
	codex) program=(codex --version) ;;
	openhands-sdk) program=("$prefix/bin/python" -c 'import openhands.sdk, openhands.tools, ssl') ;;
	swe-rex) program=(swerex-remote --help) ;;
	esac
	push_options=(--profile "$top/layout/recipes/$agent/profile.json")
	for base in $BASES; do
		on "$base" || continue
		check "it runs" "${agent//-/_}"
		check "account, workspace, base" is_at_home
		in_engines '^runs [0-9]+ /workspace' "$prefix/bin/bash" -c \
			'"$@" >&2 && echo "runs $UID $PWD"' bash "${program[@]}"
		! has_engines "$base" || in_volumes '^runs$' "$prefix/bin/bash" -c '"$@" >&2 && echo runs' bash "${program[@]}"
		done_with_base
	done
done
finish
