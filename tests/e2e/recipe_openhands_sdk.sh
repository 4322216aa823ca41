#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# OpenHands' SDK for Python on every base, in all engines (lib/agent.sh).
. "$(dirname "$0")/lib/agent.sh"

python=/opt/openhands-sdk-venv/bin/python

answers()
{
	terminal_runs $python
}

agent openhands-sdk $python -c 'import openhands.sdk, openhands.tools, ssl'
