#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# Gemini CLI on every base, in all engines (lib/agent.sh).
. "$(dirname "$0")/lib/agent.sh"

answers()
{
	says '^[0-9.]+$' gemini --version
	speaks_acp gemini-cli gemini --acp
}

agent gemini-cli gemini --version
