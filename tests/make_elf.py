#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tiny ELF files that say what they are told to, for tests: no compiler has to be there for
an architecture.  They hold no code; nothing could run them.

usage: make_elf.py OUT [--arch amd64] [--type exec|dyn|rel] [--interp PATH] [--needed NAME]...
                   [--soname NAME] [--rpath P] [--runpath P] [--need FILE:VERSION[,VERSION]...]...
                   [--def VERSION]... [--stack plain|exec|none] [--textrel] [--pie] [--nodeflib]
                   [--pyinstaller] [--lead N] [--names N] [--pad N] [--late] [--appended N] [--behind]
       make_elf.py --all DIR        the files of testdata/elf/

--lead puts N bytes before the texts (a program's code, as Go's linker does it), --names N bytes of other
names among the texts (a program with many symbols), --pad N bytes between the texts and the dynamic
section; --late puts the texts behind that, as patchelf does.  --appended N adds a section header, and
N bytes behind that; --behind puts a segment behind those, as patchelf does.  A version that starts with
'?' is needed weakly.  As a module: elf(**keywords) gives the bytes.
"""
import argparse
import os
import struct

# name: (machine, 64 bits, big endian, flags)
ARCHS = {
    "386": (3, False, False, 0), "amd64": (62, True, False, 0),
    "arm": (40, False, False, 0x5000400), "arm64": (183, True, False, 0),
    "ppc64": (21, True, True, 1), "ppc64le": (21, True, False, 2),
    "riscv64": (243, True, False, 5), "s390x": (22, True, True, 0),
    "mips": (8, False, True, 0x70001007), "none": (0xfefe, True, False, 0),
}
TYPES = {"rel": 1, "exec": 2, "dyn": 3, "core": 4}
BASE = 0x400000


class Strings:
    def __init__(self):
        self.data = b"\0"

    def add(self, text):
        at = len(self.data)
        self.data += text.encode() + b"\0"
        return at


def hash_of(name):
    h = 0
    for c in name.encode():
        h = ((h << 4) + c) & 0xffffffff
        g = h & 0xf0000000
        h ^= g >> 24
        h &= ~g
    return h


def verneed(e, strings, needs):
    out = b""
    for i, (name, versions) in enumerate(needs):
        size = 16 + 16 * len(versions)
        out += struct.pack(e + "HHIII", 1, len(versions), strings.add(name), 16,
                           size if i + 1 < len(needs) else 0)
        for k, v in enumerate(versions):
            weak = v.startswith("?")
            v = v.lstrip("?")
            out += struct.pack(e + "IHHII", hash_of(v), 2 if weak else 0, k + 2, strings.add(v),
                               16 if k + 1 < len(versions) else 0)
    return out


def verdef(e, strings, base, versions):
    out = b""
    names = [base] + versions
    for i, v in enumerate(names):
        out += struct.pack(e + "HHHHIII", 1, 0 if i else 1, i + 1, 1, hash_of(v), 20,
                           28 if i + 1 < len(names) else 0)
        out += struct.pack(e + "II", strings.add(v), 0)
    return out


def elf(arch="amd64", type="dyn", interp=None, needed=(), soname=None, rpath=None, runpath=None,
        needs=(), defs=(), stack="plain", textrel=False, pie=False, nodeflib=False,
        pyinstaller=False, lead=0, names=0, pad=0, late=False, appended=0, behind=False,
        dynamic=True):
    machine, wide, big, flags = ARCHS[arch]
    e = ">" if big else "<"
    word = "Q" if wide else "I"
    ehsize, phentsize = (64, 56) if wide else (52, 32)
    strings = Strings()
    half = b"_ZN4llvm12SomeFunction\0" * (names // 2 // 23)
    strings.data += half
    tags = [(1, strings.add(n)) for n in needed]
    for tag, text in ((14, soname), (15, rpath), (29, runpath)):
        if text is not None:
            tags.append((tag, strings.add(text)))
    need_bytes = verneed(e, strings, list(needs))
    def_bytes = verdef(e, strings, soname or "base", list(defs)) if defs else b""
    strings.data += half
    dynamic = dynamic and type != "rel"
    phnum = (1 + bool(interp) + bool(dynamic) + (stack != "none") + behind) if type != "rel" else 0

    body = b""
    start = ehsize + phnum * phentsize
    places = {}

    def put(name, data, align=8):
        nonlocal body
        body += b"\0" * (-(start + len(body)) % align)
        places[name] = (start + len(body), len(data))
        body += data

    if interp:
        put("interp", interp.encode() + b"\0", 1)
    if late:
        places["dynamic"] = (start + len(body) + -(start + len(body)) % 8, 0)
        body += b"\0" * (places["dynamic"][0] - start - len(body) + 32 * 16)
    put("lead", b"\x90" * lead, 1)
    put("strings", strings.data, 1)
    put("need", need_bytes)
    put("def", def_bytes)
    put("pad", b"\x90" * pad, 1)
    tags += [(5, BASE + places["strings"][0]), (10, len(strings.data))]
    if needs:
        tags += [(0x6ffffffe, BASE + places["need"][0]), (0x6fffffff, len(needs))]
    if defs:
        tags += [(0x6ffffffc, BASE + places["def"][0]), (0x6ffffffd, len(defs) + 1)]
    if textrel:
        tags.append((30, 4))
    flags_1 = (0x08000000 if pie else 0) | (0x800 if nodeflib else 0)
    if flags_1:
        tags.append((0x6ffffffb, flags_1))
    tags.append((0, 0))
    table = b"".join(struct.pack(e + word * 2, *t) for t in tags)
    if late:
        assert len(table) <= 32 * 16
        at = places["dynamic"][0] - start
        body = body[:at] + table + body[at + len(table):]
        places["dynamic"] = (start + at, len(table))
    else:
        put("dynamic", table)
    if pyinstaller:
        put("cookie", b"MEI\014\013\012\013\016" + b"\0" * 80, 1)

    def phdr(kind, pflags, at, size):
        if wide:
            return struct.pack(e + "IIQQQQQQ", kind, pflags, at, BASE + at, BASE + at, size, size, 8)
        return struct.pack(e + "IIIIIIII", kind, at, BASE + at, BASE + at, size, size, pflags, 8)

    end = start + len(body)
    tail, sections = b"", ()
    if appended or behind:
        tail = b"named" + b"\0" * (-(end + 5) % 8)
        sections = (end + len(tail), 2)
        tail += b"".join(struct.pack(e + "II" + word * 4 + "II" + word * 2, 0, k, 0, 0, k * end, k * 5,
                                     0, 0, k, 0) for k in (0, 1))
        tail += b"data" * (appended // 4)
    phdrs = b""
    if phnum:
        phdrs += phdr(1, 5, 0, end)
        if interp:
            phdrs += phdr(3, 4, *places["interp"])
        if dynamic:
            phdrs += phdr(2, 6, *places["dynamic"])
        if stack != "none":
            phdrs += phdr(0x6474e551, 7 if stack == "exec" else 6, 0, 0)
        if behind:
            tail += b"\0" * (-(end + len(tail)) % 4096)
            phdrs += phdr(1, 4, end + len(tail), 16)
            tail += b"behind the data."
    ident = b"\177ELF" + bytes([2 if wide else 1, 2 if big else 1, 1, 0]) + b"\0" * 8
    head = ident + struct.pack(e + "HHI" + word * 3 + "IHHHHHH", TYPES[type], machine, 1,
                               BASE + start, ehsize if phnum else 0, sections[0] if sections else 0,
                               flags, ehsize, phentsize if phnum else 0, phnum, 64 if wide else 40,
                               sections[1] if sections else 0, 0)
    return head + phdrs + body + tail


LOADERS = {"386": "ld-linux.so.2", "amd64": "ld-linux-x86-64.so.2", "arm": "ld-linux-armhf.so.3",
           "arm64": "ld-linux-aarch64.so.1", "s390x": "ld64.so.1", "ppc64": "ld64.so.1",
           "ppc64le": "ld64.so.2", "mips": "ld.so.1", "riscv64": "ld-linux-riscv64-lp64d.so.1"}


def all_files():
    """What lies in testdata/elf/, by name."""
    files = {}
    for arch, loader in LOADERS.items():
        files["program-" + arch] = elf(arch, interp="/lib/" + loader, pie=True,
                                       needed=["libm.so.6", "libc.so.6"],
                                       needs=[("libc.so.6", ["GLIBC_2.4", "GLIBC_2.34"])])
    files["program-musl"] = elf(interp="/lib/ld-musl-x86_64.so.1", pie=True,
                                needed=["libc.musl-x86_64.so.1"])
    files["program-none"] = elf("none", "exec", dynamic=False)
    files["static"] = elf(type="exec", dynamic=False)
    files["static-pie"] = elf(pie=True)
    files["object"] = elf(type="rel")
    files["pyinstaller"] = elf(interp="/lib64/ld-linux-x86-64.so.2", type="exec", pyinstaller=True,
                               needed=["libc.so.6"])
    files["library"] = elf(soname="libx.so.1", needed=["libc.so.6", "libstdc++.so.6"],
                           rpath="/a:/b", runpath="$ORIGIN/../lib",
                           needs=[("libc.so.6", ["GLIBC_2.2.5", "GLIBC_2.14", "?GLIBC_2.99"]),
                                  ("libstdc++.so.6", ["CXXABI_1.3.9", "GLIBCXX_3.4.30"])],
                           defs=["X_1.0", "X_1.10", "X_1.9", "X_PRIVATE"])
    files["library-odd"] = elf("386", stack="exec", textrel=True, nodeflib=True)
    files["library-unsaid"] = elf(stack="none", soname="libunsaid.so")
    return files


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("out", nargs="?")
    p.add_argument("--all", metavar="DIR")
    p.add_argument("--arch", default="amd64")
    p.add_argument("--type", default="dyn")
    p.add_argument("--interp")
    p.add_argument("--needed", action="append", default=[])
    p.add_argument("--soname")
    p.add_argument("--rpath")
    p.add_argument("--runpath")
    p.add_argument("--need", action="append", default=[])
    p.add_argument("--def", dest="defs", action="append", default=[])
    p.add_argument("--stack", default="plain")
    for flag in ("textrel", "pie", "nodeflib", "pyinstaller", "late", "behind"):
        p.add_argument("--" + flag, action="store_true")
    for number in ("lead", "names", "pad", "appended"):
        p.add_argument("--" + number, type=int, default=0)
    a = vars(p.parse_args())
    out, everything = a.pop("out"), a.pop("all")
    if everything:
        for name, data in all_files().items():
            with open(os.path.join(everything, name), "wb") as f:
                f.write(data)
        return
    a["needs"] = [(n.split(":")[0], n.split(":")[1].split(",")) for n in a.pop("need")]
    with open(out, "wb") as f:
        f.write(elf(**a))
    os.chmod(out, 0o755)


if __name__ == "__main__":
    main()
