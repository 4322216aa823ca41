# SPDX-License-Identifier: Apache-2.0
"""OpenHands' own modules, where they are installed."""

from __future__ import annotations

import importlib
from typing import Any

BUILD = "openhands.agent_server.docker.build"
BENCHMARKS_BUILD = "benchmarks.utils.build_utils"
BENCHMARKS_MANIFEST = "benchmarks.utils.build_manifest"


def module(name: str) -> Any:
    """The module of that name, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name and name.startswith(e.name):
            return None
        raise
