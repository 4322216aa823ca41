# SPDX-License-Identifier: Apache-2.0
"""Puts the functions of this package in the place of OpenHands' own, for callers that are not changed."""

from __future__ import annotations

from typing import List

from . import theirs
from .build import build, build_with_telemetry
from .images import build_all_images

_PLACES = (
    (theirs.BUILD, "build", build),
    (theirs.BUILD, "build_with_telemetry", build_with_telemetry),
    (theirs.BENCHMARKS_BUILD, "build_all_images", build_all_images),
)


def plug_in() -> List[str]:
    """Replaces what is installed of them, and gives their names.

    DockerDevWorkspace and the benchmarks' build_image() look these functions up when they need them, and
    find ours; a module that took a function by name before keeps the old one, so this comes first.
    """
    done = []
    for module_name, name, ours in _PLACES:
        module = theirs.module(module_name)
        if module:
            setattr(module, name, ours)
            done.append(f"{module_name}.{name}")
    if not done:
        raise ModuleNotFoundError("neither openhands.agent_server nor OpenHands' benchmarks are installed here")
    return done
