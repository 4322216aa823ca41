# SPDX-License-Identifier: Apache-2.0
"""What OpenHands' signatures have no parameter for."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence

# The targets that have an agent server in them, and the profile of each.
PROFILES = {
    "binary": "agent-server-binary",
    "binary-minimal": "agent-server-binary",
    "source": "agent-server",
    "source-minimal": "agent-server",
}


def tags(names: Sequence[str]) -> List[str]:
    """The tags of images' names."""
    return [name.rpartition(":")[2] for name in names]


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where a member is left out, a variable of the environment says it:

    payloads    OHCOMPOSE_PAYLOAD_SOURCE_MINIMAL, OHCOMPOSE_PAYLOAD_SOURCE, OHCOMPOSE_PAYLOAD (likewise
                _BINARY): the payload by target ("source-minimal"), family ("source") or for all (""),
                or several with blanks between: the server, and what goes beside it
    profile     OHCOMPOSE_PROFILE: what push applies; by default what fits the target
    repository  OHCOMPOSE_REPOSITORY: where images go that a caller would load into docker's own store:
                a repository (localhost:5000/agent-server) or a layout (oci:DIR)
    options     OHCOMPOSE_OPTIONS, as JSON: further options of push
    """

    payloads: Optional[Mapping[str, str]] = None
    profile: Optional[str] = None
    repository: Optional[str] = None
    options: Optional[Mapping[str, Any]] = None

    def payloads_for(self, target: str) -> List[str]:
        if target not in PROFILES:
            raise ValueError(
                f"target '{target}' has no agent server in it and cannot be composed; "
                f"take one of {', '.join(PROFILES)}"
            )
        given = self.payloads or {}
        family = target.partition("-")[0]
        names = (target, family, "")
        for name in names:
            if name in given:
                return given[name].split()
        for name in names:
            variable = "_".join(["OHCOMPOSE_PAYLOAD", *name.upper().split("-")]).rstrip("_")
            if os.environ.get(variable):
                return os.environ[variable].split()
        raise ValueError(
            f"there is no payload for target '{target}'; name one that 'ohcompose pack' made in OHCOMPOSE_PAYLOAD"
        )

    def profile_for(self, target: str) -> str:
        return self.profile or os.environ.get("OHCOMPOSE_PROFILE") or PROFILES[target]

    def push_options(self, target: str) -> Dict[str, Any]:
        """Of every image for this target."""
        text = os.environ.get("OHCOMPOSE_OPTIONS")
        options = dict(self.options if self.options is not None else json.loads(text or "{}"))
        return {"payload": self.payloads_for(target), "profile": self.profile_for(target), **options}

    def names(self, names: Sequence[str], push: bool) -> List[str]:
        """Where an image with these names goes.  What is not pushed would be in docker's store; here it
        gets the same tags in `repository`."""
        if push:
            return list(names)
        return [f"{self.destination()}:{tag}" for tag in tags(names)]

    def destination(self) -> str:
        repository = self.repository or os.environ.get("OHCOMPOSE_REPOSITORY")
        if not repository:
            raise ValueError(
                "without push the image would go into docker's own store, and there is no docker; push it, or "
                "name a repository (localhost:5000/agent-server) or a layout (oci:DIR) in OHCOMPOSE_REPOSITORY"
            )
        return repository


_used = Settings()


def use(settings: Settings) -> None:
    """The settings of all calls from now on."""
    global _used
    _used = settings


def used() -> Settings:
    return _used


def will_push(push: Optional[bool]) -> bool:
    """None is "in CI", as OpenHands' SDK sees it."""
    if push is not None:
        return push
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    return in_ci or bool(os.environ.get("GITHUB_ACTIONS"))
