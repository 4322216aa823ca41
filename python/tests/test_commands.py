#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands as functions: what they give, what they raise, what they tell on the way."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import List

from support import Case, main

import ohcompose


class Push(Case):
    def test_result(self) -> None:
        "push gives the image that it made"
        image = ohcompose.push("oci:base:a", "oci:out:1", payload="p", label={"k": "v w"}, tag=["2", "3"])
        self.assertEqual([layer.role for layer in image.layers], ["base", "payload", "adapter"])
        self.assertEqual(image.layers[1].action, "written")
        self.assertEqual(image.platform, ohcompose.inspect("oci:out:2").platform)
        self.assertEqual(image.reference, f"oci:out:1@{image.digest}")
        self.assertEqual(ohcompose.inspect("oci:out:3").digest, image.digest)
        self.assertEqual(ohcompose.inspect("oci:out:1").raw["config"]["labels"], {"k": "v w"})
        self.assertGreater(image.bytes.read, 0)
        self.assertEqual(sorted(ohcompose.tags("oci:out")), ["1", "2", "3"])

    def test_words(self) -> None:
        "entrypoint and cmd are lists of words, texts for a shell, or cleared"
        made = {"words": ["a b", "c"], "text": "echo $HOME", "none": ""}
        for tag, cmd in made.items():
            ohcompose.push("oci:base:a", f"oci:out:{tag}", payload=Path("p"), cmd=cmd, no_check=True)
        self.assertEqual(ohcompose.inspect("oci:out:words").config["cmd"], ["a b", "c"])
        self.assertEqual(ohcompose.inspect("oci:out:text").config["cmd"], ["/bin/sh", "-c", "echo $HOME"])
        self.assertNotIn("cmd", ohcompose.inspect("oci:out:none").config)

    def test_env(self) -> None:
        "variables come from a dict, and what is read has them as one"
        ohcompose.push("oci:base:a", "oci:out:1", payload="p", env={"A": "b=c d", "PATH": "/x:$PATH"})
        env = ohcompose.inspect("oci:out:1").env
        self.assertEqual(env["A"], "b=c d")
        self.assertTrue(env["PATH"].startswith("/x:/usr/local/bin:"), env["PATH"])

    def test_odd_names(self) -> None:
        "a name that begins with '-' is a name"
        with self.assertRaises(ohcompose.NotFound):
            ohcompose.push("oci:-x:a", "oci:out:1", payload="p")
        with self.assertRaises(ohcompose.UsageError) as e:
            ohcompose.push("--insecure", "oci:out:1", payload="p")
        self.assertIn("--insecure", str(e.exception))


class Errors(Case):
    def test_by_status(self) -> None:
        "an exit status is a class of its own, and the text is the program's"
        with self.assertRaises(ohcompose.NotFound) as e:
            ohcompose.push("oci:none:a", "oci:out:1", payload="p")
        self.assertEqual(e.exception.status, 4)
        self.assertIn("oci:none:a", str(e.exception))
        self.assertNotIn("ohcompose:", str(e.exception))
        with self.assertRaises(ohcompose.UsageError) as u:
            ohcompose.push("oci:base:a", "oci:out:1", payload="p", on_uid_clash="perhaps")
        self.assertIn("perhaps", str(u.exception))
        with self.assertRaises(ohcompose.CheckFailed):
            ohcompose.push("oci:base:a", "oci:out:1", payload="p", cmd=["/no/such"])

    def test_network(self) -> None:
        "a registry that is not there is a NetworkError"
        with self.assertRaises(ohcompose.NetworkError) as e:
            ohcompose.inspect("127.0.0.1:1/x:y", retry=0)
        self.assertEqual(e.exception.status, 6)

    def test_program_missing(self) -> None:
        "a program that is not there is told by its name"
        self.swap_env(OHCOMPOSE="/no/such/program")
        with self.assertRaises(ohcompose.ProgramMissing) as e:
            ohcompose.version()
        self.assertIn("/no/such/program", str(e.exception))

    def test_foreign_program(self) -> None:
        "what is no JSON is no result"
        fake = self.tmp / "fake"
        fake.write_text("#!/bin/sh\necho hello\n")
        fake.chmod(0o755)
        self.swap_env(OHCOMPOSE=str(fake))
        with self.assertRaises(ohcompose.FormatError):
            ohcompose.inspect("oci:base:a")

    def test_killed(self) -> None:
        "a program that a signal ended is an error with 128 and its number"
        fake = self.tmp / "fake"
        fake.write_text("#!/bin/sh\nkill -9 $$\n")
        fake.chmod(0o755)
        self.swap_env(OHCOMPOSE=str(fake))
        with self.assertRaises(ohcompose.Error) as e:
            ohcompose.inspect("oci:base:a")
        self.assertEqual(e.exception.status, 137)


