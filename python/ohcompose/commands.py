# SPDX-License-Identifier: Apache-2.0
"""The commands, as functions.

    image = ohcompose.push("alpine:3.20", "registry.example.com/me/app:1", payload="build/app")
    print(image.reference)

Options are keywords (ohcompose.options); `progress` is a callback (ohcompose.progress).  A command that
does not succeed raises an ohcompose.Error.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from . import results
from ._run import Run, run
from .options import StrPath
from .progress import Callback

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import BakeOptions, CheckOptions, InspectOptions, PackOptions
    from .options import ProbeOptions, PushOptions, Strings, UpgradeOptions

# One image of a bake: the name of a base, or push's options with "base" and "dest".
ToBake = Union[str, Mapping[str, Any]]


def push(
    base: str, dest: str, *, progress: Optional[Callback] = None, **options: Unpack[PushOptions]
) -> results.Image:
    """Composes base + payload + profile, and writes it to dest."""
    return results.Image.from_json(run("push", options, [base, dest], progress))


def pack(
    source: StrPath, dest: str, *, progress: Optional[Callback] = None, **options: Unpack[PackOptions]
) -> results.Image:
    """Makes a payload image of a directory, a tar, an image or a recipe."""
    return results.Image.from_json(run("pack", options, [os.fspath(source), dest], progress))


def check(
    image: str, *, progress: Optional[Callback] = None, **options: Unpack[CheckOptions]
) -> results.Check:
    """Does the image keep its contract; with a payload: will that run on it?

    Errors that it finds are its result and raise nothing.  With verbose=True what is all right is among
    the findings, too.
    """
    findings = run("check", options, [image], progress, accept=(7,))
    return results.Check(tuple(results.Finding.from_json(f) for f in findings))


def inspect(
    image: str, *, progress: Optional[Callback] = None, **options: Unpack[InspectOptions]
) -> results.Inspection:
    """What is in an image; of an index, in the image of one platform."""
    return results.Inspection.from_json(run("inspect", options, [image], progress))


def tags(
    name: str, *, progress: Optional[Callback] = None, **options: Unpack[InspectOptions]
) -> List[str]:
    """The tags of a repository or a layout."""
    return list(run("inspect", {**options, "tags": True}, [name], progress))


def probe(
    repository: str, *, progress: Optional[Callback] = None, **options: Unpack[ProbeOptions]
) -> results.Probe:
    """What a registry can do."""
    return results.Probe.from_json(run("probe", options, [repository], progress))


def version() -> str:
    """The version of the program."""
    return str(run("version", {}, [])["version"])


class Bake(Iterator[results.Baked]):
    """The images of a bake or an upgrade, as they are done.

        with ohcompose.bake(bases, payload=payload, dest="registry.example.com/me/run:{base.slug}") as b:
            for image in b:
                print(image.name, image.error or image.state)
        print(b.summary)

    An image that fails, or is left as it is, is a result and raises nothing; what prevents all is raised.  The
    program runs from the beginning, and goes on whether results are taken or not; close(), or leaving
    the block early, ends it as Ctrl-C would.
    """

    def __init__(
        self, command: str, options: Mapping[str, Any], names: Sequence[str], callback: Optional[Callback]
    ) -> None:
        self.summary: Optional[results.Summary] = None
        self._told = False  # of an image that the exit status is about, too
        self._file: Optional[str] = None
        self._run = Run(command, {**options, "report": "-", "json": True}, names, callback)
        self._lines = self._run.lines()

    def __next__(self) -> results.Baked:
        for line in self._lines:
            j = json.loads(line)
            if "images" in j:
                self.summary = results.Summary.from_json(j)
                continue
            baked = results.Baked.from_json(j)
            self._told = self._told or baked.failed or baked.left
            return baked
        if self._run.status is not None:
            ended_as_told = self.summary is not None and self._told
            self._run.check(accept=range(1, 8) if ended_as_told else ())
        self.close()
        raise StopIteration

    def close(self) -> None:
        if hasattr(self, "_run"):
            self._run.__exit__()
        if self._file:
            os.unlink(self._file)
            self._file = None

    def __enter__(self) -> Bake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


def _spec_file(images: Union[Mapping[str, Any], Sequence[ToBake]]) -> str:
    """The list as a file, because standard input may be wanted for credentials."""
    spec: Dict[str, Any]
    spec = dict(images) if isinstance(images, Mapping) else {"images": list(images)}
    fd, path = tempfile.mkstemp(prefix="ohcompose-", suffix=".json")
    with os.fdopen(fd, "w", encoding="utf-8") as f:
        json.dump(spec, f)
    return path


def bake(
    images: Union[None, StrPath, Mapping[str, Any], Sequence[ToBake]] = None,
    *,
    progress: Optional[Callback] = None,
    **options: Unpack[BakeOptions],
) -> Bake:
    """Composes many images, with one payload sent once.

    images is what `ohcompose bake` reads: a file, its content as a dict, or a list of bases and of
    dicts with push's options; or leave it out, and name a list with `bases`.
    """
    if images is None or isinstance(images, (str, os.PathLike)):
        return Bake("bake", options, [] if images is None else [os.fspath(images)], progress)
    path = _spec_file(images)
    try:
        b = Bake("bake", options, [path], progress)
    except BaseException:
        os.unlink(path)
        raise
    b._file = path
    return b


def upgrade(
    images: Strings = (), *, progress: Optional[Callback] = None, **options: Unpack[UpgradeOptions]
) -> Bake:
    """Composes images again, of what each says that it was composed of, with what the options say otherwise.

        for image in ohcompose.upgrade("registry.example.com/me/run:1", payload="registry.example.com/me/payload:2"):
            print(image.name, image.error or image.why or image.state)

    images are names; or name them with `list` or `repo`.
    """
    return Bake("upgrade", options, [images] if isinstance(images, str) else list(images), progress)
