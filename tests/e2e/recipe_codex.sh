#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# Codex on every base, in all engines (lib/agent.sh).
. "$(dirname "$0")/lib/agent.sh"

answers()
{
	says '^codex-cli [0-9.]+$' codex --version
	speaks_acp @agentclientprotocol/codex-acp codex-acp
}

agent codex codex --version
