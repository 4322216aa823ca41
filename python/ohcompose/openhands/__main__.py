# SPDX-License-Identifier: Apache-2.0
"""python -m ohcompose.openhands MODULE|FILE.py [ARGUMENT...]

Runs a program of OpenHands', unchanged, with images composed instead of built by docker.
"""

from __future__ import annotations

import os
import runpy
import sys

from .plug import plug_in


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip() if __doc__ else "")
        sys.exit(0 if len(sys.argv) > 1 else 2)
    program = sys.argv[1]
    sys.argv = sys.argv[1:]
    is_file = program.endswith(".py")
    sys.path.insert(0, os.path.dirname(os.path.abspath(program)) if is_file else os.getcwd())
    plug_in()
    if is_file:
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
