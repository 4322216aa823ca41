#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The package is typed: mypy --strict finds nothing in it, and finds wrong calls of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import List

from support import TOP, Case, main

GOOD = """
import ohcompose

image = ohcompose.push("a", "b", payload=["p"], env={"A": "b"}, tag="x", cmd=["a", "b"])
size: int = sum(layer.size for layer in image.layers)
with ohcompose.bake(["a", {"base": "b"}], dest="c") as images:
    errors = [i.error for i in images if i.image is None]


def show(event: ohcompose.Event) -> None:
    if isinstance(event, ohcompose.Begin):
        print(event.total or 0)


ohcompose.pack("p", "d", progress=show, closure=True)
"""

BAD = {
    "an unknown option": 'ohcompose.push("a", "b", on_uid_crash="fail")',
    "a value of the wrong type": 'ohcompose.push("a", "b", jobs="many")',
    "an option of another command": 'ohcompose.inspect("a", payload="p")',
    "a result used as another": 'n: int = ohcompose.inspect("a").digest',
}


class Types(Case):
    def mypy(self, *words: str) -> "subprocess.CompletedProcess[str]":
        program = shutil.which("mypy")
        if not program:
            self.skipTest("no mypy")
        said = subprocess.run([program, "--version"], stdout=-1, text=True).stdout
        found = re.search(r"(\d+)\.(\d+)", said)
        if not found:
            self.skipTest(f"mypy does not run: {said}")
        # TypedDicts for keywords were a trial in earlier ones.
        trial: List[str] = []
        if (int(found.group(1)), int(found.group(2))) < (1, 7):
            trial = ["--enable-incomplete-feature=Unpack"]
        cache = ["--cache-dir", str(self.tmp / "mypy")]
        return subprocess.run(
            [program, "--strict", *cache, *trial, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=TOP,
            env={**os.environ, "MYPYPATH": str(TOP / "python")},
        )

    def test_package(self) -> None:
        "mypy --strict finds nothing in the package"
        p = self.mypy("--config-file", "python/mypy.ini")
        self.assertEqual(p.returncode, 0, p.stdout)

    def test_users(self) -> None:
        "mypy --strict finds nothing in a program that uses it, and each wrong use"
        Path("good.py").write_text(GOOD)
        names = [self.tmp / "good.py"]
        for name, line in BAD.items():
            names.append(self.tmp / f"{name.replace(' ', '_')}.py")
            names[-1].write_text(f"import ohcompose\n{line}\n")
        p = self.mypy("--config-file=/dev/null", *map(str, names))
        self.assertNotIn("good.py", p.stdout)
        for path in names[1:]:
            self.assertRegex(p.stdout, rf"{path.name}:2: error: ")


if __name__ == "__main__":
    main()
