#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OpenHands' own functions, composed: signatures as recorded, behaviour with modules made of the record.

tests/e2e/python_openhands.sh does the same with the real packages, and sees that what is recorded of those
is true; the benchmarks are no package, and what is recorded of them was read in their repository.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, Dict, List

from support import TESTS, TOP, Case, main

import ohcompose
from ohcompose import openhands

RECORD: Dict[str, Any] = json.loads((TESTS / "openhands.json").read_text())
BUILD = "openhands.agent_server.docker.build"
BENCHMARKS = "benchmarks.utils.build_utils"


def parameters(function: Any) -> List[str]:
    return [
        name if p.default is p.empty else f"{name}={p.default!r}"
        for name, p in inspect.signature(function).parameters.items()
    ]


def recorded_class(name: str, **defaults: Any) -> Any:
    """A class that takes the recorded members, and no other."""

    def init(self: Any, **values: Any) -> None:
        self.__dict__.update(dict.fromkeys(RECORD[BUILD][name]), **defaults)
        unknown = set(values) - set(RECORD[BUILD][name])
        assert not unknown, unknown
        self.__dict__.update(values)

    return type(name, (), {"__init__": init, "__module__": BUILD})


class Recorded(Case):
    """With modules in the place of OpenHands' own, and a docker that must not be called."""

    def setUp(self) -> None:
        super().setUp()
        self.no_docker()
        self.build_module = self.module(BUILD)
        options = recorded_class(
            "BuildOptions", target="binary", platforms=["linux/amd64"], custom_tags="", git_sha="abcdef0123",
            git_ref="main", push=None, image="ghcr.io/openhands/agent-server",
        )  # fmt: skip

        def all_tags(opts: Any) -> List[str]:
            names = [t for t in opts.custom_tags.split(",") if t] or ["plain"]
            return [f"{opts.image}:{opts.git_sha[:7]}-{name}-{opts.target}" for name in names]

        options.all_tags = property(all_tags)
        self.build_module.BuildOptions = options
        self.build_module.BuildTelemetry = recorded_class("BuildTelemetry")
        self.build_module.BuildResult = recorded_class("BuildResult")
        self.addCleanup(openhands.use, openhands.Settings())
        for name in [v for v in os.environ if v.startswith("OHCOMPOSE_") or v in ("CI", "GITHUB_ACTIONS")]:
            self.swap_env()
            del os.environ[name]

    def module(self, name: str) -> Any:
        """A module of that name, and its packages, until the test ends."""
        parts = name.split(".")
        for i in range(1, len(parts) + 1):
            full = ".".join(parts[:i])
            if full not in sys.modules:
                sys.modules[full] = types.ModuleType(full)
                sys.modules[full].__path__ = []
                self.addCleanup(sys.modules.pop, full)
        return sys.modules[name]

    def options(self, **values: Any) -> Any:
        return self.build_module.BuildOptions(**{"base_image": "oci:base:a", "target": "source-minimal", **values})

    def settings(self, **values: Any) -> None:
        ours: Dict[str, Any] = {"payloads": {"": "p"}, "profile": "openhands", "repository": "oci:out", **values}
        openhands.use(openhands.Settings(**ours))


class Signatures(Recorded):
    def test_functions(self) -> None:
        "the functions take what OpenHands' own take"
        self.assertEqual(parameters(openhands.build), RECORD[BUILD]["build"])
        self.assertEqual(parameters(openhands.build_with_telemetry), RECORD[BUILD]["build_with_telemetry"])
        self.assertEqual(parameters(openhands.build_all_images), RECORD[BENCHMARKS]["build_all_images"])

    def test_classes(self) -> None:
        "the classes have what OpenHands' own have"
        build = importlib.import_module("ohcompose.openhands.build")
        output = importlib.import_module("ohcompose.openhands.output")
        self.assertEqual(output.MEMBERS, RECORD[BENCHMARKS]["BuildOutput"])
        self.assertEqual(sorted(vars(build.Telemetry())), RECORD[BUILD]["BuildTelemetry"])
        self.assertEqual(sorted(build.Result.__annotations__), RECORD[BUILD]["BuildResult"])
        self.assertEqual(parameters(build.CommandError), RECORD[BUILD]["BuildCommandError"])


