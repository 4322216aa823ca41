#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make layers at random that get in each other's way as much as layers can.

usage: random_layers.py SEED N OUT

Writes OUT.1.tar to OUT.N.tar.  Few names, so that nearly every entry meets one: files, directories,
symlinks (also to nowhere and upwards), hard links, whiteouts, opaque whiteouts, replaced by one
another.  Left out is what no engine unpacks: entries below files, loops, hard links to what is not
there.  To know that, each layer is applied here too, by the simplest means.
"""

import io
import random
import sys
import tarfile

NAMES = "abc"


class Tree:
    """Paths and what stands there: "d", "f", or a symlink's target as ("l", target)."""

    def __init__(self):
        self.at = {"": "d"}

    def resolve(self, path, depth=0):
        """The path of a directory, through symlinks; None where there can be none."""
        if depth > 8:
            return None
        here = ""
        parts = [p for p in path.split("/") if p not in ("", ".")]
        for i, p in enumerate(parts):
            if p == "..":
                here = here.rpartition("/")[0]
                continue
            now = f"{here}/{p}".lstrip("/")
            what = self.at.get(now)
            if what == "f":
                return None
            if what is not None and what != "d":
                target = what[1]
                base = "" if target.startswith("/") else here
                rest = "/".join([target] + parts[i + 1 :])
                return self.resolve(f"{base}/{rest}", depth + 1)
            here = now
        return here

    def remove(self, path):
        for p in [p for p in self.at if p == path or p.startswith(path + "/")]:
            del self.at[p]

    def put(self, path, what):
        parent = path.rpartition("/")[0]
        while parent:
            self.at.setdefault(parent, "d")
            parent = parent.rpartition("/")[0]
        if not (what == "d" and self.at.get(path) == "d"):
            self.remove(path)
        self.at[path] = what


def some_path(r, most=3):
    return "/".join(r.choice(NAMES) for _ in range(r.randint(1, most)))


class Layer:
    def __init__(self, r, tree, out):
        self.r, self.tree = r, tree
        self.tar = tarfile.open(out, "w", format=tarfile.GNU_FORMAT)
        self.mine = set()  # what this layer put, by where it came to stand

    def add(self, name, kind, link="", size=0):
        t = tarfile.TarInfo(name)
        t.type, t.linkname, t.size = kind, link, size
        t.mode = self.r.choice((0o600, 0o644, 0o755, 0o1777, 0o4711))
        t.uid, t.gid = self.r.choice(((0, 0), (1000, 100)))
        t.mtime = self.r.randint(1600000000, 1700000000)
        self.tar.addfile(t, io.BytesIO(b"x" * size))

    def step(self):
        path = some_path(self.r)
        parent, _, name = path.rpartition("/")
        where = self.tree.resolve(parent)
        if where is None:
            return
        full = f"{where}/{name}".lstrip("/")
        do = self.r.choices(
            (self.file, self.dir, self.symlink, self.hardlink, self.whiteout, self.opaque),
            (5, 5, 3, 2, 2, 1),
        )[0]
        do(path, full)

    def placed(self, full, what):
        self.tree.put(full, what)
        while full:
            self.mine.add(full)
            full = full.rpartition("/")[0]

    def file(self, path, full):
        self.add(path, tarfile.REGTYPE, size=self.r.randint(0, 700))
        self.placed(full, "f")

    def dir(self, path, full):
        self.add(path + "/", tarfile.DIRTYPE)
        self.placed(full, "d")

    def symlink(self, path, full):
        target = self.r.choice(("", "../", "/", "./")) + some_path(self.r, 2)
        self.add(path, tarfile.SYMTYPE, link=target)
        self.placed(full, ("l", target))

    def hardlink(self, path, full):
        files = sorted(p for p, w in self.tree.at.items() if w == "f" and p != full)
        files = [p for p in files if not p.startswith(full + "/")]
        if files:
            self.add(path, tarfile.LNKTYPE, link=self.r.choice(files))
            self.placed(full, "f")

    def whiteout(self, path, full):
        """Not of what this layer has: engines differ there."""
        if full in self.mine or full not in self.tree.at:
            return
        parent, _, name = path.rpartition("/")
        self.add(f"{parent}/.wh.{name}".lstrip("/"), tarfile.REGTYPE)
        self.tree.remove(full)

    def opaque(self, path, full):
        where = self.tree.resolve(path)
        if where is None or where in self.mine or self.tree.at.get(where) != "d":
            return
        self.add(f"{path}/.wh..wh..opq", tarfile.REGTYPE)
        for p in [p for p in self.tree.at if p.startswith(where + "/")]:
            del self.tree.at[p]


def main():
    seed, n, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    r, tree = random.Random(seed), Tree()
    for i in range(1, n + 1):
        layer = Layer(r, tree, f"{out}.{i}.tar")
        for _ in range(r.randint(3, 25)):
            layer.step()
        layer.tar.close()


main()
