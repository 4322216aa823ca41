# SPDX-License-Identifier: Apache-2.0
"""OpenHands' own ways of making images, without docker.

Three functions and a class with the signatures that callers of openhands-agent-server, -workspace and
OpenHands' benchmarks know; a payload image takes the place of the build:

    export OHCOMPOSE_PAYLOAD=registry.example.com/me/agent-server-payload:1
    python -m ohcompose.openhands benchmarks.swesmith.build_images --dataset … --push

runs an unchanged program with these in the place of theirs.  In a program of one's own:

    from ohcompose.openhands import ComposedWorkspace, build, build_all_images

`Settings` says what the signatures have no parameter for.  OpenHands' packages are imported only when
something of them is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .build import build, build_with_telemetry
from .images import build_all_images
from .output import BuildOutput
from .plug import plug_in
from .settings import Settings, use

if TYPE_CHECKING:
    from .workspace import ComposedWorkspace

__all__ = [
    "BuildOutput",
    "ComposedWorkspace",
    "Settings",
    "build",
    "build_all_images",
    "build_with_telemetry",
    "plug_in",
    "use",
]


def __getattr__(name: str) -> Any:
    if name == "ComposedWorkspace":
        from .workspace import ComposedWorkspace

        return ComposedWorkspace
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