class Build(Recorded):
    def test_tags(self) -> None:
        "build gives the tags, and each is the image"
        self.settings()
        tags = openhands.build(self.options(push=False, custom_tags="a,b"))
        self.assertEqual(tags, ["oci:out:abcdef0-a-source-minimal", "oci:out:abcdef0-b-source-minimal"])
        one, two = (ohcompose.inspect(t) for t in tags)
        self.assertEqual(one.digest, two.digest)
        self.assertEqual(one.env["OPENHANDS_BUILD_GIT_SHA"], "abcdef0123")
        self.assertEqual(one.env["OPENHANDS_BUILD_GIT_REF"], "main")
        self.assertEqual(one.platform, "linux/amd64")

    def test_pushed(self) -> None:
        "with push the image goes to the very tags"
        registry = self.registry()
        self.settings()
        tags = openhands.build(self.options(push=True, image=f"{registry}/me/agent-server"))
        self.assertEqual(tags, [f"{registry}/me/agent-server:abcdef0-plain-source-minimal"])
        self.assertTrue(ohcompose.inspect(tags[0]).digest)

    def test_in_ci(self) -> None:
        "without a word on pushing, CI pushes and others do not"
        self.settings()
        self.swap_env(CI="true")
        with self.assertRaises(Exception) as e:
            openhands.build(self.options(image="127.0.0.1:1/x"))
        self.assertIn("127.0.0.1:1", getattr(e.exception, "stderr", ""))
        self.swap_env(CI="false")
        self.assertEqual(len(openhands.build(self.options(image="127.0.0.1:1/x"))), 1)

    def test_telemetry(self) -> None:
        "telemetry is theirs, with the time and the layers that were there"
        self.settings()
        result = openhands.build_with_telemetry(self.options(push=False))
        self.assertIsInstance(result, self.build_module.BuildResult)
        self.assertIsInstance(result.telemetry, self.build_module.BuildTelemetry)
        self.assertGreater(result.telemetry.buildx_wall_clock_seconds, 0)
        self.assertEqual(result.telemetry.cached_step_count, 0)

    def test_failure(self) -> None:
        "what fails is a CalledProcessError with telemetry, as theirs"
        self.settings()
        with self.assertRaises(subprocess.CalledProcessError) as e:
            openhands.build(self.options(base_image="oci:none:a", push=False))
        self.assertEqual(e.exception.returncode, 4)
        self.assertIn("oci:none:a", e.exception.stderr)
        self.assertGreater(getattr(e.exception, "telemetry").buildx_wall_clock_seconds, 0)

    def test_platforms(self) -> None:
        "every platform that is asked for is made, or nothing is"
        self.settings()
        with self.assertRaises(subprocess.CalledProcessError):
            openhands.build(self.options(platforms=["linux/amd64", "linux/arm64"], push=False))
        self.assertFalse(os.path.exists("out"))

    def test_what_is_missing(self) -> None:
        "what the settings lack is told with what to set"
        for settings, options, what in (
            ({"payloads": {}}, {}, "OHCOMPOSE_PAYLOAD"),
            ({"repository": None}, {"push": False}, "OHCOMPOSE_REPOSITORY"),
            ({}, {"target": "builder", "push": False}, "'builder'"),
        ):
            self.settings(**settings)
            with self.assertRaises(ValueError) as e:
                openhands.build(self.options(**{"push": False, **options}))
            self.assertIn(what, str(e.exception))

    def test_environment(self) -> None:
        "settings come from the environment, the most exact first"
        self.swap_env(OHCOMPOSE_PAYLOAD="all more", OHCOMPOSE_PAYLOAD_SOURCE="source", OHCOMPOSE_REPOSITORY="oci:d")
        s = openhands.Settings()
        self.assertEqual([s.payloads_for(t) for t in ("source-minimal", "binary")], [["source"], ["all", "more"]])
        self.assertEqual(s.names(["x/y:z"], push=False), ["oci:d:z"])
        self.swap_env(OHCOMPOSE_PAYLOAD_SOURCE_MINIMAL="minimal", OHCOMPOSE_OPTIONS='{"retry": 1}')
        self.assertEqual(
            s.push_options("source-minimal"), {"payload": ["minimal"], "profile": "agent-server", "retry": 1}
        )
        self.assertEqual(s.profile_for("binary"), "agent-server-binary")
        self.assertEqual(openhands.Settings(payloads={"": "mine"}).payloads_for("source"), ["mine"])


