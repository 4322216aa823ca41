#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a directory for a test, from lines on standard input.

usage: make_tree.py DIR

    elf PATH [KEY=VALUE]...     as make_elf.py: arch, type, interp, soname, rpath, runpath, stack,
                                needed=A,B  needs=LIB:VERSION:VERSION  defs=VERSION,VERSION
                                pie, nodeflib, textrel, pyinstaller, late (=1)
                                lead=N names=N pad=N
    file PATH [TEXT]            with \\n and \\0 in it as in Python
    cache PATH [old] [[?]NAME=PATH]...   as ldconfig writes /etc/ld.so.cache; old: behind one of
                                the older form; '?': for some processors only
    link PATH TARGET
    dir PATH
    mode OCTAL PATH
    time SECONDS PATH

Directories on the way are made.  Empty lines and those with '#' at their start are nothing.
"""
import os
import shlex
import struct
import sys

from make_elf import elf

FLAGS = ("pie", "nodeflib", "textrel", "pyinstaller", "late")
NUMBERS = ("lead", "names", "pad")


def make_elf(words):
    kw = {}
    for word in words:
        key, value = word.split("=", 1)
        if key == "needs":
            lib, *versions = value.split(":")
            kw.setdefault("needs", []).append((lib, versions))
        elif key in ("needed", "defs"):
            kw[key] = value.split(",")
        elif key in FLAGS:
            kw[key] = value == "1"
        elif key in NUMBERS:
            kw[key] = int(value)
        else:
            kw[key] = value
    return elf(**kw)


def make_cache(pairs):
    old = b""
    if pairs and pairs[0] == "old":
        pairs = pairs[1:]
        old = b"ld.so-1.7.0\0" + struct.pack("<I", len(pairs)) + b"\0" * 12 * len(pairs)
        old += b"\0" * (-len(old) % 8)
    texts, entries = b"", b""
    start = 48 + 24 * len(pairs)
    for pair in pairs:
        at = []
        hwcap = pair.startswith("?")
        for text in pair.lstrip("?").split("=", 1):
            at.append(start + len(texts))
            texts += text.encode() + b"\0"
        entries += struct.pack("<iIIIQ", 0x303, *at, 0, hwcap << 62)
    return (old + b"glibc-ld.so.cache1.1" + struct.pack("<IIBxxxI12x", len(pairs), len(texts), 2, 0) +
            entries + texts)


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    os.chdir(sys.argv[1])
    for line in sys.stdin:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        verb, *words = shlex.split(line)
        if verb in ("mode", "time"):
            value, path = words
        else:
            path, *words = words
        path = path.lstrip("/")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if verb == "elf":
            write(path, make_elf(words))
            os.chmod(path, 0o755)
        elif verb == "file":
            text = words[0] if words else ""
            write(path, text.encode().decode("unicode_escape").encode("latin-1"))
        elif verb == "cache":
            write(path, make_cache(words))
        elif verb == "link":
            os.symlink(words[0], path)
        elif verb == "dir":
            os.makedirs(path, exist_ok=True)
        elif verb == "mode":
            os.chmod(path, int(value, 8))
        elif verb == "time":
            os.utime(path, (int(value), int(value)))
        else:
            sys.exit("make_tree.py: what is '%s'?" % verb)


if __name__ == "__main__":
    main()
