# SPDX-License-Identifier: Apache-2.0
"""Puts the functions of this package in the place of OpenHands' own, for callers that are not changed."""

from __future__ import annotations

import importlib
from typing import List

from .build import build, build_with_telemetry
from .images import build_all_images

_PLACES = (
    ("openhands.agent_server.docker.build", "build", build),
    ("openhands.agent_server.docker.build", "build_with_telemetry", build_with_telemetry),
    ("benchmarks.utils.build_utils", "build_all_images", build_all_images),
)


def plug_in() -> List[str]:
    """Replaces what is installed of them, and gives their names.

    DockerDevWorkspace and the benchmarks' build_image() look these functions up when they need them, and
    find ours; a module that took a function by name before keeps the old one, so this comes first.
    """
    done = []
    for module_name, name, ours in _PLACES:
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as e:
            if e.name and module_name.startswith(e.name):
                continue
            raise
        setattr(module, name, ours)
        done.append(f"{module_name}.{name}")
    if not done:
        raise ModuleNotFoundError("neither openhands.agent_server nor OpenHands' benchmarks are installed here")
    return done