class Telling(Case):
    def test_callback(self) -> None:
        "a callback is told of tasks with their bytes, and of warnings"
        events: List[ohcompose.Event] = []
        ohcompose.push("oci:base:a", "oci:out:1", payload="p", progress=events.append)
        begun = [e for e in events if isinstance(e, ohcompose.Begin)]
        ended = {e.task: e for e in events if isinstance(e, ohcompose.End)}
        self.assertTrue(begun)
        self.assertEqual({e.task for e in begun}, set(ended))
        copied = next(e for e in begun if e.verb == "copy")
        self.assertEqual(ended[copied.task].bytes, copied.total)
        self.assertIn("warning", [e.level for e in events if isinstance(e, ohcompose.Message)])

    def test_logger(self) -> None:
        "without a callback, warnings are logged"
        with self.assertLogs("ohcompose", logging.WARNING) as logs:
            ohcompose.push("oci:base:a", "oci:out:1", payload="p")
        self.assertIn("certificates", logs.output[0])

    def test_callback_raises(self) -> None:
        "what a callback raises ends the program, and nothing stays behind"

        def stop(_: ohcompose.Event) -> None:
            raise KeyError("enough")

        with self.assertRaises(KeyError):
            ohcompose.push("oci:base:a", "oci:out:1", payload="p", progress=stop)
        self.assertEqual(subprocess.run(["pgrep", "-P", str(os.getpid())], stdout=-3).returncode, 1)

    def test_kept_stderr(self) -> None:
        "a child that outlives the program with its standard error is not waited for, and nothing is lost"
        fake = self.tmp / "fake"
        fake.write_text(
            "#!/bin/sh\n{ sleep 200; : >ended; } >/dev/null &\necho $! >pid\n"
            'echo \'{"event": "message", "level": "warning", "text": "told"}\' >&2\n'
            'echo \'{"version": "1"}\'\n'
        )
        fake.chmod(0o755)
        self.swap_env(OHCOMPOSE=str(fake))
        self.addCleanup(lambda: os.kill(int(Path("pid").read_text()), 9))
        with self.assertLogs("ohcompose", logging.WARNING) as logs:
            self.assertEqual(ohcompose.version(), "1")
        self.assertFalse(Path("ended").exists())
        self.assertEqual([r.getMessage() for r in logs.records], ["told"])


class Others(Case):
    def test_pack(self) -> None:
        "pack gives the layers with what is in them"
        image = ohcompose.pack("p", "oci:pay:1", launcher={"x": "bin/tool"})
        self.assertEqual([layer.role for layer in image.layers], ["payload"] * len(image.layers))
        payload = image.layers[0]
        self.assertIn("/openhands/bin/tool", payload.programs)
        self.assertEqual(payload.name, "payload")
        self.assertGreater(payload.entries or 0, 5)
        self.assertRegex(payload.diff_id or "", "^sha256:")

    def test_check(self) -> None:
        "check gives findings, and errors among them raise nothing"
        bad = ohcompose.check("oci:base:a")
        self.assertFalse(bad)
        self.assertIn("contract-prefix", [f.code for f in bad.errors])
        good = ohcompose.check("oci:base:a", payload="p")
        self.assertTrue(good)
        self.assertEqual([f.code for f in good.warnings], ["certificates"])
        self.assertFalse([f for f in good.findings if f.level == "ok"])
        said = ohcompose.check("oci:base:a", payload="p", verbose=True)
        self.assertIn("workspace", [f.code for f in said.findings if f.level == "ok"])
        with self.assertRaises(ohcompose.NotFound):
            ohcompose.check("oci:none:a")

    def test_inspect(self) -> None:
        "inspect gives digest, layers and config"
        image = ohcompose.inspect("oci:base:a")
        self.assertEqual(image.digest, image.manifest)
        self.assertEqual(len(image.layers), 1)
        self.assertEqual(image.config["cmd"], ["/bin/sh"])
        self.assertEqual(image.size, image.layers[0].size)

    def test_version(self) -> None:
        "version is the program's"
        said = subprocess.run([os.environ["OHCOMPOSE"], "version"], stdout=-1, text=True, check=True).stdout
        self.assertEqual(said.split()[1], ohcompose.version())


