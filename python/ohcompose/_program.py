# SPDX-License-Identifier: Apache-2.0
"""Where the program is."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Iterator, Optional

from .errors import ProgramMissing

NAME = "ohcompose"
VARIABLE = "OHCOMPOSE"


def _beside() -> Iterator[Path]:
    """Where an installer puts the scripts of this package, the likeliest first."""
    scripts = sysconfig.get_path("scripts")
    if scripts:
        yield Path(scripts)
    # pip install --target DIR, and --prefix DIR
    here = Path(__file__).resolve().parent.parent
    yield here / "bin"
    if here.name in ("site-packages", "dist-packages"):
        yield here.parent.parent.parent / "bin"
    # pip install --user
    user = f"{os.name}_user"
    if user in sysconfig.get_scheme_names():
        scripts = sysconfig.get_path("scripts", user)
        if scripts:
            yield Path(scripts)
    yield Path(sys.prefix) / "bin"


def program() -> str:
    """The path of the program: what the variable OHCOMPOSE names, else the one that came with this
    package, else the one on the PATH."""
    named: Optional[str] = os.environ.get(VARIABLE)
    if named:
        return named
    for folder in _beside():
        candidate = folder / NAME
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return str(candidate)
    found = shutil.which(NAME)
    if found:
        return found
    raise ProgramMissing(
        f"there is no program '{NAME}' beside this package or on the PATH; install the wheel, or "
        f"name it in {VARIABLE}",
        127,
    )
