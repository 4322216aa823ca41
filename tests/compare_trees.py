#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare two directory trees in everything that an image carries.

usage: compare_trees.py SHOULD IS [--owner UID:GID] [--ignore-owner] [--skip NAME]... [--no-xattrs]

Names as bytes, types, modes, owners (all of IS must be --owner's, else SHOULD's), mtimes to the
second, contents, link targets, device numbers, xattrs and which names are hard links of one file.
Sockets of SHOULD are expected to be left out.  Prints the differences; status 1 when there are any.
"""

import argparse
import hashlib
import os
import stat
import sys


def digest(path):
    h = hashlib.sha256()
    with open(path, "rb", buffering=0) as f:
        while True:
            block = f.read(1 << 20)
            if not block:
                return h.hexdigest()
            h.update(block)


def xattrs(path):
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return {}
    return {n: os.getxattr(path, n, follow_symlinks=False)
            for n in names if not n.startswith("security.selinux")}


def describe(path, st, args, is_side):
    d = {"type": stat.S_IFMT(st.st_mode), "mtime": st.st_mtime_ns // 1_000_000_000}
    if not stat.S_ISLNK(st.st_mode):
        d["mode"] = oct(stat.S_IMODE(st.st_mode))
    if not args.ignore_owner:
        d["owner"] = f"{st.st_uid}:{st.st_gid}"
        if args.owner and not is_side:
            d["owner"] = args.owner
    if stat.S_ISREG(st.st_mode):
        d["size"] = st.st_size
        d["content"] = digest(path)
    elif stat.S_ISLNK(st.st_mode):
        d["target"] = os.readlink(path)
    elif stat.S_ISCHR(st.st_mode) or stat.S_ISBLK(st.st_mode):
        d["device"] = st.st_rdev
    if not args.no_xattrs:
        d["xattrs"] = xattrs(path)
    return d


def read_tree(root, args, is_side):
    root = os.fsencode(root)
    found, inodes = {}, {}
    todo = [b""]
    while todo:
        name = todo.pop()
        path = os.path.join(root, name) if name else root
        st = os.lstat(path)
        if stat.S_ISSOCK(st.st_mode) and not is_side:
            continue
        if os.fsdecode(name) in args.skip:
            continue
        found[name] = describe(path, st, args, is_side)
        if stat.S_ISDIR(st.st_mode):
            todo += [os.path.join(name, n) for n in os.listdir(path)]
        elif st.st_nlink > 1:
            inodes.setdefault((st.st_dev, st.st_ino), []).append(name)
    for names in inodes.values():
        for name in names:
            found[name]["links"] = sorted(names)
    return found


def main():
    p = argparse.ArgumentParser(usage=__doc__, add_help=False)
    p.add_argument("should")
    p.add_argument("is_")
    p.add_argument("--owner")
    p.add_argument("--ignore-owner", action="store_true")
    p.add_argument("--no-xattrs", action="store_true")
    p.add_argument("--skip", action="append", default=[])
    args = p.parse_args()

    should = read_tree(args.should, args, False)
    is_ = read_tree(args.is_, args, True)
    bad = 0
    for name in sorted(should.keys() | is_.keys()):
        if name not in is_:
            print(f"{name!r}: is not there")
        elif name not in should:
            print(f"{name!r}: should not be there")
        elif should[name] != is_[name]:
            for key in sorted(should[name].keys() | is_[name].keys()):
                a, b = should[name].get(key), is_[name].get(key)
                if a != b:
                    print(f"{name!r}: {key} should be {a}, is {b}")
        else:
            continue
        bad += 1
    print(f"{len(should)} entries compared, {bad} differ")
    return 1 if bad or not should else 0


if __name__ == "__main__":
    sys.exit(main())
