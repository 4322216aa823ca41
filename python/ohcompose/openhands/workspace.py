# SPDX-License-Identifier: Apache-2.0
"""A DockerWorkspace whose image is composed of a base and a payload; needs openhands-workspace."""

from __future__ import annotations

import dataclasses
from typing import Optional

from openhands.sdk.workspace import TargetType
from openhands.workspace import DockerWorkspace
from pydantic import Field

from .._compose import compose
from . import settings


class ComposedWorkspace(DockerWorkspace):  # type: ignore[misc]
    """
        with ComposedWorkspace(base_image="python:3.13", repository="localhost:5000/agent-server") as w:
            w.execute_command("ls -la")

    Docker runs the image, and pulls it from `repository`; nothing is built.  An image that is there
    already is taken as it is: its tag says program, payload and base by digest.
    """

    server_image: Optional[str] = Field(default=None, description="Not used: the image is composed.")
    base_image: str = Field(description="The image to put the agent server on.")
    target: TargetType = Field(default="source", description="Which agent server: source or binary.")
    payload: Optional[str] = Field(
        default=None, description="Payload images (ohcompose pack); default: OHCOMPOSE_PAYLOAD."
    )
    repository: Optional[str] = Field(
        default=None, description="Where the image goes; default: OHCOMPOSE_REPOSITORY."
    )

    def get_image(self) -> str:
        """Composes the image, and gives its name with its digest."""
        used = settings.used()
        if self.payload:
            used = dataclasses.replace(used, payloads={"": self.payload})
        options = used.push_options(self.target)
        repository = self.repository or used.destination()
        return compose(
            options["payload"], self.base_image, repository, self.platform, options
        ).reference
