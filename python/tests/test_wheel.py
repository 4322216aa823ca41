#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wheel: the same bytes twice, what it says of itself, and that pip installs it."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import List

from support import TOP, Case, main


def elf(machine: int, static: bool) -> bytes:
    """The headers of a program: one segment, which names a loader where it is not static."""
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQI", 2, machine, 1, 0, 64, 0, 0)
    return head + struct.pack("<HHHHHH", 64, 56, 1, 0, 0, 0) + struct.pack("<I", 1 if static else 3) + bytes(52)


def named_by(recipe: Path) -> List[str]:
    """Files beside a recipe that its script and the recipe itself name."""
    named = re.findall(r'"\$here/([^"$]*)"', (recipe / "input").read_text())
    named += re.findall(r'"from": "([^/"][^"]*)"', (recipe / "recipe.json").read_text())
    dirs = [n for n in named if (recipe / n).is_dir()]
    return [n for n in named if n not in dirs] + [f"{d}/package-lock.json" for d in dirs] + ["input", "../input.sh"]


class Wheel(Case):
    def make(self, *words: str, out: str = "out", **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(TOP / "python" / "wheel"), "--version=1.2.3", f"--out={out}", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )

    def made(self, *words: str, **options: str) -> Path:
        p = self.make(*words, **options)
        self.assertEqual(p.returncode, 0, p.stderr)
        return Path(p.stdout.strip())

    def static(self, machine: int = 62) -> List[str]:
        Path("program").write_bytes(elf(machine, static=True))
        os.makedirs("terms", exist_ok=True)
        Path("terms/zlib").write_text("as is\n")
        return ["--program=program", "--licences=terms"]

    def test_same(self) -> None:
        "two wheels have the same bytes, on another day, in another folder, under another umask"
        one = self.made(*self.static(), out="one")
        os.utime("program", (1, 1))
        before = os.umask(0o077)
        try:
            two = self.made(*self.static(), out=str(self.tmp / "two"), TZ="Asia/Tokyo")
        finally:
            os.umask(before)
        self.assertEqual(one.read_bytes(), two.read_bytes())
        three = self.made(*self.static(), out="three", SOURCE_DATE_EPOCH="1000000000")
        with zipfile.ZipFile(three) as z:
            self.assertEqual({i.date_time[:3] for i in z.infolist()}, {(2001, 9, 9)})

    def test_tags(self) -> None:
        "a static program's wheel is for every libc of its machine"
        for machine, name in ((62, "x86_64"), (183, "aarch64")):
            path = self.made(*self.static(machine))
            tags = f"manylinux_2_17_{name}.musllinux_1_1_{name}"
            self.assertEqual(path.name, f"ohcompose-1.2.3-py3-none-{tags}.whl")
            with zipfile.ZipFile(path) as z:
                said = z.read("ohcompose-1.2.3.dist-info/WHEEL").decode()
            for tag in tags.split("."):
                self.assertIn(f"Tag: py3-none-{tag}\n", said)

    def test_dynamic(self) -> None:
        "a program with a loader gets no tag that promises more than this machine"
        Path("program").write_bytes(elf(62, static=False))
        self.assertEqual(self.made("--program=program").name, "ohcompose-1.2.3-py3-none-linux_x86_64.whl")

    def test_refused(self) -> None:
        "what cannot be a wheel is refused, and nothing is written"
        self.static()
        for words, why in (
            (["--program=program"], "--licences"),
            (["--program=base/oci-layout"], "no program"),
            (["--program=none"], "none"),
            (["--program=odd"], "machine 40"),
        ):
            Path("odd").write_bytes(elf(40, static=True))
            p = self.make(*words)
            self.assertEqual(p.returncode, 1)
            self.assertIn(why, p.stderr)
            self.assertFalse(os.path.exists("out") and os.listdir("out"))

    def test_content(self) -> None:
        "RECORD has every file, and the program, the licences, the types and the recipes are in it"
        path = self.made(*self.static())
        info = "ohcompose-1.2.3.dist-info"
        with zipfile.ZipFile(path) as z:
            names = z.namelist()
            rows = {r[0]: r[1:] for r in csv.reader(z.read(f"{info}/RECORD").decode().splitlines())}
            self.assertEqual(sorted(rows), sorted(names))
            for name in names:
                if name.endswith("RECORD"):
                    continue
                digest = base64.urlsafe_b64encode(hashlib.sha256(z.read(name)).digest()).decode()
                self.assertEqual(rows[name], [f"sha256={digest.rstrip('=')}", str(len(z.read(name)))])
            said = z.read(f"{info}/METADATA").decode()
            mode = z.getinfo("ohcompose-1.2.3.data/scripts/ohcompose").external_attr >> 16
        self.assertEqual(mode, 0o100755)
        for name in (
            f"{info}/licenses/LICENSE",
            f"{info}/licenses/linked/zlib",
            "ohcompose/py.typed",
            "ohcompose/recipes/openhands-runtime/recipe.json",
            "ohcompose/recipes/input.sh",
        ):
            self.assertIn(name, names)
        for recipe in [n for n in names if n.endswith("/recipe.json")]:
            for name in named_by((TOP / "python" / recipe).parent):
                self.assertIn(os.path.normpath(os.path.join(os.path.dirname(recipe), name)), names)
        self.assertFalse([n for n in names if n.endswith((".c", ".h", ".pyc"))])
        self.assertIn("License-File: linked/zlib\n", said)
        self.assertIn("\n\n# ohcompose\n", said)

    def test_install(self) -> None:
        "pip installs it, and the package finds the program that came with it"
        if subprocess.run([sys.executable, "-m", "pip", "--version"], stdout=-3, stderr=-3).returncode:
            self.skipTest("no pip")
        self.static()
        wheel = self.made(f"--program={os.environ['OHCOMPOSE']}", "--licences=terms")
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target=t", str(wheel)]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
        env = {k: v for k, v in os.environ.items() if k != "OHCOMPOSE"}
        said = "import ohcompose; print(ohcompose.program(), ohcompose.version())"
        out = subprocess.check_output([sys.executable, "-c", said], text=True, env={**env, "PYTHONPATH": "t"})
        path, version = out.split()
        self.assertEqual(Path(path), self.tmp.resolve() / "t" / "bin" / "ohcompose")
        self.assertEqual(subprocess.check_output([path, "version"], text=True).split()[1], version)


if __name__ == "__main__":
    main()