class Registry(Case):
    def test_secrets(self) -> None:
        "credentials are used, and no list of processes shows them"
        registry = self.registry("htpasswd")
        name = f"{registry}/me/app:1"
        with self.assertRaises(ohcompose.Denied):
            ohcompose.push("oci:base:a", name, payload="p")
        ohcompose.push("oci:base:a", name, payload="p", creds="user:secret")
        again = ohcompose.push(
            f"{registry}/me/app:1", f"{registry}/me/app:2", src_creds="user:secret", creds="user:secret"
        )
        self.assertEqual(ohcompose.inspect(f"{registry}/me/app:2", creds="user:secret").digest, again.digest)
        with self.assertRaises(ohcompose.Denied) as e:
            ohcompose.inspect(name, creds="user:wrong")
        self.assertNotIn("wrong", " ".join(e.exception.command) + str(e.exception))

    def test_probe(self) -> None:
        "probe gives what a registry can do"
        registry = self.registry()
        found = ohcompose.probe(f"{registry}/me/app")
        self.assertEqual(found.url, f"http://{registry}")
        self.assertIs(found.can["push"], True)
        self.assertIs(found.can["referrers"], False)

    def test_bake(self) -> None:
        "bake mounts in a registry what it has"
        registry = self.registry()
        self.put("base:a", f"{registry}/base:a")
        payload = ohcompose.pack("p", f"{registry}/pay:1").name
        with ohcompose.bake([f"{registry}/base:a"], dest=f"{registry}/run:1", payload=payload) as b:
            (image,) = b
        assert image.image
        self.assertEqual([layer.action for layer in image.image.layers], ["mounted", "mounted", "uploaded"])
        again = list(ohcompose.bake([f"{registry}/base:a"], dest=f"{registry}/run:1", payload=payload))
        self.assertEqual([i.state for i in again], ["there"])


class Bake(Case):
    def test_results(self) -> None:
        "bake gives each image as it is done, and the sums at the end"
        b = ohcompose.bake(
            ["oci:base:a", {"base": "oci:base:a", "dest": "oci:out:two", "env": {"A": "b"}}],
            payload="p",
            dest="oci:out:one",
        )
        self.assertIsNone(b.summary)
        images = {i.name: i for i in b}
        self.assertEqual(set(images), {"oci:out:one", "oci:out:two"})
        self.assertEqual({i.state for i in images.values()}, {"done"})
        self.assertEqual(ohcompose.inspect("oci:out:two").env["A"], "b")
        assert b.summary
        self.assertEqual((b.summary.images, b.summary.done, b.summary.failed), (2, 2, 0))

    def test_status(self) -> None:
        "a callback is told how far a bake is"
        events: List[ohcompose.Event] = []
        list(ohcompose.bake(["oci:base:a"], payload="p", dest="oci:out:one", progress=events.append))
        told = [e for e in events if isinstance(e, ohcompose.Status)]
        self.assertEqual({e.images for e in told}, {1})
        self.assertEqual(set(told[0].bytes), {"uploaded", "mounted"})

    def test_failure(self) -> None:
        "an image that fails is a result, and the others are made"
        with ohcompose.bake(["oci:base:a", "oci:none:b"], payload="p", dest="oci:out:{base.slug}") as b:
            images = {i.base: i for i in b}
        self.assertTrue(images["oci:none:b"].failed)
        self.assertEqual(images["oci:none:b"].exit, 4)
        self.assertIn("none", images["oci:none:b"].error or "")
        self.assertIsNone(images["oci:none:b"].image)
        self.assertEqual(images["oci:base:a"].state, "done")
        assert b.summary
        self.assertEqual(b.summary.failed, 1)

    def test_whole(self) -> None:
        "what prevents the whole bake is raised"
        with self.assertRaises(ohcompose.UsageError):
            list(ohcompose.bake(["oci:base:a", "oci:base:a:b"], payload="p", dest="oci:out:same"))
        with self.assertRaises(ohcompose.NotFound):
            list(ohcompose.bake("no-such-file.json"))

    def test_file(self) -> None:
        "bake takes a file, its content, or a list of names"
        spec = '{"payload": "p", "images": [{"base": "oci:base:a", "dest": "oci:out:f"}]}'
        Path("bake.json").write_text(spec)
        self.assertEqual([i.state for i in ohcompose.bake(Path("bake.json"))], ["done"])
        content = {"payload": "p", "images": [{"base": "oci:base:a", "dest": "oci:out:f"}]}
        self.assertEqual([i.state for i in ohcompose.bake(content)], ["done"])
        Path("bases").write_text("oci:base:a\n")
        b = ohcompose.bake(bases="bases", payload="p", dest="oci:out:f")
        self.assertEqual([i.state for i in b], ["done"])

    def test_nothing_stays(self) -> None:
        "the list that was written for the program is removed"
        self.swap_env(TMPDIR=str(self.tmp / "t"))
        os.mkdir("t")
        import tempfile

        tempfile.tempdir = None
        self.addCleanup(setattr, tempfile, "tempdir", None)
        list(ohcompose.bake(["oci:base:a"], payload="p", dest="oci:out:x"))
        b = ohcompose.bake(["oci:base:a"], payload="p", dest="oci:out:y")
        self.assertEqual(len(os.listdir("t")), 1)
        b.close()
        self.assertEqual(os.listdir("t"), [])

    def test_left_early(self) -> None:
        "leaving the block ends the program"
        silent = self.tmp / "silent"
        silent.write_text("#!/bin/sh\necho $$ >pid\nexec sleep 100\n")
        silent.chmod(0o755)
        self.swap_env(OHCOMPOSE=str(silent))
        with ohcompose.bake(["oci:base:a"]):
            for _ in range(200):
                if os.path.exists("pid") and os.path.getsize("pid"):
                    break
                time.sleep(0.02)
        pid = int(Path("pid").read_text())
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)


