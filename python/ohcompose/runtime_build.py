# SPDX-License-Identifier: Apache-2.0
"""Builds OpenHands' runtime images from a dependencies image, with the options that
openhands.runtime.utils.runtime_build has for it, and without docker.

The last line of standard output is the name of the image.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from . import commands, errors, progress
from ._compose import compose

RECIPE = Path(__file__).parent / "recipes" / "openhands-runtime"
REPOSITORY = "OH_RUNTIME_RUNTIME_IMAGE_REPO"

# Options of the original that only a build by docker has, and what there is instead.
SENSELESS = {
    "--build_folder": (
        "DIR",
        "there is no Dockerfile to be written; leave it out, and the image itself is made",
    ),
    "--enable_browser": (None, "whether there is a browser was decided when the dependencies were packed"),
    "--no_enable_browser": (
        None,
        "whether there is a browser is decided when the dependencies are packed; name a recipe without one "
        "with --build_deps_only --recipe FILE",
    ),
}


class _Senseless(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        name = self.option_strings[0]
        parser.error(f"{name} makes no sense here: {SENSELESS[name][1]}")


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m ohcompose.runtime_build", description=__doc__, allow_abbrev=False
    )
    p.add_argument("--base_image", metavar="BASE", help="the image to put the dependencies on")
    p.add_argument("--build_deps_only", action="store_true", help="make the dependencies image, from the recipe")
    p.add_argument("--use_deps_image", action="store_true", help="compose BASE and the dependencies image")
    p.add_argument("--deps_image", metavar="IMAGE", help="the dependencies image (default: REPO:deps)")
    p.add_argument("--platform", help="OS/ARCH (default: the dependencies')")
    p.add_argument("--force_rebuild", action="store_true", help="write the image also where it is there already")
    ours = p.add_argument_group("not in the original")
    ours.add_argument(
        "--image",
        metavar="REPO",
        default=os.environ.get(REPOSITORY),
        help=f"where images go: a repository, or oci:DIR (default: {REPOSITORY})",
    )
    ours.add_argument("--recipe", metavar="FILE", type=Path, help="another recipe for the dependencies")
    ours.add_argument(
        "--root", metavar="DIR", type=Path, help="what the recipe packs (default: made by its 'input', in the cache)"
    )
    senseless = p.add_argument_group("of the original, refused here")
    for name, (metavar, why) in SENSELESS.items():
        words: Dict[str, Any] = {"metavar": metavar} if metavar else {"nargs": 0}
        senseless.add_argument(name, action=_Senseless, help=why, **words)
    return p


def _complete(p: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Says what is missing, or does not fit together."""
    if not args.image:
        p.error(f"where do images go? say --image REPO, or set {REPOSITORY}")
    if args.build_deps_only:
        if args.base_image or args.use_deps_image:
            p.error("--build_deps_only takes no base: dependencies are the same for all of them")
    elif args.recipe or args.root:
        p.error("--recipe and --root are for --build_deps_only")
    elif not args.base_image:
        p.error("there is nothing to do; say --build_deps_only, or --base_image BASE --use_deps_image")
    elif not args.use_deps_image:
        p.error("an image is composed of a base and dependencies; say --use_deps_image, too")


def _say(event: progress.Event) -> None:
    if isinstance(event, progress.Begin):
        print(f"{event.verb} {event.subject}", file=sys.stderr, flush=True)
    elif isinstance(event, progress.Message) and event.level in ("warning", "notice"):
        print(event.text, file=sys.stderr, flush=True)


def _input(recipe: Path) -> Optional[Path]:
    """The tree that a recipe of this package packs, made once by the script beside it."""
    script = recipe.parent / "input"
    if not script.exists():
        return None
    parts = [script, recipe.parent.parent / "input.sh", *sorted(recipe.parent.glob("requirements*.txt"))]
    key = hashlib.sha256(b"".join(p.read_bytes() for p in parts)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    made = cache / "ohcompose" / "recipes" / f"{recipe.parent.name}-{key}"
    if not made.exists():
        print(f"getting what the recipe packs, once, into {made}", file=sys.stderr, flush=True)
        status = subprocess.run(["bash", str(script), str(made)], stdout=sys.stderr).returncode
        if status:
            raise errors.Failed(
                f"'{script}' failed with status {status}; it needs mmdebstrap and pip. Make the tree elsewhere "
                "and name it with --root"
            )
    return made


def _build_deps(args: argparse.Namespace, name: str) -> str:
    recipe = args.recipe or RECIPE / "recipe.json"
    options: Dict[str, Any] = {"root": args.root or _input(recipe), "platform": args.platform}
    return commands.pack(recipe, name, progress=_say, **options).name


def main(argv: Optional[Sequence[str]] = None) -> int:
    p = _parser()
    args = p.parse_args(argv)
    _complete(p, args)
    deps = args.deps_image or f"{args.image}:deps"
    try:
        if args.build_deps_only:
            name = _build_deps(args, deps)
        else:
            image = compose(
                [deps], args.base_image, args.image, args.platform, {"skip_existing": not args.force_rebuild}, _say
            )
            name = image.name
    except errors.Error as e:
        print(f"ohcompose.runtime_build: {e}", file=sys.stderr)
        return e.status
    print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
