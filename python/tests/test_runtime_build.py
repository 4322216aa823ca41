#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""python -m ohcompose.runtime_build: the options that OpenHands' design documents have."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from support import TOP, Case, main

import ohcompose

RECIPE = {"layers": [{"name": "x", "copy": [{"from": "/bin", "to": "bin"}, {"from": "/share", "to": "share"}]}]}


class RuntimeBuild(Case):
    def setUp(self) -> None:
        super().setUp()
        self.no_docker()
        Path("recipe.json").write_text(json.dumps(RECIPE))

    def run_it(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        clean = {k: v for k, v in os.environ.items() if not k.startswith("OH_RUNTIME")}
        return subprocess.run(
            [sys.executable, "-m", "ohcompose.runtime_build", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**clean, "PYTHONPATH": str(TOP / "python"), **env},
        )

    def last_line(self, *words: str, **env: str) -> str:
        p = self.run_it(*words, **env)
        self.assertEqual(p.returncode, 0, p.stderr)
        return p.stdout.splitlines()[-1]

    def deps(self, *words: str) -> str:
        return self.last_line("--build_deps_only", "--recipe=recipe.json", "--root=p", *words)

    def test_two_steps(self) -> None:
        "the dependencies are packed once, and composed with a base"
        deps = self.deps("--image=oci:rt")
        self.assertEqual(deps, "oci:rt:deps")
        image = self.last_line("--base_image=oci:base:a", "--use_deps_image", "--image=oci:rt")
        found = ohcompose.inspect(image)
        self.assertEqual(found.config["workdir"], "/workspace")
        self.assertEqual(found.layers[1].digest, ohcompose.inspect(deps).layers[0].digest)

    def test_tag(self) -> None:
        "the tag says program, payload and base by digest, not by name"
        deps = self.deps("--image=oci:rt")
        words = ["--use_deps_image", "--image=oci:rt"]
        image = self.last_line("--base_image=oci:base:a", *words)
        payload, base = (ohcompose.inspect(n).digest[7:23] for n in (deps, "oci:base:a"))
        self.assertEqual(image, f"oci:rt:oh_v{ohcompose.version()}_{payload}_{base}")
        ohcompose.push("oci:base:a", "oci:base:b", profile="none", env={"A": "b"}, no_check=True)
        other = self.last_line("--base_image=oci:base:b", *words)
        self.assertNotEqual(image, other)
        subprocess.run([ohcompose.program(), "copy", "-q", "oci:base:a", "oci:base:c"], check=True)
        self.assertEqual(self.last_line("--base_image=oci:base:c", *words), image)

    def test_reuse(self) -> None:
        "what is there is taken as it is, in a registry of which the environment tells"
        registry = self.registry()
        self.put("base:a", f"{registry}/base:a")
        env = {"OH_RUNTIME_RUNTIME_IMAGE_REPO": f"{registry}/rt"}
        self.last_line("--build_deps_only", "--recipe=recipe.json", "--root=p", **env)
        words = [f"--base_image={registry}/base:a", "--use_deps_image"]
        first = self.run_it(*words, **env)
        self.assertIn("read layer", first.stderr)
        second = self.run_it(*words, **env)
        self.assertEqual(first.stdout, second.stdout)
        self.assertNotRegex(second.stderr, "read|push|upload|copy")

    def test_deps_image(self) -> None:
        "another dependencies image can be named"
        deps = ohcompose.pack("p", "oci:elsewhere:deps", profile="openhands").name
        words = ["--base_image=oci:base:a", "--use_deps_image", "--image=oci:rt", "--platform=linux/amd64"]
        image = self.last_line(*words, "--deps_image", deps)
        self.assertEqual(ohcompose.inspect(image).layers[1].digest, ohcompose.inspect(deps).layers[0].digest)
        p = self.run_it(*words)
        self.assertEqual(p.returncode, 4)
        self.assertEqual(p.stdout, "")
        for directory in ("p", "p:/x", "linux/amd64=p"):
            p = self.run_it(*words, f"--deps_image={directory}")
            self.assertEqual(p.returncode, 2, p.stderr)
            self.assertIn("ohcompose pack", p.stderr)

    def test_payload_names(self) -> None:
        "a payload's target and platform are no part of its image's name"
        from ohcompose._compose import image_of

        for payload, image in (
            ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
            ("localhost:5000/a/b:1:/acp-node", "localhost:5000/a/b:1"),
            ("linux/arm64=a/b:/x/y", "a/b"),
            ("oci:/dir/a:1", "oci:/dir/a:1"),
            ("oci:/dir/a:1:/x", "oci:/dir/a:1"),
            ("docker://a/b:1", "docker://a/b:1"),
        ):
            self.assertEqual(image_of(payload), image)

    def test_senseless(self) -> None:
        "what makes no sense is refused, with what to do instead"
        for words, what in (
            (["--build_folder", "x"], "--build_folder makes no sense here: there is no Dockerfile"),
            (["--enable_browser"], "--enable_browser makes no sense here"),
            (["--no_enable_browser"], "--recipe"),
            ([], "--build_deps_only"),
            (["--base_image=a"], "--use_deps_image"),
            (["--build_deps_only", "--base_image=a"], "the same for all"),
            (["--base_image=a", "--use_deps_image", "--root=p"], "--build_deps_only"),
        ):
            p = self.run_it("--image=oci:rt", *words)
            self.assertEqual(p.returncode, 2, words)
            self.assertIn(what, re.sub(r"\s+", " ", p.stderr))
        p = self.run_it("--build_deps_only")
        self.assertEqual(p.returncode, 2)
        self.assertIn("OH_RUNTIME_RUNTIME_IMAGE_REPO", p.stderr)

    def test_own_recipe(self) -> None:
        "the recipe is that of the package, and its input is made once"
        fake = self.tmp / "bin"
        fake.mkdir()
        # The recipe's packages are fetched from Debian; here it is seen that it would be.
        (fake / "mmdebstrap").write_text('#!/bin/sh\necho "mmdebstrap $*" >&2\nexit 1\n')
        (fake / "mmdebstrap").chmod(0o755)
        p = self.run_it("--build_deps_only", "--image=oci:rt", PATH=f"{fake}:{os.environ['PATH']}")
        self.assertEqual(p.returncode, 1)
        self.assertIn("--root", p.stderr)
        if "no pip" not in p.stderr and "dpkg" not in p.stderr:
            self.assertRegex(p.stderr, "mmdebstrap .*--include=libc-bin,python3")


if __name__ == "__main__":
    main()