class Upgrade(Case):
    def test_payload(self) -> None:
        "upgrade gives each image with its new payload, and those that it left with why"
        registry = self.registry()
        self.put("base:a", f"{registry}/base:a")
        first = ohcompose.pack("p", f"{registry}/pay:1").name
        ohcompose.push(f"{registry}/base:a", f"{registry}/run:1", payload=first, env={"A": "b"})
        Path("p/share/new").write_text("new")
        second = ohcompose.pack("p", f"{registry}/pay:2")
        with ohcompose.upgrade([f"{registry}/run:1", f"{registry}/base:a"], payload=second.name) as images:
            by_name = {i.name: i for i in images}
        made = by_name[f"{registry}/run:1"]
        assert made.image and images.summary
        self.assertEqual(made.state, "done")
        self.assertEqual(made.image.layers[1].digest, second.layers[0].digest)
        self.assertEqual(ohcompose.inspect(f"{registry}/run:1").env["A"], "b")
        left = by_name[f"{registry}/base:a"]
        self.assertEqual((left.left, left.image), (True, None))
        self.assertTrue(left.why)
        self.assertEqual(images.summary.left, 1)

    def test_repo(self) -> None:
        "upgrade takes every image of a repository"
        registry = self.registry()
        ohcompose.push("oci:base:a", f"{registry}/run:1", payload="p")
        again = list(ohcompose.upgrade(repo=f"{registry}/run", base="oci:base:a", env={"A": "b"}))
        self.assertEqual([i.name for i in again], [f"{registry}/run:1"])


class Options(Case):
    """The options of the package and of the program are the same."""

    def known(self, command: str) -> "set[str]":
        help_text = subprocess.run(
            [os.environ["OHCOMPOSE"], "help", command], stdout=-1, text=True, check=True
        ).stdout
        return {m.replace("-", "_") for m in re.findall(r"^ {2,6}(?:-\w, )?--([a-z-]+)", help_text, re.M)}

    def test_same(self) -> None:
        "every option of a command has its keyword, and every keyword its option"
        from ohcompose import options as o

        # Keywords of the package's own, and other names of options that have a keyword.
        ours = {"json", "progress", "help", "quiet", "verbose", "creds_stdin", "src_creds_stdin", "dest_creds"}
        forms = {
            "inspect": {"raw", "config", "layers", "tree", "tags", "plain_sizes", "format", "referrers", "volume"},
            "check": {"codes"},
            "bake": {"report"},
            "upgrade": {"report"},
        }
        for command, kind in [
            ("push", o.PushOptions),
            ("pack", o.PackOptions),
            ("bake", o.BakeOptions),
            ("upgrade", o.UpgradeOptions),
            ("check", o.CheckOptions),
            ("inspect", o.InspectOptions),
            ("probe", o.ProbeOptions),
        ]:
            with self.subTest(command):
                program = self.known(command) - ours - forms.get(command, set())
                package = set(kind.__annotations__) - ours
                self.assertFalse(program - package, "options.py lacks keywords of the program's options")
                self.assertFalse(package - program, "options.py has keywords that are no options")


if __name__ == "__main__":
    main()
