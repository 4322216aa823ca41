#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold a merged tree to the directory that another tool unpacked.

usage: compare_rootfs.py DIR <TREE            as peek_driver prints it
       compare_rootfs.py --json DIR <TREE     as ohcompose inspect --tree --json does

Paths, types, modes, owners (as root only: others cannot unpack them), sizes, times of regular files,
symlinks' targets, and which names are one file.  Prints what differs; status 1 when anything does.
"""

import base64
import json
import os
import stat
import sys

FIELDS = 9
TYPES = {
    "file": stat.S_IFREG,
    "directory": stat.S_IFDIR,
    "symlink": stat.S_IFLNK,
    "character": stat.S_IFCHR,
    "block": stat.S_IFBLK,
    "fifo": stat.S_IFIFO,
}


def ours(data):
    fields = data.split(b"\0")[:-1]
    tree, names = {}, {}
    for i in range(0, len(fields), FIELDS):
        path, mode, uid, gid, size, mtime, _, ident, link = fields[i : i + FIELDS]
        mode = int(mode, 8)
        tree[path] = entry(mode, int(uid), int(gid), int(size), int(mtime), link)
        if not stat.S_ISDIR(mode):
            names.setdefault(ident, set()).add(path)
    return tree, groups(names)


def name_of(o, key):
    if key + "Base64" in o:
        return base64.b64decode(o[key + "Base64"])
    return o.get(key, "").encode()


def ours_json(data):
    tree, names = {}, {}
    for o in json.loads(data)[1:]:
        path, mode = name_of(o, "path"), TYPES[o["type"]] | int(o["mode"], 8)
        link = name_of(o, "target")
        tree[path] = entry(mode, o["uid"], o["gid"], o.get("size", 0), o["mtime"], link)
        if not stat.S_ISDIR(mode):
            names.setdefault(o["inode"], set()).add(path)
    return tree, groups(names)


def theirs(root):
    tree, names = {}, {}
    for where, dirs, files in os.walk(os.fsencode(root)):
        for name in dirs + files:
            full = os.path.join(where, name)
            path = full[len(root) :]
            st = os.lstat(full)
            link = os.readlink(full) if stat.S_ISLNK(st.st_mode) else b""
            size = st.st_size if stat.S_ISREG(st.st_mode) else 0
            tree[path] = entry(st.st_mode, st.st_uid, st.st_gid, size, int(st.st_mtime), link)
            if not stat.S_ISDIR(st.st_mode):
                names.setdefault(st.st_ino, set()).add(path)
    return tree, groups(names)


def entry(mode, uid, gid, size, mtime, link):
    if not stat.S_ISREG(mode):
        mtime = 0
    if os.getuid() != 0:
        uid = gid = 0
    return ("%o" % mode, uid, gid, size, mtime, link)


def groups(names):
    return {frozenset(n) for n in names.values() if len(n) > 1}


def main():
    read = ours_json if sys.argv[1] == "--json" else ours
    root = sys.argv[-1].rstrip("/")
    a, links_a = read(sys.stdin.buffer.read())
    b, links_b = theirs(root)
    said = 0
    for path in sorted(a.keys() | b.keys()):
        if a.get(path) != b.get(path):
            print(f"{path!r}: {a.get(path)}, not {b.get(path)}")
            said += 1
    for group in links_a ^ links_b:
        print(f"hard links {'only here' if group in links_a else 'only there'}: {sorted(group)}")
        said += 1
    if not a and not said:
        print("nothing is there")
        said = 1
    return 1 if said else 0


sys.exit(main())
