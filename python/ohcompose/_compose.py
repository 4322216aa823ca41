# SPDX-License-Identifier: Apache-2.0
"""Images whose tag says of what they were composed, so that one that is there need not be made again."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Tuple

from . import commands, errors
from .options import reading
from .progress import Callback
from .results import Image, Inspection


def short(digest: str) -> str:
    """sha256:0123… in sixteen characters."""
    return digest.partition(":")[2][:16]


def composition_tag(version: str, payload: Inspection, base: Inspection) -> str:
    """Of program, payload and base: the latter two by the digests of the images for one platform, so that
    a name that moves gives another tag, and two names of one image give the same."""
    return f"oh_v{version}_{short(payload.manifest)}_{short(base.manifest)}".replace("+", "-")


def look(
    payload: str, base: str, platform: Optional[str], options: Mapping[str, Any]
) -> Tuple[Inspection, Inspection]:
    """Payload image and base, for the platform, which is by default the payload's."""
    if os.path.exists(payload):
        raise errors.UsageError(
            f"the payload '{payload}' is no image; 'ohcompose pack' makes one of it", 2
        )
    reads: Dict[str, Any] = {**reading(options), "platform": platform}
    packed = commands.inspect(payload, **reads)
    reads["platform"] = platform or packed.platform
    found = commands.inspect(base, **reads)
    for image in (packed, found):
        if platform and image.platform != platform:
            raise errors.CheckFailed(f"'{image.name}' is for {image.platform}, not for {platform}", 7)
    return packed, found


def compose(
    payload: str,
    base: str,
    repository: str,
    platform: Optional[str],
    options: Mapping[str, Any],
    progress: Optional[Callback] = None,
) -> Image:
    """REPOSITORY:oh_v…, which is made unless it is there."""
    packed, found = look(payload, base, platform, options)
    name = f"{repository}:{composition_tag(commands.version(), packed, found)}"
    all_options: Dict[str, Any] = {
        "skip_existing": True,
        **options,
        "payload": payload,
        "platform": packed.platform,
    }
    return commands.push(base, name, progress=progress, **all_options)
