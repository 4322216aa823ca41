# SPDX-License-Identifier: Apache-2.0
"""build and build_with_telemetry of openhands.agent_server.docker.build."""

from __future__ import annotations

import dataclasses
import logging
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Dict, List

from .. import commands, errors
from ..results import Image
from . import settings

if TYPE_CHECKING:
    from openhands.agent_server.docker.build import BuildOptions, BuildResult

logger = logging.getLogger("ohcompose.openhands")


@dataclasses.dataclass
class Telemetry:
    """Their BuildTelemetry, where theirs is not there.  There is no build context and no cache to be
    imported: what is said is the time of all of it, and how many layers were there already."""

    build_context_seconds: float = 0.0
    buildx_wall_clock_seconds: float = 0.0
    cleanup_seconds: float = 0.0
    cache_import_seconds: float = 0.0
    cache_import_miss_count: int = 0
    cache_export_seconds: float = 0.0
    image_export_seconds: float = 0.0
    push_layers_seconds: float = 0.0
    export_manifest_seconds: float = 0.0
    cached_step_count: int = 0


@dataclasses.dataclass
class Result:
    """Their BuildResult, where theirs is not there."""

    tags: List[str]
    telemetry: Telemetry


class CommandError(subprocess.CalledProcessError):
    """Their BuildCommandError, where theirs is not there."""

    def __init__(self, returncode: int, cmd: List[str], *, output: str, stderr: str, telemetry: Any) -> None:
        super().__init__(returncode, cmd, output=output, stderr=stderr)
        self.telemetry = telemetry


def _theirs(opts: BuildOptions, name: str, ours: Any) -> Any:
    """The class of that name in the module that the options are from."""
    return getattr(sys.modules.get(type(opts).__module__), name, ours)


def _platforms(opts: BuildOptions) -> List[str]:
    return list(getattr(opts, "platforms", None) or ["linux/amd64"])


def _options(opts: BuildOptions) -> Dict[str, Any]:
    options = settings.used().push_options(opts.target)
    env = {"OPENHANDS_BUILD_GIT_SHA": opts.git_sha, "OPENHANDS_BUILD_GIT_REF": opts.git_ref}
    options["env"] = {**env, **options.get("env", {})}
    return options


def _push(opts: BuildOptions, names: List[str]) -> Image:
    options: Dict[str, Any] = {**_options(opts), "tag": settings.tags(names[1:])}
    platforms = _platforms(opts)
    if len(platforms) == 1:
        return commands.push(opts.base_image, names[0], platform=platforms[0], **options)
    # 'all' is what there is a payload for; that must be all that was asked for.
    for platform in platforms:
        commands.push(opts.base_image, names[0], platform=platform, dry_run=True, **options)
    return commands.push(opts.base_image, names[0], platform="all", **options)


def build_with_telemetry(opts: BuildOptions) -> BuildResult:
    """Composes the image of the options' base and target, and gives its tags.

    Their `push` decides whether it goes to the tags, or to Settings.repository.  What the options say of
    building (sdk_project_root, prebuilt_sdist, install_…) was decided when the payload was packed.
    """
    names = settings.used().names(opts.all_tags, settings.will_push(opts.push))
    started = time.monotonic()
    telemetry = _theirs(opts, "BuildTelemetry", Telemetry)()
    try:
        image = _push(opts, names)
    except errors.Error as e:
        telemetry.buildx_wall_clock_seconds = round(time.monotonic() - started, 3)
        raise _theirs(opts, "BuildCommandError", CommandError)(
            e.status, e.command, output="", stderr=str(e), telemetry=telemetry
        ) from e
    telemetry.buildx_wall_clock_seconds = round(time.monotonic() - started, 3)
    telemetry.cached_step_count = sum(layer.action in ("kept", "mounted") for layer in image.layers)
    logger.info("composed %s@%s", names[0], image.digest)
    result: BuildResult = _theirs(opts, "BuildResult", Result)(tags=names, telemetry=telemetry)
    return result


def build(opts: BuildOptions) -> List[str]:
    """Composes the image of the options' base and target, and gives its tags."""
    return list(build_with_telemetry(opts).tags)
