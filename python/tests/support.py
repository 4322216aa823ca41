# SPDX-License-Identifier: Apache-2.0
"""What the tests share: images to work on, a registry, and TAP.

A test is a file of unittest cases, which tests/run starts (it then speaks TAP) and pytest finds:

    #!/usr/bin/env python3
    from support import Case, main

    class Push(Case):
        def test_it_says_what_it_made(self):
            "push says what it made"
            ...

    if __name__ == "__main__":
        main()

The program under test is what OHC names, else build/ohcompose.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

TESTS = Path(__file__).resolve().parent
TOP = TESTS.parent.parent
sys.path.insert(0, str(TESTS.parent))
os.environ["OHCOMPOSE"] = os.environ.get("OHC", str(TOP / "build" / "ohcompose"))

# The same as in tests/lib.sh, in the directory of a test.
_SHELL = f'. "{TOP}/tests/lib.sh"; _finished=1; cd "$0"; '


class Case(unittest.TestCase):
    """Each test runs in a directory of its own, with
    p, a small payload, and base:a, a layout with a busybox base."""

    _inputs: ClassVar[str] = ""
    tmp: Path

    def setUp(self) -> None:
        folder = tempfile.mkdtemp(prefix="ohc-py.")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.addCleanup(os.chdir, os.getcwd())
        if not Case._inputs:
            Case._inputs = tempfile.mkdtemp(prefix="ohc-py.")
            atexit.register(shutil.rmtree, Case._inputs, ignore_errors=True)
            shell(Case._inputs, "small_payload p && make_busybox_base base:a")
        self.tmp = Path(folder) / "work"
        shutil.copytree(Case._inputs, self.tmp, symlinks=True)
        os.chdir(self.tmp)
        self.swap_env(XDG_CACHE_HOME=f"{folder}/cache")

    def swap_env(self, **variables: str) -> None:
        """Sets variables until the test ends."""
        before = dict(os.environ)

        def restore() -> None:
            os.environ.clear()
            os.environ.update(before)

        self.addCleanup(restore)
        os.environ.update(variables)

    def no_docker(self) -> None:
        """Until the test ends, a docker is on the PATH that the test fails with when it is called."""
        folder, called = self.tmp / "no-docker", self.tmp / "docker-was-called"
        folder.mkdir()
        (folder / "docker").write_text(f'#!/bin/sh\necho "docker $*" >>"{called}"\nexit 1\n')
        (folder / "docker").chmod(0o755)
        self.swap_env(PATH=f"{folder}:{os.environ['PATH']}")

        def judge() -> None:
            self.assertFalse(called.exists(), called.exists() and called.read_text())

        self.addCleanup(judge)

    def registry(self, *words: str) -> str:
        """HOST:PORT of a registry that is there until the test ends; the words are start_registry's."""
        process = subprocess.Popen(
            ["bash", "-c", _SHELL + 'start_registry "$@"; echo "$REGISTRY"; cat', str(self.tmp), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin and process.stdout
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        name = process.stdout.readline().strip()
        if not name:
            self.skipTest("there is no registry here")
        return name

    def put(self, layout: str, name: str) -> None:
        """An image of a layout into a registry."""
        subprocess.run(
            [sys.executable, str(TOP / "tests" / "put_layout.py"), layout, name],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def shell(folder: str, script: str) -> None:
    """Runs a script in the folder with what tests/lib.sh has."""
    subprocess.run(["bash", "-c", _SHELL + script, folder], check=True, stdout=subprocess.DEVNULL)


class _Tap(unittest.TestResult):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def _case(self, test: unittest.TestCase, word: str, why: str = "") -> None:
        self.count += 1
        name = test.shortDescription() or str(test.id())
        print(f"{word} {self.count} - {name}{why}", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self._case(test, "ok")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self._case(test, "ok", f" # SKIP {reason}")

    def _bad(self, test: unittest.TestCase) -> None:
        text = (self.failures + self.errors)[-1][1]
        print("".join(f"# {line}\n" for line in text.splitlines()), end="")
        self._case(test, "not ok")

    def addFailure(self, test, err):  # type: ignore[no-untyped-def]
        super().addFailure(test, err)
        self._bad(test)

    def addError(self, test, err):  # type: ignore[no-untyped-def]
        super().addError(test, err)
        self._bad(test)

    def addSubTest(self, test, subtest, err):  # type: ignore[no-untyped-def]
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._bad(subtest)


def main() -> None:
    """Runs the cases of the file that was started, as TAP."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = _Tap()
    suite.run(result)
    print(f"1..{result.count}")
    sys.exit(0 if result.wasSuccessful() else 1)
