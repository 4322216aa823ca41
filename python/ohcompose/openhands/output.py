# SPDX-License-Identifier: Apache-2.0
"""The lines of manifest.jsonl, as OpenHands' benchmarks write and read them."""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any, Dict, List, Optional

from ..results import Baked


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


@dataclasses.dataclass
class BuildOutput:
    """Their BuildOutput, member by member.  What buildx alone could tell (sdk_…) is None; the time of a
    retried image is the sum of its tries."""

    base_image: str
    tags: List[str]
    time: str = dataclasses.field(default_factory=now)
    error: Optional[str] = None
    log_path: Optional[str] = None
    status: str = "built"
    skip_reason: Optional[str] = None
    attempt_count: int = 1
    started_at: Optional[str] = None
    finished_at: Optional[str] = None
    duration_seconds: Optional[float] = None
    remote_check_seconds: Optional[float] = None
    build_seconds: Optional[float] = None
    post_build_seconds: Optional[float] = None
    sdk_build_context_seconds: Optional[float] = None
    sdk_buildx_wall_clock_seconds: Optional[float] = None
    sdk_cleanup_seconds: Optional[float] = None
    sdk_cache_import_seconds: Optional[float] = None
    sdk_cache_import_miss_count: Optional[int] = None
    sdk_cache_export_seconds: Optional[float] = None
    sdk_image_export_seconds: Optional[float] = None
    sdk_push_layers_seconds: Optional[float] = None
    sdk_export_manifest_seconds: Optional[float] = None
    sdk_cached_step_count: Optional[int] = None


# A callback may give back a line of theirs; the order of the line's members is theirs in any case.
_FIRST = ("time", "base_image", "tags")
MEMBERS = [*_FIRST, *(f.name for f in dataclasses.fields(BuildOutput) if f.name not in _FIRST)]


def as_dict(output: Any) -> Dict[str, Any]:
    return {name: getattr(output, name, None) for name in MEMBERS}


def as_line(output: Any) -> str:
    return json.dumps(as_dict(output), separators=(",", ":"), ensure_ascii=False)


def output_of(baked: Baked, base: str, names: List[str], force: bool) -> BuildOutput:
    """What an image of a bake is in their words."""
    output = BuildOutput(base_image=base, tags=[] if baked.failed else names, error=baked.error)
    output.build_seconds = output.duration_seconds = round(baked.seconds, 3)
    output.remote_check_seconds = output.post_build_seconds = 0.0
    output.finished_at = output.time
    finished = datetime.datetime.fromisoformat(output.time)
    output.started_at = (finished - datetime.timedelta(seconds=baked.seconds)).isoformat()
    if baked.failed:
        output.status = "failed"
    elif baked.state == "there" and not force:
        output.status = "skipped_remote_exists"
        output.skip_reason = "remote_image_exists"
    return output
