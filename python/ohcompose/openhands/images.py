# SPDX-License-Identifier: Apache-2.0
"""build_all_images of OpenHands' benchmarks: one bake."""

from __future__ import annotations

import importlib
import logging
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, TextIO, Tuple

from .. import commands, errors
from ..results import Baked
from . import settings, theirs
from .output import BuildOutput, as_dict, as_line, output_of

logger = logging.getLogger("ohcompose.openhands")

DEFAULT_IMAGE = os.environ.get("OPENHANDS_EVAL_AGENT_SERVER_IMAGE", "ghcr.io/openhands/eval-agent-server")

# A registry that gave up may answer later; what is not there, denied or wrong stays so.
_WORTH_ANOTHER_TRY = (1, 6)

PostBuild = Callable[[Any, bool], Any]


def _sdk_version() -> Dict[str, str]:
    """The git names of the SDK that tags are made of: the benchmarks' own, where they are there."""
    benchmarks = theirs.module(theirs.BENCHMARKS_BUILD)
    if not hasattr(benchmarks, "_get_sdk_submodule_info"):
        return {}
    ref, sha, version = benchmarks._get_sdk_submodule_info()
    return {"git_ref": ref, "git_sha": sha, "sdk_version": version}


class _Job:
    """One base of the call: its names, and how it went so far."""

    def __init__(self, base: str, names: List[str]) -> None:
        self.base = base
        self.names = names
        self.attempts = 0
        self.seconds = 0.0
        self.post_seconds = 0.0

    def to_bake(self) -> Dict[str, Any]:
        return {"base": self.base, "dest": self.names[0], "tag": settings.tags(self.names[1:])}


def _jobs(
    bases: Sequence[str], target: str, image: str, push: bool, tag_of: Optional[Callable[[str], str]]
) -> Iterator[_Job]:
    module = importlib.import_module(theirs.BUILD)
    sdk = _sdk_version()
    for base in dict.fromkeys(bases):
        opts = module.BuildOptions(
            base_image=base,
            custom_tags=tag_of(base) if tag_of else "",
            image=image,
            target=target,
            platforms=["linux/amd64"],
            push=push,
            **sdk,
        )
        yield _Job(base, settings.used().names(opts.all_tags, push))


def _finish(
    job: _Job, baked: Baked, force: bool, push: bool, post_build: Optional[PostBuild]
) -> Any:
    """The output of one try, after the caller's callback."""
    job.attempts += 1
    job.seconds += baked.seconds
    output: Any = output_of(baked, job.base, job.names, force)
    if post_build and not output.error:
        started = time.monotonic()
        output = post_build(output, push)
        job.post_seconds += time.monotonic() - started
    output.base_image = job.base
    output.attempt_count = job.attempts
    output.build_seconds = round(job.seconds, 3)
    output.post_build_seconds = round(job.post_seconds, 3)
    output.duration_seconds = round(job.seconds + job.post_seconds, 3)
    if output.error:
        output.status = "failed"
    return output


def _bake(jobs: Sequence[_Job], options: Dict[str, Any]) -> Iterator[Tuple[_Job, Baked]]:
    by_name = {job.names[0]: job for job in jobs}
    with commands.bake([job.to_bake() for job in jobs], **options) as images:
        for baked in images:
            yield by_name.pop(baked.name), baked


class _Manifest:
    """manifest.jsonl, a line for each image as it is done."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.lines: List[Dict[str, Any]] = []
        self.failures = 0

    def add(self, output: Any) -> None:
        self.file.write(as_line(output) + "\n")
        self.file.flush()
        self.lines.append(as_dict(output))
        if output.error or not output.tags:
            self.failures += 1
            logger.error("%s: %s", output.base_image, output.error)


def _summarize(build_dir: Path, manifest: _Manifest) -> None:
    """build-summary.json, which the benchmarks know how to make."""
    benchmarks = theirs.module(theirs.BENCHMARKS_MANIFEST)
    if benchmarks:
        summary = benchmarks.summarize_build_records(manifest.lines, manifest_files=1 if manifest.lines else 0)
        (build_dir / "build-summary.json").write_text(summary.model_dump_json(indent=2), encoding="utf-8")


def build_all_images(
    base_images: List[str],
    target: str,
    build_dir: Path,
    image: str = DEFAULT_IMAGE,
    push: bool = False,
    base_image_to_custom_tag_fn: Optional[Callable[[str], str]] = None,
    max_workers: int = 1,
    build_batch_size: Optional[int] = None,
    dry_run: bool = False,
    force_build: bool = False,
    max_retries: int = 3,
    post_build_fn: Optional[PostBuild] = None,
) -> int:
    """Composes an image for every base, and writes build_dir/manifest.jsonl; 0 when all are there, else 1.

    An image is made when it is not there already with the same digest, so what moved since is made again.
    With force_build none is told as skipped.  Batches are for a disk that fills; there is none to fill.
    """
    build_dir = Path(build_dir)
    build_dir.mkdir(parents=True, exist_ok=True)
    if dry_run:
        print("\n".join(base_images))
        return 0
    options = {**settings.used().push_options(target), "platform": "linux/amd64", "jobs": max_workers}
    jobs = list(_jobs(base_images, target, image, push, base_image_to_custom_tag_fn))
    with open(build_dir / "manifest.jsonl", "w", encoding="utf-8") as file:
        manifest = _Manifest(file)
        for attempt in range(1, max(max_retries, 1) + 1):
            jobs = _attempt(jobs, options, attempt < max_retries, force_build, push, post_build_fn, manifest)
            if not jobs:
                break
    _summarize(build_dir, manifest)
    return 1 if manifest.failures else 0


def _attempt(
    jobs: List[_Job],
    options: Dict[str, Any],
    may_try_again: bool,
    force: bool,
    push: bool,
    post_build: Optional[PostBuild],
    manifest: _Manifest,
) -> List[_Job]:
    """Those that another try may help; of all others the manifest has a line."""
    again: List[_Job] = []
    open_jobs = {job.base: job for job in jobs}
    try:
        for job, baked in _bake(jobs, options):
            del open_jobs[job.base]
            output = _finish(job, baked, force, push, post_build)
            worth = output.error and (not baked.failed or baked.exit in _WORTH_ANOTHER_TRY)
            if worth and may_try_again:
                again.append(job)
            else:
                manifest.add(output)
    except errors.Error as e:
        # Some faults stop all of them, as a payload that is not there.
        for job in [*open_jobs.values(), *again]:
            manifest.add(BuildOutput(base_image=job.base, tags=[], error=str(e), status="failed"))
        return []
    return again
