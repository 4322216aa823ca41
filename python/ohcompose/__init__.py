# SPDX-License-Identifier: Apache-2.0
"""Compose OCI images without Docker: https://pypi.org/project/ohcompose

    import ohcompose

    image = ohcompose.push("alpine:3.20", "registry.example.com/me/app:1", payload="build/app")
    print(image.reference)

The package starts the program `ohcompose` and gives what it says with --json as dataclasses.
"""

from __future__ import annotations

from ._program import program
from .commands import Bake, bake, check, inspect, pack, probe, push, tags, upgrade, version
from .errors import (
    CheckFailed,
    Denied,
    Error,
    Failed,
    FormatError,
    Interrupted,
    NetworkError,
    NotFound,
    ProgramMissing,
    UsageError,
)
from .progress import Begin, End, Event, Message, Progress, Status
from .results import (
    Baked,
    Check,
    Finding,
    Image,
    Inspection,
    Layer,
    Moved,
    Probe,
    Summary,
)

__all__ = [
    "Bake",
    "Baked",
    "Begin",
    "Check",
    "CheckFailed",
    "Denied",
    "End",
    "Error",
    "Event",
    "Failed",
    "Finding",
    "FormatError",
    "Image",
    "Inspection",
    "Interrupted",
    "Layer",
    "Message",
    "Moved",
    "NetworkError",
    "NotFound",
    "Probe",
    "Progress",
    "ProgramMissing",
    "Status",
    "Summary",
    "UsageError",
    "bake",
    "check",
    "inspect",
    "pack",
    "probe",
    "program",
    "push",
    "tags",
    "upgrade",
    "version",
]
