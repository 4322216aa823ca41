# SPDX-License-Identifier: Apache-2.0
"""Images whose tag says of what they were composed, so that one that is there need not be made again."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import commands, errors
from .options import reading
from .progress import Callback
from .results import Image, Inspection


def short(images: Sequence[Inspection]) -> str:
    """Sixteen characters of an image's digest, or of all of them."""
    digests = [image.manifest.partition(":")[2] for image in images]
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return whole[:16]


def composition_tag(version: str, payloads: Sequence[Inspection], base: Inspection) -> str:
    """Of program, payloads and base: the latter by the digests of the images for one platform, so that
    a name that moves gives another tag, and two names of one image give the same."""
    return f"oh_v{version}_{short(payloads)}_{short([base])}".replace("+", "-")


def image_of(payload: str) -> str:
    """The image that [OS/ARCH=]SRC[:/TARGET] names; of oci:/DIR the path is no target."""
    payload = re.sub(r"^[a-z0-9]+/[a-z0-9/]+=", "", payload)
    name, _, _ = payload.rpartition(":/")
    return payload if name in ("", "oci", "oci-archive", "docker-archive", "docker") else name


def look(
    payloads: Sequence[str], base: str, platform: Optional[str], options: Mapping[str, Any]
) -> Tuple[List[Inspection], Inspection]:
    """Payload images and base, for the platform, which is by default the first payload's."""
    reads: Dict[str, Any] = {**reading(options), "platform": platform}
    packed: List[Inspection] = []
    for payload in payloads:
        image = image_of(payload)
        if os.path.exists(image):
            raise errors.UsageError(f"the payload '{payload}' is no image; 'ohcompose pack' makes one of it", 2)
        packed.append(commands.inspect(image, **reads))
        reads["platform"] = platform or packed[0].platform
    found = commands.inspect(base, **reads)
    for seen in (*packed, found):
        if platform and seen.platform != platform:
            raise errors.CheckFailed(f"'{seen.name}' is for {seen.platform}, not for {platform}", 7)
    return packed, found


def compose(
    payloads: Sequence[str],
    base: str,
    repository: str,
    platform: Optional[str],
    options: Mapping[str, Any],
    progress: Optional[Callback] = None,
) -> Image:
    """REPOSITORY:oh_v…, which is made unless it is there."""
    packed, found = look(payloads, base, platform, options)
    name = f"{repository}:{composition_tag(commands.version(), packed, found)}"
    all_options: Dict[str, Any] = {
        "skip_existing": True,
        **options,
        "payload": payloads,
        "platform": packed[0].platform,
    }
    return commands.push(base, name, progress=progress, **all_options)
