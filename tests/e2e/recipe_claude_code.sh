#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# Claude Code on every base, in all engines (lib/agent.sh).
. "$(dirname "$0")/lib/agent.sh"

answers()
{
	says '\(Claude Code\)$' claude --version
	in_image claude -p hello
	expect_out 'Not logged in'
}

agent claude-code claude --version
