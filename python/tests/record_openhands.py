#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints, as JSON, what this package takes over from OpenHands' packages: signatures and fields.

tests/e2e/python_openhands.sh compares it with openhands.json, which the quick tests work with.  It is
started in a folder that looks like OpenHands' workspace, because importing the module asks for one.
"""

import inspect
import json
import sys


def parameters(function):
    return [
        name if p.default is p.empty else f"{name}={p.default!r}"
        for name, p in inspect.signature(function).parameters.items()
    ]


def main():
    from openhands.agent_server.docker import build
    from openhands.workspace import DockerWorkspace

    recorded = {
        "openhands.agent_server.docker.build": {
            "build": parameters(build.build),
            "build_with_telemetry": parameters(build.build_with_telemetry),
            "BuildOptions": sorted(build.BuildOptions.model_fields),
            "BuildTelemetry": sorted(build.BuildTelemetry.model_fields),
            "BuildResult": sorted(build.BuildResult.model_fields),
            "BuildCommandError": parameters(build.BuildCommandError),
        },
        "openhands.workspace": {
            "DockerWorkspace.get_image": parameters(DockerWorkspace.get_image),
            "DockerWorkspace": sorted(DockerWorkspace.model_fields),
        },
    }
    json.dump(recorded, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