class All(Recorded):
    def setUp(self) -> None:
        super().setUp()
        self.settings()
        ohcompose.push("oci:base:a", "oci:bases:b", env={"B": "b"}, no_check=True, profile="none")
        ohcompose.push("oci:base:a", "oci:bases:a", env={"A": "a"}, no_check=True, profile="none")

    def run_all(self, bases: List[str], **options: Any) -> "tuple[int, Dict[str, Any]]":
        status = openhands.build_all_images(bases, "source-minimal", Path("dir"), **options)
        lines = [json.loads(line) for line in Path("dir/manifest.jsonl").read_text().splitlines()]
        return status, {line["base_image"]: line for line in lines}

    def test_manifest(self) -> None:
        "every base is a line of the manifest with its tags"
        status, lines = self.run_all(
            ["oci:bases:a", "oci:bases:b"], base_image_to_custom_tag_fn=lambda b: f"x{b[-1]}", max_workers=2
        )
        self.assertEqual(status, 0)
        self.assertEqual(set(lines), {"oci:bases:a", "oci:bases:b"})
        line = lines["oci:bases:b"]
        self.assertEqual(list(line), RECORD[BENCHMARKS]["BuildOutput"])
        self.assertEqual(line["tags"], ["oci:out:abcdef0-xb-source-minimal"])
        self.assertEqual((line["status"], line["error"], line["attempt_count"]), ("built", None, 1))
        self.assertEqual(ohcompose.inspect(line["tags"][0]).env["B"], "b")

    def test_there(self) -> None:
        "what is there is told as skipped, and made again when it is forced"
        registry = self.registry()
        self.put("base:a", f"{registry}/base:a")
        payload = ohcompose.pack("p", f"{registry}/pay:1").name
        self.settings(payloads={"source": payload})
        image = f"{registry}/run"
        expected = (("built", None), ("skipped_remote_exists", "remote_image_exists"))
        for status, reason in expected:
            rc, lines = self.run_all([f"{registry}/base:a"], image=image, push=True)
            line = lines[f"{registry}/base:a"]
            self.assertEqual((rc, line["status"], line["skip_reason"]), (0, status, reason))
            self.assertEqual(line["tags"], [f"{image}:abcdef0-plain-source-minimal"])
        _, lines = self.run_all([f"{registry}/base:a"], image=image, push=True, force_build=True)
        self.assertEqual(lines[f"{registry}/base:a"]["status"], "built")

    def test_failures(self) -> None:
        "one that fails is told, makes the result 1, and stops no other"
        status, lines = self.run_all(["oci:none:x", "oci:bases:a"], base_image_to_custom_tag_fn=lambda b: b[-1])
        self.assertEqual(status, 1)
        self.assertEqual(lines["oci:bases:a"]["status"], "built")
        failed = lines["oci:none:x"]
        self.assertEqual((failed["status"], failed["tags"], failed["attempt_count"]), ("failed", [], 1))
        self.assertIn("none", failed["error"])

    def test_retries(self) -> None:
        "a registry that gave up is tried again, as often as was said"
        self.settings(options={"retry": 0})
        status, lines = self.run_all(["127.0.0.1:1/x:y"], max_retries=2)
        self.assertEqual((status, lines["127.0.0.1:1/x:y"]["attempt_count"]), (1, 2))

    def test_whole(self) -> None:
        "what stops all of them is the error of each"
        self.settings(payloads={"": "no-such-payload/"}, options={"compression": "lead"})
        status, lines = self.run_all(["oci:bases:a", "oci:bases:b"], base_image_to_custom_tag_fn=lambda b: b[-1])
        self.assertEqual(status, 1)
        self.assertEqual({line["status"] for line in lines.values()}, {"failed"})
        self.assertEqual(len(lines), 2)

    def test_post_build(self) -> None:
        "the callback sees each image, and what it refuses is tried again and then failed"
        seen: List[Any] = []

        def post_build(output: Any, push: bool) -> Any:
            seen.append((output.base_image, output.tags, push))
            if output.base_image.endswith("b") and len(seen) < 3:
                output.error = "not yet"
            return output

        tag = {"base_image_to_custom_tag_fn": lambda b: b[-1]}
        status, lines = self.run_all(["oci:bases:a", "oci:bases:b"], post_build_fn=post_build, **tag)
        self.assertEqual(status, 0)
        self.assertEqual(lines["oci:bases:b"]["attempt_count"], 2)
        self.assertEqual({s[2] for s in seen}, {False})
        seen.clear()
        status, lines = self.run_all(["oci:bases:b"], post_build_fn=post_build, max_retries=1, **tag)
        self.assertEqual((status, lines["oci:bases:b"]["error"]), (1, "not yet"))

    def test_dry_run(self) -> None:
        "a dry run lists the bases and makes nothing"
        self.assertEqual(openhands.build_all_images(["a", "b"], "binary", Path("dir"), dry_run=True), 0)
        self.assertFalse(os.path.exists("dir/manifest.jsonl") or os.path.exists("out"))

    def test_benchmarks(self) -> None:
        "tags are of the SDK that the benchmarks name, and their summary is written"
        self.module(BENCHMARKS)._get_sdk_submodule_info = lambda: ("ref", "0123456789", "1.58.2")
        records: List[Any] = []

        def summarize(lines: Any, manifest_files: int) -> Any:
            records.extend(lines)
            return types.SimpleNamespace(model_dump_json=lambda indent: "{}")

        self.module("benchmarks.utils.build_manifest").summarize_build_records = summarize
        _, lines = self.run_all(["oci:bases:a"])
        self.assertEqual(lines["oci:bases:a"]["tags"], ["oci:out:0123456-plain-source-minimal"])
        self.assertEqual(records, list(lines.values()))
        self.assertEqual(Path("dir/build-summary.json").read_text(), "{}")


class PlugIn(Recorded):
    def test_replaces(self) -> None:
        "callers that look functions up find ours"
        self.module(BENCHMARKS)
        done = openhands.plug_in()
        self.assertIs(self.build_module.build, openhands.build)
        self.assertIs(sys.modules[BENCHMARKS].build_all_images, openhands.build_all_images)  # type: ignore
        self.assertEqual(len(done), 3)

    def test_program(self) -> None:
        "an unchanged program runs with ours in the place of theirs"
        package = self.tmp / "openhands" / "agent_server" / "docker"
        package.mkdir(parents=True)
        (self.tmp / "openhands" / "__init__.py").touch()
        (package / "build.py").write_text("def build(opts): raise SystemExit('docker')\n")
        Path("theirs.py").write_text(
            "import sys\nfrom openhands.agent_server.docker.build import build\n"
            "print(build.__module__, sys.argv[1:], __name__)\n"
        )
        for name in ("theirs.py", "theirs"):
            p = subprocess.run(
                [sys.executable, "-m", "ohcompose.openhands", name, "--x", "y"],
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": f"{TOP}/python:{self.tmp}"},
            )
            self.assertEqual(p.stdout, "ohcompose.openhands.build ['--x', 'y'] __main__\n")

    def test_nothing_there(self) -> None:
        "where none of theirs is installed, that is said"
        p = subprocess.run(
            [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '{TOP}/python'); "
             "from ohcompose.openhands import plug_in; plug_in()"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.assertIn("neither", p.stderr)


if __name__ == "__main__":
    main()
